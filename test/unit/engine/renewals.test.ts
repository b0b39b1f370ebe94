import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { BackendError, type RedisReply, type RedisScript } from '../../../src/backends/ports.ts';
import { Renewals } from '../../../src/engine/lock/renewals.ts';

const TTL_MS = 300;

/** Renewals of leases of 300 ms, and when each was asked for; `answer` is what the server says to one. */
const scene = (answer: (key: string) => Promise<RedisReply> = () => Promise.resolve(1)) => {
  const clock = new VirtualClock(0);
  const asked: string[] = [];
  const run = (_: RedisScript, [key]: readonly string[]) => {
    asked.push(`${key} at ${clock.now()}`);
    return answer(key!);
  };
  return { clock, asked, renewals: new Renewals({ redis: { run }, clock }, TTL_MS) };
};

const at = (clock: VirtualClock, ms: number, act: () => void) => clock.schedule(ms, act);

test('each lease is renewed at every third of it, until it is ended', async () => {
  const { clock, asked, renewals } = scene();
  const a = renewals.begin('a', 'token', TTL_MS);
  at(clock, 40, () => {
    const b = renewals.begin('b', 'token', TTL_MS);
    at(clock, 150, () => renewals.end(b));
  });
  at(clock, 250, () => renewals.end(a));
  await clock.run();
  expect(asked).toEqual(['a at 100', 'b at 140', 'a at 200']);
  // No timer is left behind: time has stopped with the last of what was planned here.
  expect(clock.now()).toBe(250);
});

test("a lease that is not the holder's any more is lost, and not asked for again; the others are", async () => {
  const { clock, asked, renewals } = scene((key) => Promise.resolve(key === 'a' ? 0 : 1));
  const [a, b] = [renewals.begin('a', 'token', TTL_MS), renewals.begin('b', 'token', TTL_MS)];
  at(clock, 150, () => expect([renewals.isLost(a), renewals.isLost(b)]).toEqual([true, false]));
  at(clock, 350, () => {
    expect([renewals.isLost(a), renewals.isLost(b)]).toEqual([true, false]);
    renewals.end(b);
  });
  await clock.run();
  expect(asked).toEqual(['a at 100', 'b at 100', 'b at 200', 'b at 300']);
});

test('a lease is lost when it is over and no renewal got through', async () => {
  const { clock, asked, renewals } = scene(() =>
    Promise.reject(new BackendError('redis', 'none', 'refused')),
  );
  const lease = renewals.begin('a', 'token', TTL_MS);
  const lost: boolean[] = [];
  for (const ms of [299, 300]) at(clock, ms, () => lost.push(renewals.isLost(lease)));
  await clock.run();
  expect(lost).toEqual([false, true]);
  expect(asked).toEqual(['a at 100', 'a at 200']);
});

test('after all leases have ended, the next one is renewed again', async () => {
  const { clock, asked, renewals } = scene();
  renewals.end(renewals.begin('a', 'token', TTL_MS));
  at(clock, 500, () => {
    const b = renewals.begin('b', 'token', TTL_MS);
    at(clock, 150, () => renewals.end(b));
  });
  await clock.run();
  expect(asked).toEqual(['b at 600']);
});
