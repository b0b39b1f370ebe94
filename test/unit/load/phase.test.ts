import { describe, expect, it, onTestFinished } from 'vitest';
import { BackendError } from '../../../src/backends/ports.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import type { OrderRequest, PlaceOutcome, Target } from '../../../src/engine/types.ts';
import { sleep, type Clock } from '../../../src/kernel/clock.ts';
import type { Pacer } from '../../../src/load/metronome.ts';
import { newRecorder } from '../../../src/load/node.ts';
import { startPhase } from '../../../src/load/phase.ts';
import type { Phase } from '../../../src/load/protocol.ts';
import { RecordingTarget } from '../../../src/load/recording-target.ts';
import type { LoadConfig } from '../../../src/scenarios/executors/index.ts';
import { generatorSchema } from '../../../src/scenarios/generator.ts';
import type { Scenario } from '../../../src/scenarios/schema.ts';
import { deferred, never, shopThat } from './shop.ts';

const choice = (name: string, options = {}) => ({ name, options });

const LOAD: LoadConfig = {
  executor: 'constant-vus',
  vus: 2,
  durationMs: 100,
  warmupMs: 60,
  gracefulStopMs: 500,
};

const scenarioOf = (load: LoadConfig, nodes: number, seed: number): Scenario => ({
  name: 'shop',
  description: '',
  journey: choice('flash-sale', { readsPerOrder: 0, doubleClickShare: 0, botShare: 0 }),
  catalog: { skus: 1_000, stockPerSku: 10, limitPerUser: 1, popularity: { kind: 'uniform' } },
  engine: {
    nodes,
    lock: choice('none'),
    stock: choice('lua'),
    cache: choice('none'),
    queue: choice('direct'),
    lockWaitMs: 100,
  },
  load,
  feeders: {},
  steps: { byNode: false, maxSeries: 64 },
  generator: generatorSchema.parse({}),
  thresholds: [],
  seed,
});

interface Setting {
  readonly phase?: Phase;
  readonly load?: Partial<LoadConfig>;
  readonly nodes?: number;
  readonly seed?: number;
  readonly startMs?: number;
  readonly openPacer?: (clock: Clock) => Pacer;
  readonly stopAtMs?: number;
  readonly killAtMs?: number;
}

/** Starts a phase against a shop; `settle` lets all of its time pass. */
const begin = (shopAt: (clock: Clock) => Target, setting: Setting = {}) => {
  const { phase = 'load', nodes = 1, seed = 1, startMs = 0, stopAtMs = Infinity, killAtMs } = setting;
  const clock = new VirtualClock(0);
  const recorder = newRecorder();
  onTestFinished(() => recorder.destroy());
  const shop = shopAt(clock);
  const kill = new AbortController();
  if (killAtMs !== undefined) clock.schedule(killAtMs, () => kill.abort());
  const crew = Array.from({ length: nodes }, (_, index) => ({
    index,
    target: new RecordingTarget(
      shop,
      (counter) => recorder.count(counter),
      () => {},
    ),
    settle: async () => {},
    close: async () => {},
  }));
  const running = startPhase({
    phase,
    scenario: scenarioOf({ ...LOAD, ...setting.load } as LoadConfig, nodes, seed),
    feeds: {},
    nodes: crew,
    clock,
    startMs,
    recorder,
    ...(setting.openPacer && { openPacer: () => setting.openPacer!(clock) }),
    stopped: () => clock.now() >= stopAtMs,
    signal: kill.signal,
  });
  const ended = running.done.then(
    () => ({ atMs: clock.now(), error: undefined }),
    (error: unknown) => ({ atMs: clock.now(), error }),
  );
  const counters = () => recorder.total().counters;
  return {
    running,
    clock,
    crew,
    counters,
    async settle() {
      await clock.run();
      return ended;
    },
  };
};

