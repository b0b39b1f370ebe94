import { z } from 'zod';
import { LEVELS, pgLevels, readLevel } from './pg-levels.ts';
import { openPgStock, type PgUnits } from './pg-stock.ts';
import type { StockStrategy } from './port.ts';
import { RETRY_OPTIONS } from './retry.ts';

const options = z.strictObject(RETRY_OPTIONS);

const take: PgUnits['take'] = async (query, line) => {
  const { units, version } = await readLevel(query, line);
  if (units < line.units) return 'short';
  const { count } = await query({
    kind: 'update',
    table: LEVELS.name,
    set: { units: units - line.units, version: version + 1 },
    where: [
      ['sku', '=', line.sku],
      ['version', '=', version],
    ],
  });
  return count === 1 ? 'taken' : 'contended';
};

export const pgVersion: StockStrategy<z.infer<typeof options>> = {
  name: 'pg-version',
  summary: 'UPDATE … WHERE version = v: optimistic, tried again when another order came between',
  page: `Reads the units and the version of a row without a lock, decides in the application, and writes both anew on the condition that the version is still the same. Otherwise the transaction is rolled back and tried again after a pause with full jitter, maxRetries times at most. The idempotency key and the user's units are part of the transaction.

Breaks: on a hot SKU most attempts are in vain: a retry storm, of whole transactions. Who runs out of retries is turned away although units may be left. It never oversells.

Costs a transaction of five or more round trips for each attempt. Choose it where orders seldom meet on a SKU and the decision takes long, so that a row lock would be held for long.`,
  guarantees: { oversellSafe: 'always', idempotent: 'always', givesUp: true },
  uses: ['postgres'],
  options,
  open: (retries, context) => openPgStock(context, pgLevels(context.postgres, take), retries),
};
