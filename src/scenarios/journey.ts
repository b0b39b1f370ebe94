import type { z } from 'zod';
import type { Target } from '../engine/types.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Catalogue } from './catalogue.ts';

/** One iteration of one virtual user, as a journey sees it. */
export interface Session {
  readonly target: Target;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  /** Belongs to (seed, iteration): the same whatever the number of workers. */
  readonly random: Random;
  /** Unique in the run, from 0: names this iteration's customer and its idempotency keys. */
  readonly iteration: number;
  /** False before the opening of a sale: customers look, and cannot order yet. */
  readonly isOpen: boolean;
  /** Aborts when the run stops at once; a journey ends its think time by it. */
  readonly signal: AbortSignal;
}

/** What a virtual user does in one iteration. */
export interface Journey<Options = unknown> {
  readonly name: string;
  readonly summary: string;
  /** Every option has a default and a description. */
  readonly options: z.ZodType<Options>;
  run(session: Session, options: Options): Promise<void>;
}