/** A shop that takes its time, and keeps what it was asked. */
const slowShop =
  (placeMs: number, orders: OrderRequest[] = []) =>
  (clock: Clock) =>
    shopThat({
      async place(order) {
        orders.push(order);
        await sleep(clock, placeMs);
        return { kind: 'accepted', orderId: order.key + 1, replayed: false };
      },
    });

const ordersOf = async (setting: Setting): Promise<readonly OrderRequest[]> => {
  const orders: OrderRequest[] = [];
  await begin(slowShop(10, orders), setting).settle();
  return orders.toSorted((a, b) => a.key - b.key);
};

describe('a phase', () => {
  it('starts when all workers start, runs for its time, and leaves nothing scheduled', async () => {
    const phase = begin(slowShop(10), { startMs: 50, nodes: 2 });
    const { atMs, error } = await phase.settle();
    expect([atMs, error, phase.running.inFlight()]).toEqual([150, undefined, 0]);
    expect(phase.clock.now()).toBe(150);
    expect(phase.counters()).toMatchObject({ 'iterations.completed': 20, 'orders.accepted': 20 });
  });

  it('waits for what is under way at its end', async () => {
    const phase = begin(slowShop(450));
    expect(await phase.settle()).toEqual({ atMs: 450, error: undefined });
    expect(phase.counters()).toMatchObject({ 'iterations.completed': 2, 'orders.unknown': 0 });
  });

  it('gives up what hangs, when the grace period is over', async () => {
    const phase = begin(() => shopThat({ place: never }));
    const { atMs } = await phase.settle();
    expect(atMs).toBeGreaterThanOrEqual(600);
    expect(atMs).toBeLessThanOrEqual(700);
    expect(phase.running.inFlight()).toBe(2);
    phase.crew[0]!.target.giveUp();
    expect(phase.counters()).toMatchObject({
      'iterations.completed': 0,
      'orders.attempted': 2,
      'orders.unknown': 2,
    });
  });

  it('records nothing of what was given up and ends later', async () => {
    const answer = deferred<PlaceOutcome>();
    const phase = begin(() => shopThat({ place: () => answer.promise }));
    await phase.settle();
    for (const { target } of phase.crew) target.giveUp();
    const before = phase.counters();
    answer.resolve({ kind: 'accepted', orderId: 1, replayed: false });
    await phase.clock.run();
    expect(phase.running.inFlight()).toBe(0);
    expect(phase.counters()).toEqual(before);
  });

  it('counts the grace period from a stop that comes early', async () => {
    const hanging = begin(() => shopThat({ place: never }), { load: { durationMs: 100_000 }, stopAtMs: 200 });
    const { atMs } = await hanging.settle();
    expect(atMs).toBeGreaterThanOrEqual(700);
    expect(atMs).toBeLessThanOrEqual(800);
    const obedient = begin(slowShop(30), { load: { durationMs: 100_000 }, stopAtMs: 200 });
    expect((await obedient.settle()).atMs).toBe(210);
  });

  it('waits for nothing when it is stopped at once, not even for its start', async () => {
    const hanging = begin(() => shopThat({ place: never }), { killAtMs: 35 });
    expect((await hanging.settle()).atMs).toBe(35);
    const early = begin(slowShop(10), { startMs: 1_000, killAtMs: 20, stopAtMs: 20 });
    expect((await early.settle()).atMs).toBe(20);
    expect(early.counters()['orders.attempted']).toBe(0);
  });

  it('ends at once with the defect that broke it', async () => {
    const defect = new TypeError('a defect');
    for (const load of [
      LOAD,
      { executor: 'constant-arrival-rate', rate: 100, arrivals: 'uniform', maxVus: 50 } as const,
    ]) {
      let orders = 0;
      const shop = shopThat({
        place: () => {
          orders += 1;
          return orders === 2 ? Promise.reject(defect) : never();
        },
      });
      const phase = begin(() => shop, { load: { ...load, durationMs: 60_000 } as LoadConfig });
      const { atMs, error } = await phase.settle();
      expect(error).toBe(defect);
      expect(atMs).toBeLessThanOrEqual(10);
    }
  });

  it('goes on when a resource fails', async () => {
    const phase = begin((clock) =>
      shopThat({
        async place() {
          await sleep(clock, 10);
          throw new BackendError('redis', 'none', 'gone');
        },
      }),
    );
    expect(await phase.settle()).toEqual({ atMs: 100, error: undefined });
    expect(phase.counters()).toMatchObject({ 'iterations.failed': 20, 'iterations.completed': 0 });
  });

  it('counts arrivals that find no virtual user', async () => {
    const load: LoadConfig = {
      ...LOAD,
      executor: 'constant-arrival-rate',
      rate: 100,
      durationMs: 100,
      arrivals: 'uniform',
      maxVus: 1,
    };
    const phase = begin(slowShop(1_000), { load: { ...load, gracefulStopMs: 2_000 } });
    await phase.settle();
    expect(phase.counters()).toMatchObject({ 'iterations.completed': 1, 'iterations.dropped': 9 });
  });
});

