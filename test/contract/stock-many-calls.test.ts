import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackendError, type Redis } from '../../src/backends/ports.ts';
import { composeEngine } from '../../src/engine/compose.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import { openRunSpace } from '../../src/engine/run-space.ts';
import type { StockPort } from '../../src/engine/stock/port.ts';
import type { EngineContext } from '../../src/engine/strategy.ts';
import { hastyClock } from '../support/clocks.ts';
import { replacing } from '../../src/contract/faults.ts';
import { optionsOf } from '../../src/contract/options.ts';
import { linesOf, placedOrder } from '../../src/contract/orders.ts';
import { WORLDS, type Space } from '../support/worlds.ts';

const lost = () => new BackendError('redis', 'unknown', 'the answer was lost');
const refused = () => new BackendError('redis', 'none', 'refused');

describe.each(WORLDS)('stocks that make several calls of an order or one of several, $world', ({ open }) => {
  let space: Space;

  const stockOf = async (
    name: string,
    options: Record<string, unknown>,
    {
      limitPerUser = 0,
      skus = 1,
      changes = () => ({}),
    }: {
      limitPerUser?: number;
      skus?: number;
      changes?: (redis: Redis) => Partial<EngineContext>;
    } = {},
  ): Promise<StockPort> => {
    const node = await space.node();
    const strategy = REGISTRY.stock[name]!;
    return strategy.open(optionsOf(strategy, options), {
      ...node,
      ...changes(node.redis),
      settings: { skus, limitPerUser },
    });
  };

  /** Puts `fault` before or after the scripts of a name. */
  const around =
    (script: string, around: (run: () => ReturnType<Redis['run']>) => ReturnType<Redis['run']>) =>
    (redis: Redis): Partial<EngineContext> => ({
      redis: replacing(redis, {
        run: (asked, keys, args) => {
          const run = () => redis.run(asked, keys, args);
          return asked.name === script ? around(run) : run();
        },
      }),
    });

  /** Every key of the run. */
  const keysOfRun = async (): Promise<string[]> => {
    const { redis } = await space.node();
    const found: string[] = [];
    let cursor = '0';
    do {
      const reply = await redis.call('SCAN', cursor, 'MATCH', space.namespace.keyPattern, 'COUNT', 1_000);
      const [next, keys] = reply as [string, string[]];
      found.push(...keys);
      cursor = next;
    } while (cursor !== '0');
    return found;
  };

  beforeEach(async () => {
    space = await open();
    await space.define();
  });
  afterEach(() => space.close());

  describe('combining', () => {
    test('sends what comes while a call is under way together, in bounded batches', async () => {
      let calls = 0;
      const counted = around('reserve-all', (run) => {
        calls += 1;
        return run();
      });
      const stock = await stockOf('combining', { maxBatch: 30, maxCalls: 1 }, { changes: counted });
      await stock.seed([100]);
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, i) => stock.reserve(placedOrder(i + 1))),
      );
      expect(outcomes.every(({ kind }) => kind === 'reserved')).toBe(true);
      // The first leaves alone, and 99 others wait for it.
      expect(calls).toBe(1 + 4);
      expect(await stock.levels()).toEqual([0]);
    });

    test('gives each order of a batch its own answer', async () => {
      const stock = await stockOf('combining', {}, { limitPerUser: 2, skus: 2 });
      await stock.seed([4, 1]);
      const [, ...answers] = await Promise.all([
        stock.reserve(placedOrder(1)),
        stock.reserve(placedOrder(2, { user: 7, lines: linesOf(2, 1) })),
        stock.reserve(placedOrder(3, { user: 7 })),
        stock.reserve({ ...placedOrder(1), orderId: 4 }),
        stock.reserve(placedOrder(5, { lines: linesOf(1, 1) })),
        stock.reserve(placedOrder(6)),
        stock.reserve(placedOrder(7)),
      ]);
      expect(answers).toEqual([
        { kind: 'reserved' },
        { kind: 'limit-reached', sku: 0 },
        { kind: 'duplicate', orderId: 1 },
        { kind: 'sold-out', sku: 1 },
        { kind: 'reserved' },
        { kind: 'sold-out', sku: 0 },
      ]);
      expect(await stock.levels()).toEqual([0, 0]);
    });

    test('leaves a whole batch without an answer when it is lost; asked again, they are the same orders', async () => {
      let faulty = true;
      const losing = around('reserve-all', async (run) => {
        const reply = await run();
        if (faulty) throw lost();
        return reply;
      });
      const stock = await stockOf('combining', {}, { changes: losing });
      await stock.seed([10]);
      const orders = [1, 2, 3].map((orderId) => placedOrder(orderId));
      const outcomes = await Promise.allSettled(orders.map((order) => stock.reserve(order)));
      expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
      faulty = false;
      const again = await Promise.all(orders.map((order) => stock.reserve({ ...order, orderId: 9 })));
      expect(again).toEqual([1, 2, 3].map((orderId) => ({ kind: 'duplicate', orderId })));
      expect(await stock.levels()).toEqual([7]);
    });
  });

  describe('sharded', () => {
    const slots = (keys: readonly string[]) => new Set(keys.map((key) => /\{(.+?)\}/.exec(key)![1]));

    test('keeps each bucket in a slot of its own, with all that belongs to it', async () => {
      const stock = await stockOf('sharded', { buckets: 4 }, { limitPerUser: 2 });
      await stock.seed([100]);
      expect(slots(await keysOfRun()).size).toBe(4);
      await Promise.all(Array.from({ length: 40 }, (_, i) => stock.reserve(placedOrder(i + 1))));
      const keys = await keysOfRun();
      expect(keys).toHaveLength(4 * 3);
      expect(slots(keys).size).toBe(4);
    });

    test('gathers what no bucket has alone, and gives it back when there is not enough', async () => {
      const stock = await stockOf('sharded', { buckets: 8 }, { skus: 2 });
      await stock.seed([8, 3]);
      expect(await stock.reserve(placedOrder(1, { lines: linesOf(5) }))).toEqual({ kind: 'reserved' });
      expect(await stock.reserve(placedOrder(2, { lines: linesOf(4) }))).toEqual({
        kind: 'sold-out',
        sku: 0,
      });
      expect(await stock.reserve(placedOrder(3, { lines: linesOf(3, 4) }))).toEqual({
        kind: 'sold-out',
        sku: 1,
      });
      expect(await stock.levels()).toEqual([3, 3]);
      expect(await stock.reserve(placedOrder(3, { lines: linesOf(3, 3) }))).toEqual({ kind: 'reserved' });
      expect(await stock.restore(placedOrder(1, { lines: linesOf(5) }), 'cancelled')).toBe('restored');
      expect(await stock.levels()).toEqual([5, 0]);
    });

    test('lets a repetition wait for the order that is gathering, not promise it', async () => {
      const order = placedOrder(1, { lines: linesOf(5) });
      const again = { ...order, orderId: 2 };
      const second = await stockOf('sharded', { buckets: 8 }, { changes: () => ({ clock: hastyClock }) });
      const meanwhile: unknown[] = [];
      const paused = around('take-some-from-bucket', async (run) => {
        if (meanwhile.length === 0) meanwhile.push(await second.reserve(again));
        return run();
      });
      const first = await stockOf('sharded', { buckets: 8 }, { changes: paused });
      await first.seed([8]);
      expect(await first.reserve(order)).toEqual({ kind: 'reserved' });
      expect(meanwhile).toEqual([{ kind: 'conflict' }]);
      expect(await second.reserve(again)).toEqual({ kind: 'duplicate', orderId: 1 });
      expect(await second.levels()).toEqual([3]);
    });

    test('gives all back when a bucket fails for certain', async () => {
      let faulty = true;
      const failing = around('take-some-from-bucket', (run) => (faulty ? Promise.reject(refused()) : run()));
      const stock = await stockOf('sharded', { buckets: 8 }, { limitPerUser: 5, changes: failing });
      const order = placedOrder(1, { lines: linesOf(5) });
      await stock.seed([8]);
      await expect(stock.reserve(order)).rejects.toMatchObject({ effect: 'none' });
      expect(await stock.levels()).toEqual([8]);
      faulty = false;
      expect(await stock.reserve(order)).toEqual({ kind: 'reserved' });
    });

    test('says that it does not know when it could not give back', async () => {
      const failing = (redis: Redis): Partial<EngineContext> => ({
        redis: replacing(redis, {
          run: (script, keys, args) =>
            script.name === 'take-some-from-bucket'
              ? Promise.reject(refused())
              : redis.run(script, keys, args),
          call: (command, ...args) =>
            command === 'INCRBY' ? Promise.reject(refused()) : redis.call(command, ...args),
        }),
      });
      const stock = await stockOf('sharded', { buckets: 8 }, { changes: failing });
      await stock.seed([8]);
      await expect(stock.reserve(placedOrder(1, { lines: linesOf(5) }))).rejects.toMatchObject({
        effect: 'unknown',
      });
    });
  });

  test.each(Object.keys(REGISTRY.stock))("a run's reset and removal know all of %s", async (name) => {
    const node = await space.node();
    const chosen = (strategy: string) => ({ name: strategy, options: {} });
    const engine = composeEngine(
      {
        lock: chosen('none'),
        stock: chosen(name),
        cache: chosen('none'),
        queue: chosen('direct'),
        lockWaitMs: 0,
        catalogue: { skus: 2, limitPerUser: 2 },
      },
      node,
    );
    const { namespace, random } = node;
    const run = openRunSpace({ ...engine, backends: node, namespace, unitsBySku: [9, 3], random });
    const order = placedOrder(1, { lines: linesOf(2, 2) });
    await run.prepare();
    for (let round = 0; round < 2; round += 1) {
      expect(await engine.stock.reserve(order, undefined)).toEqual({ kind: 'reserved' });
      expect(await run.levels()).toEqual([7, 1]);
      await run.reset();
      expect(await run.levels()).toEqual([9, 3]);
    }
    await run.remove();
    expect(await keysOfRun()).toEqual([]);
  });
});
