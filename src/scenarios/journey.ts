import type { z } from 'zod';
import type { Target } from '../engine/types.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Catalogue } from './catalogue.ts';
import type { FedField } from './feeders/fields.ts';
import type { Step } from './steps.ts';

/** One iteration of one virtual user, as a journey sees it. */
export interface Session {
  readonly target: Target;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  /** Belongs to (seed, iteration): the same whatever the number of workers. */
  readonly random: Random;
  /** Unique in the run, from 0: names the idempotency keys of this iteration. */
  readonly iteration: number;
  /** The virtual user, over all nodes, from 0: iterations are dealt out among them in turn. */
  readonly vu: number;
  /** What a feeder gives this iteration; `undefined` where none does. */
  fed(field: FedField): number | undefined;
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
  /** What it may ask of the shop. */
  readonly steps: readonly Step[];
  run(session: Session, options: Options): Promise<void>;
}