describe('an open load', () => {
  const OPEN = { executor: 'constant-arrival-rate', rate: 100, arrivals: 'uniform', maxVus: 50 } as const;

  it('waits by its pacer, which is closed at the end; a closed load has none', async () => {
    const log: string[] = [];
    const openPacer = (clock: Clock): Pacer => {
      log.push('open');
      return {
        async pause(delayMs) {
          log.push('pause');
          await sleep(clock, delayMs);
        },
        async close() {
          log.push('close');
        },
      };
    };
    await begin(slowShop(10), { openPacer }).settle();
    expect(log).toEqual([]);
    await begin(slowShop(10), { load: OPEN, openPacer }).settle();
    expect(log).toEqual(['open', ...Array(9).fill('pause'), 'close']);
    const broken = begin(() => shopThat({ place: () => Promise.reject(new TypeError('a defect')) }), {
      load: OPEN,
      openPacer,
    });
    await broken.settle();
    expect(log.at(-1)).toBe('close');
  });

  it('of a burst takes no order before the opening, and the warm-up is open', async () => {
    const load = {
      ...OPEN,
      executor: 'burst',
      rateBefore: 100,
      opensAfterMs: 50,
      peakRate: 100,
      halfLifeMs: 86_400_000,
    } as const;
    expect((await ordersOf({ load })).map(({ key }) => key / 16)).toEqual([5, 6, 7, 8, 9]);
    expect(await ordersOf({ load, phase: 'warm-up' })).toHaveLength(6);
  });
});

describe('the warm-up', () => {
  const named = { load: { iterations: 6 } };

  it('is the same load for its own time, without the bound of iterations', async () => {
    expect(await ordersOf({ ...named, phase: 'load' })).toHaveLength(6);
    const phase = begin(slowShop(10), { ...named, phase: 'warm-up' });
    expect((await phase.settle()).atMs).toBe(60);
    expect(phase.counters()).toMatchObject({ 'iterations.completed': 12 });
    const load: LoadConfig = {
      ...LOAD,
      executor: 'constant-arrival-rate',
      rate: 100,
      durationMs: 9_999,
      arrivals: 'uniform',
      maxVus: 50,
    };
    expect(await ordersOf({ phase: 'warm-up', load })).toHaveLength(6);
  });

  it('does not rehearse the requests of the load, which are the same for the same seed', async () => {
    const load = await ordersOf({ phase: 'load' });
    expect(load.length).toBe(20);
    expect(await ordersOf({ phase: 'load', nodes: 2 })).toEqual(load);
    const skusOf = (orders: readonly OrderRequest[]) => orders.slice(0, 12).map(({ lines }) => lines[0]!.sku);
    expect(skusOf(await ordersOf({ phase: 'warm-up' }))).not.toEqual(skusOf(load));
    expect(skusOf(await ordersOf({ phase: 'load', seed: 5 }))).not.toEqual(skusOf(load));
  });
});
