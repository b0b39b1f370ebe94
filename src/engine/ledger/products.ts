import type { Postgres, Row } from '../../backends/ports.ts';
import type { Random } from '../../kernel/random.ts';
import type { ProductView, Sku } from '../types.ts';

const SEED_BATCH = 5_000;
const MIN_PRICE_CENTS = 100;
const MAX_PRICE_CENTS = 100_000;

/** Puts SKUs 0, 1, 2… on sale, each at a price drawn from `random`. Products that are there already stay. */
export const seedProducts = async (postgres: Postgres, skus: number, random: Random): Promise<void> => {
  for (let first = 0; first < skus; first += SEED_BATCH) {
    const batch = Array.from({ length: Math.min(SEED_BATCH, skus - first) }, (_, i) => first + i);
    await postgres.query({
      kind: 'insert',
      table: 'products',
      columns: {
        sku: batch,
        price_cents: batch.map(() => MIN_PRICE_CENTS + random.integer(MAX_PRICE_CENTS - MIN_PRICE_CENTS)),
        sold_out: batch.map(() => 0),
        version: batch.map(() => 1),
      },
      onConflict: 'ignore',
    });
  }
};

const VIEW_COLUMNS = ['price_cents', 'sold_out', 'version'];

const viewOf = (sku: Sku, row: Row | undefined): ProductView | undefined =>
  row && {
    sku,
    priceCents: row['price_cents'] as number,
    soldOut: row['sold_out'] === 1,
    version: row['version'] as number,
  };

/** `undefined`: there is no such product. */
export const loadProduct = async (postgres: Postgres, sku: Sku): Promise<ProductView | undefined> => {
  const { rows } = await postgres.query({
    kind: 'select',
    table: 'products',
    columns: VIEW_COLUMNS,
    where: [['sku', '=', sku]],
  });
  return viewOf(sku, rows[0]);
};

/** Gives the product as it is now; `undefined` when it was so already, or does not exist. */
export const setSoldOut = async (
  postgres: Postgres,
  sku: Sku,
  soldOut: boolean,
): Promise<ProductView | undefined> => {
  const { rows } = await postgres.query({
    kind: 'update',
    table: 'products',
    set: { sold_out: Number(soldOut), version: { add: 1 } },
    where: [
      ['sku', '=', sku],
      ['sold_out', '<>', Number(soldOut)],
    ],
    returning: VIEW_COLUMNS,
  });
  return viewOf(sku, rows[0]);
};

/** Puts all products back on sale, as a new run finds them. */
export const returnToSale = async (postgres: Postgres): Promise<void> => {
  await postgres.query({
    kind: 'update',
    table: 'products',
    set: { sold_out: 0, version: { add: 1 } },
    where: [['sold_out', '<>', 0]],
  });
};
