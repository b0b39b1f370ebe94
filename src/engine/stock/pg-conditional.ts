import { z } from 'zod';
import { LEVELS, pgLevels } from './pg-levels.ts';
import { openPgStock, type PgUnits } from './pg-stock.ts';
import type { StockStrategy } from './port.ts';
import { KEY_RETRIES } from './retry.ts';

const take: PgUnits['take'] = async (query, { sku, units }) => {
  const { count } = await query({
    kind: 'update',
    table: LEVELS.name,
    set: { units: { add: -units } },
    where: [
      ['sku', '=', sku],
      ['units', '>=', units],
    ],
  });
  return count === 1 ? 'taken' : 'short';
};

export const pgConditional: StockStrategy<Record<string, never>> = {
  name: 'pg-conditional',
  summary: 'UPDATE … SET units = units - q WHERE units >= q: the database checks and takes in one statement',
  page: `One statement checks and takes: a row that another order is writing is waited for and then looked at again, so the check is always against the newest number. The idempotency key and the user's units change in the same transaction.

Breaks: nothing oversells. The hot row serialises its orders, from the statement to the commit; while they queue, each holds a connection of the pool.

Costs a transaction of four or more round trips and one commit on disk for each order; a hot SKU is bound by commits. Choose it when the stock must be in PostgreSQL: of the ways there the simplest and the shortest under the row lock.`,
  guarantees: { oversellSafe: 'always', idempotent: 'always', givesUp: false },
  uses: ['postgres'],
  options: z.strictObject({}),
  open: (_options, context) => openPgStock(context, pgLevels(context.postgres, take), KEY_RETRIES),
};
