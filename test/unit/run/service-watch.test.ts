import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ServiceName } from '../../../src/backends/ports.ts';
import type { OpenSpace } from '../../../src/load/space.ts';
import { ServiceWatch } from '../../../src/run/service-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const refuse = () => Promise.reject(new Error('connection refused'));
const hang = () => new Promise<void>(() => {});
const answer = () => Promise.resolve();

/** Watches services of which some do something else than answer, for so long. */
const watchFor = async (
  elapsedMs: number,
  probes: Partial<Record<ServiceName, () => Promise<void>>>,
): Promise<ServiceWatch> => {
  const probe = (service: ServiceName) => (probes[service] ?? answer)();
  const watch = new ServiceWatch({ probe } as OpenSpace);
  watch.begin();
  await vi.advanceTimersByTimeAsync(elapsedMs);
  watch.stop();
  return watch;
};

it('loses nothing while every service answers', async () => {
  const watch = await watchFor(60_000, {});
  expect([watch.lost.aborted, watch.lostServices()]).toEqual([false, []]);
});

it('loses a service that refuses three looks in a row', async () => {
  expect((await watchFor(2_500, { redis: refuse })).lost.aborted).toBe(false);
  const watch = await watchFor(3_500, { redis: refuse, postgres: refuse });
  expect([watch.lost.aborted, watch.lostServices()]).toEqual([true, ['redis', 'postgres']]);
});

it('loses a service that hangs, within some ten seconds', async () => {
  expect((await watchFor(8_000, { rabbitmq: hang })).lost.aborted).toBe(false);
  expect((await watchFor(13_000, { rabbitmq: hang })).lostServices()).toEqual(['rabbitmq']);
});

it('forgives what comes back before the third look', async () => {
  let looks = 0;
  const flaky = () => ((looks += 1) % 3 === 0 ? answer() : refuse());
  const watch = await watchFor(30_000, { redis: flaky });
  expect(looks).toBe(30);
  expect(watch.lost.aborted).toBe(false);
});

it('does not look any more when it is stopped', async () => {
  const probe = vi.fn(answer);
  await watchFor(2_500, { redis: probe });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(probe).toHaveBeenCalledTimes(2);
});
