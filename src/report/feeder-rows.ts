import { columnsOf } from '../scenarios/feeders/fields.ts';
import type { Feeds } from '../scenarios/feeders/load-feeds.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { formatNumberOf } from './figures.ts';

type Config = Scenario['feeders'][string];

const ORDERS = {
  sequential: 'one after another',
  random: 'at random',
  unique: 'each for one virtual user alone',
} as const;

/** What a run takes from its feeders, one line for each. */
export const feederRows = ({ feeders, journey }: Scenario, feeds: Feeds): readonly string[] =>
  Object.entries(feeders).map(([name, config]) => {
    if (!Object.hasOwn(feeds, name)) return `${name}: not used`;
    const feed = feeds[name]!;
    const fields = columnsOf(journey.options)
      .filter(({ feeder }) => feeder === name)
      .map(({ field }) => field);
    return `${name}: ${formatNumberOf(feed.rows, 'row')}${originOf(config)}, ${wayOf(config)}; for ${fields.join(', ')}`;
  });

const originOf = ({ source }: Config): string => (source.kind === 'rows' ? '' : ` of ${source.path}`);

const wayOf = ({ order, whenExhausted }: Config): string => {
  if (order === 'random') return ORDERS.random;
  return `${ORDERS[order]}, then ${whenExhausted === 'stop' ? 'the load ends' : 'again'}`;
};
