import type { StockStrategy } from '../../engine/stock/port.ts';
import type { Space } from '../space.ts';
import { GuardedStock } from './guarded-stock.ts';

interface Shop {
  /** Of SKUs 0, 1, 2… */
  readonly units: readonly number[];
  readonly limitPerUser?: number;
  readonly nodes?: number;
}

/** The stocks of so many nodes on the same units. */
export const openStocks = async (
  strategy: StockStrategy,
  space: Space,
  { units, limitPerUser = 0, nodes = 1 }: Shop,
): Promise<readonly GuardedStock[]> => {
  await space.define();
  const settings = { skus: units.length, limitPerUser };
  const contexts = await Promise.all(Array.from({ length: nodes }, () => space.node()));
  const opened = contexts.map((context) => new GuardedStock(strategy, context, settings));
  await opened[0]!.bare.seed(units);
  return opened;
};

export const openStock = async (
  strategy: StockStrategy,
  space: Space,
  shop: Omit<Shop, 'nodes'>,
): Promise<GuardedStock> => (await openStocks(strategy, space, shop))[0]!;

/** How often there was each outcome. */
export const tallyOf = (outcomes: readonly { readonly kind: string }[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};
