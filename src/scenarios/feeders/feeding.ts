import { assert } from '../../kernel/assert.ts';
import type { Scenario } from '../schema.ts';
import { columnsOf, type FedField } from './fields.ts';
import type { Feeds } from './load-feeds.ts';
import { rowOrder } from './row-order.ts';

interface Source {
  readonly values: Float64Array;
  readonly rowOf: (iteration: number) => number;
}

/** Gives iterations what the journey takes from feeders. */
export class Feeding {
  readonly #sources: { [Field in FedField]?: Source } = {};

  /** `seed` and `vus` of the phase: virtual users over all nodes. */
  constructor(
    { journey, feeders }: Pick<Scenario, 'journey' | 'feeders'>,
    feeds: Feeds,
    { seed, vus }: { readonly seed: number; readonly vus: number },
  ) {
    for (const { field, feeder } of columnsOf(journey.options)) {
      const feed = feeds[feeder];
      const values = feed?.values[field];
      assert(feed !== undefined && values !== undefined, 'the rows of every feeder in use were read');
      const index = Object.keys(feeders).indexOf(feeder);
      const rowOf = rowOrder(feeders[feeder]!, { rows: feed.rows, vus, seed, index });
      this.#sources[field] = { values, rowOf };
    }
  }

  /** `undefined`: no feeder gives it. */
  value(field: FedField, iteration: number): number | undefined {
    const source = this.#sources[field];
    return source?.values[source.rowOf(iteration)];
  }
}

/** The feeder whose rows run out first, and end the load then; `undefined`: none does. */
export const firstExhausted = (
  feeders: Scenario['feeders'],
  feeds: Feeds,
): { readonly name: string; readonly rows: number } | undefined =>
  Object.entries(feeds)
    .filter(([name]) => feeders[name]!.whenExhausted === 'stop')
    .map(([name, { rows }]) => ({ name, rows }))
    .toSorted((a, b) => a.rows - b.rows)[0];
