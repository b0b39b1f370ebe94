import { describe, expect, it } from 'vitest';
import { BackendError } from '../../../src/backends/ports.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { sleep } from '../../../src/kernel/clock.ts';
import { VirtualUsers } from '../../../src/load/virtual-user.ts';
import { createCatalogue } from '../../../src/scenarios/catalogue.ts';
import { Feeding } from '../../../src/scenarios/feeders/feeding.ts';
import type { Session } from '../../../src/scenarios/journey.ts';
import { shopThat } from './shop.ts';

const catalogue = createCatalogue({ skus: 10, limitPerUser: 1, popularity: { kind: 'uniform' } });

const usersThat = (journey: (session: Session) => Promise<void>, seed = 1) => {
  const clock = new VirtualClock(0);
  const stop = new AbortController();
  const records: [string, number][] = [];
  const counts: string[] = [];
  const defects: unknown[] = [];
  const users = new VirtualUsers({
    target: shopThat(),
    catalogue,
    clock,
    seed,
    vus: 10,
    feeding: new Feeding({ journey: { name: '', options: {} }, feeders: {} }, {}, { seed, vus: 10 }),
    opensAtMs: 100,
    signal: stop.signal,
    recorder: {
      record: (metric, micros) => void records.push([metric, micros]),
      count: (counter) => void counts.push(counter),
    },
    journey,
    onDefect: (error) => void defects.push(error),
  });
  return { users, clock, stop, records, counts, defects };
};

describe('an iteration', () => {
  it('is measured from its start, and in an open model from its intended start too', async () => {
    const { users, clock, records, counts } = usersThat(async ({ clock }) => void (await sleep(clock, 40)));
    const closed = users.iterate(0, undefined);
    await clock.run();
    await closed;
    expect(records.splice(0)).toEqual([['iteration.service', 40_000]]);
    const open = users.iterate(1, 15);
    await clock.run();
    await open;
    expect(records).toEqual([
      ['iteration.service', 40_000],
      ['iteration.response', 65_000],
      ['schedule.lag', 25_000],
    ]);
    expect(counts).toEqual(['iterations.completed', 'iterations.completed']);
  });

  it('has chance of its own, which belongs to the seed and its number alone', async () => {
    const drawn: Record<number, number> = {};
    const journey = async ({ random, iteration }: Session) => {
      drawn[iteration] = random.next();
    };
    const { users } = usersThat(journey);
    for (const number of [2, 0, 1]) await users.iterate(number, undefined);
    const before = { ...drawn };
    for (const number of [0, 1, 2]) await users.iterate(number, undefined);
    expect(drawn).toEqual(before);
    expect(new Set(Object.values(drawn)).size).toBe(3);
    await usersThat(journey, 2).users.iterate(0, undefined);
    expect(drawn[0]).not.toBe(before[0]);
  });

  it('belongs to an open sale when it was intended at its opening or later, or begins then', async () => {
    const open: Record<number, boolean> = {};
    const { users, clock } = usersThat(async ({ iteration, isOpen }) => {
      open[iteration] = isOpen;
    });
    await users.iterate(0, undefined);
    clock.schedule(500, () => {});
    await clock.run();
    for (const [number, intendedMs] of [99, 100, undefined].entries())
      await users.iterate(number + 1, intendedMs);
    expect(open).toEqual({ 0: false, 1: false, 2: true, 3: true });
  });

  it('that a resource fails is counted as failed, and hurts nobody else', async () => {
    const { users, counts, records, defects } = usersThat(async ({ iteration }) => {
      if (iteration === 0) throw new BackendError('redis', 'none', 'gone');
    });
    await users.iterate(0, undefined);
    await users.iterate(1, undefined);
    expect(counts).toEqual(['iterations.failed', 'iterations.completed']);
    expect(records).toHaveLength(2);
    expect([defects, users.running]).toEqual([[], 0]);
  });

  it('never rejects: a defect is told, and the virtual user is free again', async () => {
    const defect = new TypeError('a defect');
    const { users, defects } = usersThat(async () => {
      throw defect;
    });
    await users.iterate(0, undefined);
    expect([defects, users.running]).toEqual([[defect], 0]);
  });

  it('that was given up is not recorded, whenever it ends', async () => {
    const { users, clock, stop, records, counts } = usersThat(
      async ({ clock }) => void (await sleep(clock, 40)),
    );
    const iterations = [users.iterate(0, 0), users.iterate(1, 0)];
    expect(users.running).toBe(2);
    stop.abort();
    await clock.run();
    await Promise.all(iterations);
    expect([records, counts, users.running]).toEqual([[], [], 0]);
  });
});

describe('sessions', () => {
  it('all hear of a stop, however many they are, and whoever comes after it too', async () => {
    const ends: string[] = [];
    const { users, stop } = usersThat(async ({ clock, signal }) => {
      ends.push(await sleep(clock, 1_000, signal));
    });
    const iterations = Array.from({ length: 200 }, (_, number) => users.iterate(number, undefined));
    stop.abort();
    await Promise.all(iterations);
    await Promise.all(Array.from({ length: 300 }, (_, number) => users.iterate(number, undefined)));
    expect([ends.length, new Set(ends)]).toEqual([500, new Set(['aborted'])]);
  });

  it('are as many as iterations ever ran at once', async () => {
    const sessions = new Set<Session>();
    const { users, clock } = usersThat(async (session) => {
      sessions.add(session);
      await sleep(session.clock, 10);
    });
    for (let round = 0; round < 5; round += 1) {
      const running = [0, 1, 2].map((number) => users.iterate(round * 3 + number, undefined));
      await clock.run();
      await Promise.all(running);
    }
    expect(sessions.size).toBe(3);
  });
});
