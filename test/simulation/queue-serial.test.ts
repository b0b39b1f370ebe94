import { expect, test } from 'vitest';
import { BackendError } from '../../src/backends/ports.ts';
import { VirtualClock } from '../../src/backends/simulated/clock.ts';
import type { SimulatedBroker } from '../../src/backends/simulated/rabbitmq-client.ts';
import { queueSerial } from '../../src/engine/lock/queue-serial.ts';
import type { LockPort } from '../../src/engine/lock/port.ts';
import { namespaceOf } from '../../src/engine/namespace.ts';
import { sleep } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { connector } from '../../src/load/connect.ts';
import { Tally } from '../../src/contract/tally.ts';

const NODES = 3;
const TASKS = 5;
const ROUNDS = 6;
const SLOWEST_MS = 2;
const LONGEST_WORK_MS = 30;
const LONGEST_PEACE_MS = 80;
const LONGEST_OUTAGE_MS = 120;
const LIMIT_MS = 600_000;

/** Tasks of several nodes take two locks again and again, while the nodes are cut off from the broker, one or all. */
const storm = async (seed: number) => {
  const clock = new VirtualClock(1_700_000_000_000);
  const random = new SeededRandom(seed);
  const namespace = namespaceOf('storm');
  const connect = connector({}, namespace, random, { clock, latency: () => random.next() * SLOWEST_MS });
  const brokers: SimulatedBroker[] = [];
  const inside = new Set<string>();
  const outcomes = { released: 0, expired: 0, contended: 0, error: 0 };
  let overlaps = 0;

  const order = async (lock: LockPort) => {
    const skus = [[0], [1], [0, 1]][random.integer(3)]!;
    const keys = skus.map((sku) => namespace.key(`lock:${sku}`));
    const held = await lock.acquire({ keys, waitMs: 2_000 });
    if (held.kind === 'contended') return 'contended';
    if (keys.some((key) => inside.has(key))) overlaps += 1;
    for (const key of keys) inside.add(key);
    await sleep(clock, random.next() * LONGEST_WORK_MS);
    for (const key of keys) inside.delete(key);
    return held.release();
  };
  const outcomeOf = (lock: LockPort) =>
    order(lock).catch((error: unknown) => {
      if (!(error instanceof BackendError)) throw error;
      return 'error' as const;
    });
  const task = async (lock: LockPort) => {
    for (let round = 0; round < ROUNDS; round += 1) outcomes[await outcomeOf(lock)] += 1;
  };
  const openNode = async (node: number): Promise<LockPort> => {
    const backends = await connect();
    brokers.push(backends.broker as SimulatedBroker);
    const own = { clock, namespace, random: new SeededRandom(seed, node), telemetry: new Tally() };
    return queueSerial.open(queueSerial.options.parse({}), { ...backends, ...own, node, nodes: NODES });
  };
  const strike = () => {
    const struck = random.next() < 1 / 4 ? brokers : [brokers[random.integer(NODES)]!];
    for (const broker of struck) broker.lose(random.next() * LONGEST_OUTAGE_MS);
    clock.schedule(random.next() * LONGEST_PEACE_MS, strike);
  };

  let isOver = false;
  const run = async (node: number) => {
    const lock = await openNode(node);
    await Promise.all(Array.from({ length: TASKS }, () => task(lock)));
  };
  const running = Promise.all(Array.from({ length: NODES }, (_, node) => run(node))).finally(() => {
    isOver = true;
  });
  clock.schedule(LONGEST_PEACE_MS, strike);
  await clock.run(() => isOver || clock.now() > LIMIT_MS);
  if (isOver) await running;
  return { seed, isOver, overlaps, ...outcomes };
};

test('whoever is cut off from the broker, there is one holder at a time, and nobody waits for ever', async () => {
  const storms = [];
  for (let seed = 1; seed <= 20; seed += 1) storms.push(await storm(seed));
  expect(storms.filter(({ overlaps, isOver }) => overlaps > 0 || !isOver)).toEqual([]);
  for (const { seed, released, expired } of storms) {
    expect(released, `released in storm ${seed}`).toBeGreaterThan(0);
    expect(expired, `expired in storm ${seed}`).toBeGreaterThan(0);
  }
});
