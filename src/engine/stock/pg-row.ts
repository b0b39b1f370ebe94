import { z } from 'zod';
import { addUnits, pgLevels, readLevel } from './pg-levels.ts';
import { openPgStock, type PgUnits } from './pg-stock.ts';
import type { StockStrategy } from './port.ts';
import { KEY_RETRIES } from './retry.ts';

const take: PgUnits['take'] = async (query, line) => {
  const { units } = await readLevel(query, line, 'update');
  if (units < line.units) return 'short';
  await addUnits(query, line.sku, -line.units);
  return 'taken';
};

export const pgRow: StockStrategy<Record<string, never>> = {
  name: 'pg-row',
  summary: 'SELECT … FOR UPDATE, check, UPDATE: the row lock keeps the others out',
  page: `In one transaction an order claims its idempotency key, locks the row of each of its SKUs, checks in the application, and writes; the user's units are counted in the same transaction. SKUs are locked in ascending order, so that two orders cannot deadlock.

Breaks: the row is locked for three round trips and a commit, and everybody who wants the SKU waits in a convoy, each with a connection of the pool. A crowd on one SKU takes the connections from all others.

Costs a transaction of five or more round trips, and one also for who comes too late. Choose it when the decision cannot be one statement and the stock must be in the database; \`pg-conditional\` holds the row for less.`,
  guarantees: { oversellSafe: 'always', idempotent: 'always', givesUp: false },
  uses: ['postgres'],
  options: z.strictObject({}),
  open: (_options, context) => openPgStock(context, pgLevels(context.postgres, take), KEY_RETRIES),
};
