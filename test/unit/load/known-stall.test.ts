import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { sleep, type Clock } from '../../../src/kernel/clock.ts';
import { newRecorder } from '../../../src/load/node.ts';
import { startPhase } from '../../../src/load/phase.ts';
import { RecordingTarget } from '../../../src/load/recording-target.ts';
import { summarize } from '../../../src/measure/summary.ts';
import { loadScenarios } from '../../../src/scenarios/load-file.ts';
import { stalling } from './executors/ran.ts';
import { shopThat } from './shop.ts';

/** A customer each millisecond, for ten seconds. */
const ARRIVALS = 10_000;
const QUICK_MS = 0.5;
const STALL_FROM_MS = 3_000;
const STALL_UNTIL_MS = 4_000;

const scenarioWith = (maxVus: number) =>
  loadScenarios(
    'stall.yml',
    `scenarios:
  stall:
    journey: { name: flash-sale, readsPerOrder: 0, doubleClickShare: 0, botShare: 0 }
    catalog: { stockPerSku: 100000 }
    engine: { nodes: 1 }
    load: { executor: constant-arrival-rate, rate: 1000/s, duration: 10s, maxVus: ${maxVus} }
`,
  ).scenarios['stall']!;

interface Setting {
  /** How long the shop takes for an order that comes at this time. */
  readonly placeMs: (atMs: number) => number;
  readonly behave?: (clock: Clock) => Clock;
  readonly maxVus?: number;
}

/** Runs the whole open load in virtual time. */
const run = async ({ placeMs, behave = (clock) => clock, maxVus = ARRIVALS }: Setting) => {
  const exact = new VirtualClock(0);
  const clock = behave(exact);
  const recorder = newRecorder();
  onTestFinished(() => recorder.destroy());
  const shop = shopThat({
    async place({ key }) {
      await sleep(clock, placeMs(clock.now()));
      return { kind: 'accepted', orderId: key + 1, replayed: false };
    },
  });
  const target = new RecordingTarget(
    shop,
    (counter) => recorder.count(counter),
    () => {},
  );
  const { done } = startPhase({
    phase: 'load',
    scenario: scenarioWith(maxVus),
    feeds: {},
    nodes: [{ index: 0, target, settle: async () => {}, close: async () => {} }],
    clock,
    startMs: 0,
    recorder,
    stopped: () => false,
    signal: new AbortController().signal,
  });
  await exact.run();
  await done;
  const { histograms, counters } = recorder.total();
  return { counters, of: (metric: string) => summarize(histograms[metric]) };
};

const PERCENTILES = [
  ['p50', 50],
  ['p90', 90],
  ['p95', 95],
  ['p99', 99],
  ['p999', 99.9],
  ['max', 100],
] as const;

/** The value that so many percent of all are not above; counted in whole numbers, which lose nothing. */
const percentileOf = (sorted: readonly number[], percent: number): number =>
  sorted[Math.ceil((Math.round(percent * 10) * sorted.length) / 1_000) - 1]!;

/** To the three digits that a histogram keeps. */
const expectArithmetic = (reported: ReturnType<typeof summarize>, exactMs: readonly number[]) => {
  const sorted = exactMs.toSorted((a, b) => a - b);
  expect(reported.count).toBe(sorted.length);
  for (const [name, percent] of PERCENTILES) {
    const exactUs = percentileOf(sorted, percent) * 1_000;
    expect(reported[name], name).toBeGreaterThanOrEqual(exactUs);
    expect(reported[name], name).toBeLessThanOrEqual(exactUs * 1.001);
  }
};

const dueMs = Array.from({ length: ARRIVALS }, (_, number) => number);
const inStall = (ms: number) => ms >= STALL_FROM_MS && ms < STALL_UNTIL_MS;
/** Whoever comes during the stall waits for its end. */
const stalledShop = (atMs: number) => (inStall(atMs) ? STALL_UNTIL_MS - atMs : QUICK_MS);

describe('a shop that stands still for a second under an open load', () => {
  it('is reported as it was felt: p99 900 ms, max 1 s', async () => {
    const { of, counters } = await run({ placeMs: stalledShop });
    expectArithmetic(of('iteration.response'), dueMs.map(stalledShop));
    expectArithmetic(of('iteration.service'), dueMs.map(stalledShop));
    expect(of('iteration.response').p99 / 1_000).toBeCloseTo(900, -1);
    expect(of('iteration.response').max / 1_000).toBeCloseTo(1_000, -1);
    expect(of('schedule.lag').max).toBe(0);
    expect(counters).toMatchObject({ 'arrivals.due': ARRIVALS, 'arrivals.begun': ARRIVALS });
  });

  it('loses those for whom no virtual user is free, and counts them', async () => {
    const maxVus = 600;
    const { of, counters } = await run({ placeMs: stalledShop, maxVus });
    const came = dueMs.filter((ms) => !inStall(ms) || ms < STALL_FROM_MS + maxVus);
    expect(counters).toMatchObject({
      'arrivals.due': ARRIVALS,
      'arrivals.begun': came.length,
      'iterations.dropped': ARRIVALS - came.length,
    });
    expectArithmetic(of('iteration.response'), came.map(stalledShop));
  });
});

describe('a load generator that stands still for a second', () => {
  const behave = stalling(STALL_FROM_MS, STALL_UNTIL_MS);
  const lateMs = (ms: number) => (inStall(ms) ? STALL_UNTIL_MS - ms : 0);

  it('counts its own lateness into every response, and tells it apart', async () => {
    const { of } = await run({ placeMs: () => QUICK_MS, behave });
    expectArithmetic(
      of('iteration.response'),
      dueMs.map((ms) => lateMs(ms) + QUICK_MS),
    );
    expectArithmetic(of('schedule.lag'), dueMs.map(lateMs));
    expect(of('iteration.service').max).toBe(QUICK_MS * 1_000);
  });

  it('has not begun in time what it begins after the end', async () => {
    const { counters } = await run({ placeMs: () => QUICK_MS, behave: stalling(9_500, 10_200) });
    expect(counters).toMatchObject({
      'arrivals.due': ARRIVALS,
      'arrivals.begun': 9_500,
      'iterations.dropped': 0,
      'iterations.completed': ARRIVALS,
    });
  });
});
