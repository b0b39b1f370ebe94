import { SeededRandom } from '../../kernel/random.ts';
import type { FeederConfig } from './config.ts';

/** Sets what feeders draw apart from what the customers draw. */
const FEEDERS_STREAM = -2_000;

interface Setting {
  readonly rows: number;
  /** Virtual users over all nodes. */
  readonly vus: number;
  readonly seed: number;
  /** Of the feeder among those of the scenario. */
  readonly index: number;
}

/**
 * The row of an iteration: a pure function of its number, so that the number of nodes changes nothing.
 * `unique` deals the rows out among the virtual users as a card player would: user v has rows v, v + vus, v + 2 vus …
 */
export const rowOrder = (
  { order }: Pick<FeederConfig, 'order'>,
  { rows, vus, seed, index }: Setting,
): ((iteration: number) => number) => {
  switch (order) {
    case 'sequential':
      return (iteration) => iteration % rows;
    case 'random': {
      const random = new SeededRandom();
      return (iteration) => {
        random.reseed(seed, FEEDERS_STREAM - index, iteration);
        return random.integer(rows);
      };
    }
    case 'unique':
      return (iteration) => {
        const vu = iteration % vus;
        const own = Math.ceil((rows - vu) / vus);
        return vu + (Math.floor(iteration / vus) % own) * vus;
      };
  }
};
