import type { z } from 'zod';
import type { VuLevels } from './levels.ts';
import type { RateCurve } from './rate-curve.ts';

/** A load model: a pure value that checks its fields, says in words what it does, and plans it. */
export interface Executor<Schema extends z.ZodType<object> = z.ZodType<object>> {
  /** Of its block in a scenarios file; gives the configuration. */
  readonly schema: Schema;
  /** The names of its fields, as a file has them. */
  readonly fields: readonly string[];
  /** In a few words, for lists and plans: `400/s for 10.0s`. */
  describe(config: z.output<Schema>): string;
  plan(config: z.output<Schema>): LoadPlan;
}

/** What a load model asks for, as data that is drawn and run the same way. */
export type LoadPlan = ArrivalPlan | UserPlan;

/** The open model: customers arrive by the curve, whether or not others still wait. */
export interface ArrivalPlan {
  readonly kind: 'arrivals';
  readonly curve: RateCurve;
  readonly spacing: Spacing;
  /** Customers who arrive before it cannot order yet. */
  readonly opensAfterMs: number;
  /** Arrivals in all; Infinity: as many as the curve brings. */
  readonly iterations: number;
  /** Iterations under way at once; an arrival beyond it is dropped and counted. */
  readonly maxVus: number;
}

/** `uniform`: as even as the curve; `poisson`: independent of each other, as strangers come. */
export const SPACINGS = ['uniform', 'poisson'] as const;
export type Spacing = (typeof SPACINGS)[number];

/** The closed model: virtual users that start again when they are done. */
export interface UserPlan {
  readonly kind: 'users';
  readonly levels: VuLevels;
  /** Of all virtual users together; Infinity: until the time is over. */
  readonly iterations: number;
  /** `in-turn`: every user does as many iterations as the others; `first-come`: the quick ones do more. */
  readonly deal: 'in-turn' | 'first-come';
}
