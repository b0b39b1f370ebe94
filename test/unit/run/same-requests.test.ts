import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import type { Target } from '../../../src/engine/types.ts';
import { sleep, type Clock } from '../../../src/kernel/clock.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { newRecorder } from '../../../src/load/node.ts';
import { startPhase } from '../../../src/load/phase.ts';
import { RecordingTarget } from '../../../src/load/recording-target.ts';
import { segmentsOf } from '../../../src/run/segments.ts';
import { loadFeeds } from '../../../src/scenarios/feeders/load-feeds.ts';
import { loadScenarios } from '../../../src/scenarios/load-file.ts';

/** Real services: a worker for each node. */
const SERVICES = { redis: 'redis://r', rabbitmq: 'amqp://r', postgres: 'postgresql://p' };

/** What a run asks of the shop, and when, whoever asks it. */
type Log = readonly string[];

/** A shop that takes its time, other times on other nodes, and writes down what it is asked. */
const slowShop = (log: string[], clock: Clock, chance: SeededRandom): Target => {
  const answer = async <T>(step: string, asked: unknown, given: T): Promise<T> => {
    log.push(`${step} ${JSON.stringify(asked)} at ${clock.now().toFixed(6)}`);
    await sleep(clock, chance.next() * 20);
    return given;
  };
  const carts = new Map<number, { sku: number; units: number }[]>();
  return {
    browse: (sku) => answer('browse', sku, { sku, priceCents: 1, soldOut: false, version: 1 }),
    addToCart(user, line) {
      carts.set(user, [...(carts.get(user) ?? []), line]);
      return answer('add', [user, line], undefined);
    },
    takeCart(user) {
      const lines = carts.get(user) ?? [];
      carts.delete(user);
      return answer('take', user, lines);
    },
    place: (order) => answer('place', order, { kind: 'accepted', orderId: order.key + 1, replayed: false }),
    pay: (order) => answer('pay', order, { kind: 'done' }),
    cancel: (order) => answer('cancel', order, { kind: 'done' }),
  };
};

const withoutTime = (line: string): string => line.replace(/ at [\d.]+$/, '');

/** Runs the load of a scenario, cut into segments as a real one is, one worker after the other in one virtual time. */
const timedRequestsOf = async (scenarioText: string, nodes: number, seed = 1): Promise<Log> => {
  const scenario = loadScenarios(
    'shop.yml',
    `scenarios:
  shop:
    catalog: { skus: 1000, stockPerSku: 1000, limitPerUser: 1, popularity: zipf }
    seed: ${seed}
    engine: { nodes: ${nodes} }
${scenarioText}`,
  ).scenarios['shop']!;
  const log: string[] = [];
  const clock = new VirtualClock(0);
  const startMs = 5;
  const segments = segmentsOf('run', { scenario, feeds: await loadFeeds(scenario) }, SERVICES);
  expect(segments).toHaveLength(nodes);
  const phases = segments.map((segment) => {
    const recorder = newRecorder();
    onTestFinished(() => recorder.destroy());
    const crew = segment.nodes.map((index) => {
      const shop = slowShop(log, clock, new SeededRandom(nodes, index));
      const target = new RecordingTarget(
        shop,
        (counter) => recorder.count(counter),
        () => {},
      );
      return { index, target, settle: async () => {}, close: async () => {} };
    });
    const { signal } = new AbortController();
    const stopped = () => false;
    return startPhase({ phase: 'load', ...segment, nodes: crew, clock, startMs, recorder, signal, stopped });
  });
  const ended = Promise.all(phases.map(({ done }) => done));
  await clock.run();
  await ended;
  return log.toSorted();
};

const requestsOf = async (...args: Parameters<typeof timedRequestsOf>): Promise<Log> =>
  (await timedRequestsOf(...args)).map(withoutTime).toSorted();

const CHECKOUT = '{ name: checkout, abandonShare: 0.3, thinkMs: 5, think: log-normal }';
const SALE = '{ name: flash-sale, readsPerOrder: 2, botShare: 0.3, thinkMs: 3 }';
const ROWS = Array.from({ length: 40 }, (_, index) => `{ id: ${5_000 + index}, item: ${index} }`).join(', ');

