import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { placedOrder } from '../../src/contract/orders.ts';
import { openStocks, tallyOf } from '../../src/contract/stock/open.ts';
import { STOCK_PROPERTIES } from '../../src/contract/stock.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import { judgedOf, RACES, WORLDS, type Space } from '../support/worlds.ts';

const STOCKS = Object.values(REGISTRY.stock);
const UNSAFE_ALONE = STOCKS.filter(({ guarantees }) => guarantees.oversellSafe !== 'always');

describe.each(RACES)('stocks, $world', (races) => {
  describe.each(STOCKS)('$name', (strategy) => {
    test.each(judgedOf(STOCK_PROPERTIES, strategy, races))('$name', async ({ judgement }) => {
      expect(await judgement()).toEqual({ kind: 'held' });
    });
  });
});

describe.each(WORLDS)('stocks that nothing guards, $world', ({ open }) => {
  let space: Space;

  beforeEach(async () => {
    space = await open();
  });
  afterEach(() => space.close());

  test.each(UNSAFE_ALONE)('$name oversells', async (strategy) => {
    const nodes = await openStocks(strategy, space, { units: [50], nodes: 2 });
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, i) => nodes[i % 2]!.bare.reserve(placedOrder(i + 1), undefined)),
    );
    expect(tallyOf(outcomes)['reserved']).toBeGreaterThan(50);
  });
});
