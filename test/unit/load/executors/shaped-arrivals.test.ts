import { describe, expect, it } from 'vitest';
import { planOf, type LoadConfig } from '../../../../src/scenarios/executors/index.ts';
import { coarse, range, runExecutor, stalling } from './ran.ts';

const open = { maxVus: 100_000, warmupMs: 0, gracefulStopMs: 0 } as const;

const burst = (arrivals: 'uniform' | 'poisson'): LoadConfig => ({
  executor: 'burst',
  rateBefore: 50,
  opensAfterMs: 2_000,
  peakRate: 2_000,
  halfLifeMs: 500,
  durationMs: 6_000,
  arrivals,
  ...open,
});
const ramp: LoadConfig = {
  executor: 'ramping-arrival-rate',
  startRate: 0,
  stages: [
    { durationMs: 2_000, rate: 500 },
    { durationMs: 1_000, rate: 500 },
    { durationMs: 1_000, rate: 0 },
  ],
  durationMs: 4_000,
  arrivals: 'uniform',
  ...open,
};

const run = (config: LoadConfig, setting: Parameters<typeof runExecutor>[1] = {}) =>
  runExecutor(config, { ...setting, durationMs: config.durationMs! });

const countIn = ({ iterations }: Awaited<ReturnType<typeof run>>, fromMs: number, untilMs: number) =>
  iterations.filter(({ intendedMs }) => intendedMs! >= fromMs && intendedMs! < untilMs).length;

describe('ramping-arrival-rate', () => {
  it('has as many arrivals at every time as the integral of its rate', async () => {
    const ran = await run(ramp, { nodes: 2, behave: coarse });
    expect(ran.numbers).toEqual(range(1_250));
    // 250 t² / 2, and whoever arrives at 0.
    for (const seconds of [0.5, 1, 1.5])
      expect(countIn(ran, 0, seconds * 1_000)).toBe(Math.ceil(125 * seconds ** 2));
    expect(countIn(ran, 2_000, 3_000)).toBe(500);
    expect(countIn(ran, 3_000, 3_500)).toBeCloseTo(187.5, -0.3);
  });
});

describe('burst', () => {
  it('is quiet, opens with a step, and halves with every half-life', async () => {
    const ran = await run(burst('uniform'));
    expect(countIn(ran, 0, 2_000)).toBe(100);
    const halves = range(4).map((n) => countIn(ran, 2_000 + n * 500, 2_500 + n * 500));
    expect(halves[0]).toBeCloseTo((1_000 * 0.5) / Math.LN2, -1);
    for (const n of [1, 2, 3]) expect(halves[n]! / halves[n - 1]!).toBeCloseTo(0.5, 1.5);
  });
});

describe('poisson arrivals', () => {
  it('are the same whatever the number of nodes, and others with another seed', async () => {
    const [one, two, three, other] = await Promise.all([
      run(burst('poisson'), { nodes: 1 }),
      run(burst('poisson'), { nodes: 2 }),
      run(burst('poisson'), { nodes: 3, behave: stalling(1_000, 2_500) }),
      run(burst('poisson'), { seed: 2 }),
    ]);
    const due = (ran: typeof one) =>
      ran.iterations
        .toSorted((a, b) => a.number - b.number)
        .map(({ number, intendedMs }) => [number, intendedMs]);
    expect(due(two)).toEqual(due(one));
    expect(due(three)).toEqual(due(one));
    expect(due(other)).not.toEqual(due(one));
  });

  it('follow the curve, and their gaps are exponential where it is flat', async () => {
    const flat: LoadConfig = {
      executor: 'constant-arrival-rate',
      rate: 1_000,
      durationMs: 20_000,
      arrivals: 'poisson',
      ...open,
    };
    const { iterations } = await run(flat);
    const gaps = iterations.slice(1).map(({ intendedMs }, i) => intendedMs! - iterations[i]!.intendedMs!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(iterations.length / 20_000).toBeCloseTo(1, 1.3);
    // Of an exponential distribution the deviation is the mean, and 1 / e of the gaps are longer than it.
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1.3);
    expect(gaps.filter((gap) => gap > mean).length / gaps.length).toBeCloseTo(1 / Math.E, 1.5);
    const bursty = await run(burst('poisson'));
    const plan = planOf(burst('poisson'));
    if (plan.kind !== 'arrivals') throw new Error('a burst has arrivals');
    expect(bursty.iterations.length / plan.curve.countAt(6_000)).toBeCloseTo(1, 1);
  });
});