const feeder = (order: string, journey: string) =>
  `    journey: { name: ${journey}, user: people.id, sku: people.item }
    feeders: { people: { rows: [${ROWS}], order: ${order}, whenExhausted: recycle } }
`;

const COUNTED = '    load: { executor: per-vu-iterations, vus: 7, iterations: 6 }';
const SHARED = '    load: { executor: shared-iterations, vus: 7, iterations: 60 }';
const OPEN =
  '    load: { executor: constant-arrival-rate, rate: 200/s, duration: 300ms, arrivals: poisson, maxVus: 400 }';
const BURST = `    load:
      executor: burst
      rateBefore: 100/s
      opensAfter: 100ms
      peakRate: 400/s
      halfLife: 200ms
      duration: 300ms
      maxVus: 400`;

describe('the same seed', () => {
  it.each([
    ['a checkout by virtual users', `    journey: ${CHECKOUT}\n${COUNTED}`],
    ['a checkout of a pile of iterations', `    journey: ${CHECKOUT}\n${SHARED}`],
    ['a sale by virtual users', `    journey: ${SALE}\n${COUNTED}`],
    ['a sale of a pile of iterations', `    journey: ${SALE}\n${SHARED}`],
    ['a sale by Poisson arrivals', `    journey: ${SALE}\n${OPEN}`],
    ['a checkout in a burst', `    journey: ${CHECKOUT}\n${BURST}`],
    ['the same customer in all iterations', `    journey: { name: flash-sale, user: vu }\n${COUNTED}`],
    ['rows one after another', feeder('sequential', 'checkout') + SHARED],
    ['rows at random', feeder('random', 'flash-sale') + OPEN],
    ['rows of their own', feeder('unique', 'checkout') + COUNTED],
  ])('asks for the same on 1, 2 and 4 nodes: %s', async (_, scenario) => {
    const alone = await requestsOf(scenario, 1);
    expect(alone.length).toBeGreaterThan(60);
    expect(await requestsOf(scenario, 2)).toEqual(alone);
    expect(await requestsOf(scenario, 4)).toEqual(alone);
  });

  it('is told from another one', async () => {
    const scenario = `    journey: ${SALE}\n${COUNTED}`;
    expect(await requestsOf(scenario, 2, 2)).not.toEqual(await requestsOf(scenario, 2, 1));
  });
});

describe('arrivals', () => {
  // Whoever arrives orders at once: the times of the orders are those of the arrivals.
  const buyers = '    journey: { name: flash-sale, readsPerOrder: 0, botShare: 0.2 }\n';

  it.each([
    ['Poisson', OPEN],
    ['a burst', BURST.replace('rateBefore: 100/s', 'rateBefore: 0/s')],
  ])('come at the same times, with the same requests, on 1, 2 and 4 nodes: %s', async (_, load) => {
    const alone = await timedRequestsOf(buyers + load, 1);
    expect(new Set(alone.map((line) => line.split(' at ')[1])).size).toBeGreaterThan(40);
    expect(await timedRequestsOf(buyers + load, 2)).toEqual(alone);
    expect(await timedRequestsOf(buyers + load, 4)).toEqual(alone);
  });
});

describe('a feeder that stops the load', () => {
  const rows = `    journey: { name: flash-sale, botShare: 0, doubleClickShare: 0, readsPerOrder: 0, user: people.id }
    feeders: { people: { rows: [${ROWS}], order: unique } }
`;
  it.each([
    ['users', '    load: { executor: constant-vus, vus: 7, duration: 1m }'],
    ['arrivals', '    load: { executor: constant-arrival-rate, rate: 500/s, duration: 1m }'],
  ])('gives each of its rows once, on any number of nodes, and no more: %s', async (_, load) => {
    for (const nodes of [1, 2, 4]) {
      const orders = (await requestsOf(rows + load, nodes)).filter((line) => line.startsWith('place'));
      const users = orders.map((line) => Number(/"user":(\d+)/.exec(line)![1]));
      expect(users.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, row) => 5_000 + row));
    }
  });
});
