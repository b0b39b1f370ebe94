import { expect, test } from 'vitest';
import { BackendError, type Redis, type RedisReply } from '../../src/backends/ports.ts';
import { VirtualClock } from '../../src/backends/simulated/clock.ts';
import { redlock } from '../../src/engine/lock/redlock.ts';
import { namespaceOf } from '../../src/engine/namespace.ts';
import { sleep } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { connector } from '../../src/load/connect.ts';
import { replacing } from '../../src/contract/faults.ts';
import { Tally } from '../../src/contract/tally.ts';

const NODES = 3;
const TASKS = 4;
const ROUNDS = 3;
const MASTERS = 5;
const SLOWEST_MS = 4;
const WORK_MS = 5;

/** A master that loses one request in eight before it arrives, and one answer in eight. */
const flaky = (master: Redis, random: SeededRandom): Redis => {
  const lossy = async (request: () => Promise<RedisReply>): Promise<RedisReply> => {
    if (random.next() < 1 / 8) throw new BackendError('redis', 'none', 'lost on its way');
    const reply = await request();
    if (random.next() < 1 / 8) throw new BackendError('redis', 'unknown', 'its answer was lost');
    return reply;
  };
  return replacing(master, {
    call: (command, ...args) => lossy(() => master.call(command, ...args)),
    run: (script, keys, args) => lossy(() => master.run(script, keys, args)),
  });
};

/** Tasks of several nodes take one lock again and again. Gives how many had it, and how often two had it at once. */
const race = async (seed: number) => {
  const clock = new VirtualClock(1_700_000_000_000);
  const random = new SeededRandom(seed);
  const namespace = namespaceOf('race');
  const connect = connector(
    { lockMasters: Array.from({ length: MASTERS }, () => undefined) },
    namespace,
    random,
    { clock, latency: () => random.next() * SLOWEST_MS },
  );
  const keys = [namespace.key('lock:0')];
  let [acquired, errors, inside, overlaps] = [0, 0, 0, 0];

  const task = async (lock: ReturnType<typeof redlock.open>) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const held = await lock.acquire({ keys, waitMs: 60_000 }).catch((error: unknown) => {
        if (!(error instanceof BackendError)) throw error;
        errors += 1;
        return undefined;
      });
      if (held?.kind !== 'held') continue;
      acquired += 1;
      inside += 1;
      if (inside > 1) overlaps += 1;
      await sleep(clock, Math.min(WORK_MS, held.validForMs));
      inside -= 1;
      await held.release().catch(() => 'expired');
    }
  };
  const node = async (index: number) => {
    const backends = await connect();
    const lock = redlock.open(redlock.options.parse({ ttlMs: 200, masterTimeoutMs: 20 }), {
      ...backends,
      lockMasters: backends.lockMasters.map((master) => flaky(master, random)),
      namespace,
      clock,
      random: new SeededRandom(seed, index),
      telemetry: new Tally(),
      node: index,
      nodes: NODES,
    });
    await Promise.all(Array.from({ length: TASKS }, () => task(lock)));
  };
  let ended = false;
  const running = Promise.all(Array.from({ length: NODES }, (_, index) => node(index))).finally(() => {
    ended = true;
  });
  await clock.run(() => ended);
  await running;
  return { acquired, errors, overlaps };
};

test('whatever way requests and answers are lost and votes are split, there is one holder at a time', async () => {
  const races = [];
  for (let seed = 1; seed <= 12; seed += 1) races.push(await race(seed));
  expect(races.filter(({ overlaps }) => overlaps > 0)).toEqual([]);
  for (const { acquired, errors } of races) {
    expect(acquired + errors).toBe(NODES * TASKS * ROUNDS);
    expect(acquired).toBeGreaterThan(0);
  }
});
