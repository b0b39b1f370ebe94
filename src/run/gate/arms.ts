import type { Gated } from '../../report/gate/gated.ts';
import type { GateRound } from '../../report/gate/model.ts';

/** One of the sides of a gate. */
export interface Arm {
  readonly name: GateRound['arm'];
  /** Runs one round in a fresh namespace. `round` counts from 0; all that runs in it has the same seed. */
  measure(round: number): Promise<Gated>;
}
