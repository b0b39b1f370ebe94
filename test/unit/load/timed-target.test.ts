import { describe, expect, it } from 'vitest';
import { BackendError } from '../../../src/backends/ports.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import type { PlaceOutcome, StepOutcome, Target } from '../../../src/engine/types.ts';
import { sleep } from '../../../src/kernel/clock.ts';
import { TimedTarget } from '../../../src/load/timed-target.ts';
import { countSeries, STEP_OUTCOMES, type Step } from '../../../src/scenarios/steps.ts';
import { deferred, shopThat } from './shop.ts';

const ORDER = { key: 16, user: 3, lines: [{ sku: 1, units: 2 }] };
const PLACED = { ...ORDER, orderId: 9 };

const timed = (shop: Target, node?: number) => {
  const clock = new VirtualClock(0);
  const stop = new AbortController();
  const recorded: [string, number][] = [];
  const series = (name: string) => (micros: number) => void recorded.push([name, micros]);
  const target = new TimedTarget(shop, { clock, node, series, signal: stop.signal });
  return { target, clock, stop, recorded };
};

const PLACE_OUTCOMES: readonly PlaceOutcome[] = [
  { kind: 'accepted', orderId: 1, replayed: false },
  { kind: 'accepted', orderId: 1, replayed: true },
  { kind: 'sold-out', sku: 1 },
  { kind: 'limit-reached', sku: 1 },
  { kind: 'contended' },
  { kind: 'failed', reason: 'x' },
  { kind: 'unknown', reason: 'x' },
];
const STEP_ENDS: readonly StepOutcome[] = [
  { kind: 'done' },
  { kind: 'rejected' },
  { kind: 'failed', reason: 'x' },
  { kind: 'unknown', reason: 'x' },
];

describe('a step', () => {
  it('is timed from the request to the answer, under its name and how it ended', async () => {
    const { target, clock, recorded } = timed(
      shopThat({
        place: async () => {
          await sleep(clock, 30);
          return { kind: 'sold-out', sku: 1 };
        },
      }),
    );
    const answer = target.place(ORDER);
    await clock.run();
    expect(await answer).toEqual({ kind: 'sold-out', sku: 1 });
    expect(recorded).toEqual([['step.latency{outcome:sold-out,step:place}', 30_000]]);
  });

  it('is told apart by node where that is asked for', async () => {
    const { target, recorded } = timed(shopThat(), 3);
    await target.pay(PLACED);
    expect(recorded.map(([name]) => name)).toEqual(['step.latency{node:3,outcome:done,step:pay}']);
  });

  it('that throws has failed, and throws as before', async () => {
    const gone = new BackendError('redis', 'none', 'gone');
    const { target, recorded } = timed(shopThat({ browse: () => Promise.reject(gone) }));
    await expect(target.browse(1)).rejects.toBe(gone);
    expect(recorded.map(([name]) => name)).toEqual(['step.latency{outcome:failed,step:browse}']);
  });

  it('that was given up is not recorded, whenever its answer comes', async () => {
    const late = deferred<StepOutcome>();
    const { target, stop, recorded } = timed(shopThat({ pay: () => late.promise }));
    const answer = target.pay(PLACED);
    stop.abort();
    late.resolve({ kind: 'done' });
    await answer;
    expect(recorded).toEqual([]);
  });
});

/** Every answer that a shop can give to every step. */
const everyEnding = async (node: number): Promise<Set<string>> => {
  const names = new Set<string>();
  const ask = async (shop: Target, steps: (target: Target) => readonly Promise<unknown>[]) => {
    const { target, recorded } = timed(shop, node);
    await Promise.allSettled(steps(target));
    for (const [name] of recorded) names.add(name);
  };
  const fails = () => Promise.reject(new BackendError('redis', 'none', 'gone'));
  for (const outcome of PLACE_OUTCOMES)
    await ask(shopThat({ place: async () => outcome }), (target) => [target.place(ORDER)]);
  for (const outcome of STEP_ENDS)
    await ask(shopThat({ pay: async () => outcome, cancel: async () => outcome }), (target) => [
      target.pay(PLACED),
      target.cancel(PLACED),
    ]);
  const page = { sku: 1, priceCents: 1, soldOut: false, version: 1 };
  for (const shop of [
    shopThat(),
    { ...shopThat(), browse: async () => page },
    { ...shopThat(), browse: fails, addToCart: fails, takeCart: fails },
  ])
    await ask(shop, (target) => [
      target.browse(1),
      target.addToCart(1, { sku: 1, units: 1 }),
      target.takeCart(1),
    ]);
  return names;
};

describe('the series of all steps', () => {
  it('are as many as are counted beforehand: no answer makes a further one', async () => {
    const names = new Set([...(await everyEnding(0)), ...(await everyEnding(1))]);
    const steps = Object.keys(STEP_OUTCOMES) as Step[];
    expect(names.size).toBe(countSeries(steps, { byNode: true, maxSeries: 64 }, 2));
  });
});
