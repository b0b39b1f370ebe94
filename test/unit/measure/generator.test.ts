import { describe, expect, it } from 'vitest';
import {
  generatorFigures,
  overLimits,
  worstHealth,
  type GeneratorFigures,
} from '../../../src/measure/generator.ts';
import { EMPTY_SNAPSHOT, mergeAll, type Snapshot } from '../../../src/measure/snapshot.ts';
import { generatorSchema } from '../../../src/scenarios/generator.ts';
import { snapshotOf } from './values.ts';

const LIMITS = generatorSchema.parse({});

const HEALTHY = {
  eventLoopUtilization: 0.5,
  loopDelayP99Ms: 1,
  loopDelayMaxMs: 20,
  gcPauses: 3,
  gcPauseMs: 12,
  gcPauseMaxMs: 6,
};
const ARRIVALS = {
  duePerSecond: 1_000,
  begunPerSecond: 1_000,
  begunRatio: 1,
  droppedRatio: 0,
  latenessP99Ms: 2,
};

const figures = (changes: Partial<GeneratorFigures> = {}): GeneratorFigures => ({
  ...HEALTHY,
  workers: [HEALTHY],
  cpuRatio: 0.9,
  stealRatio: 0,
  arrivals: null,
  ...changes,
});
const open = (changes: Partial<typeof ARRIVALS> = {}, more: Partial<GeneratorFigures> = {}) =>
  figures({ ...more, arrivals: { ...ARRIVALS, ...changes } });

/** The order of a closed load took 30 ms. */
const found = (one: GeneratorFigures, limits = LIMITS) => overLimits(one, 30, limits);

describe('the limits of the load generator', () => {
  it.each([
    ['a closed load at rest', figures()],
    ['a closed load whose loop is full, since the engine is in it', figures({ eventLoopUtilization: 1 })],
    ['a closed load that stood still for less than an order takes', figures({ loopDelayP99Ms: 29 })],
    ['a closed load that stood still, but not for long', figures({ loopDelayP99Ms: 50 })],
    ['a closed load in which garbage was collected', figures({ gcPauseMs: 10_000 })],
    ['an open load at rest', open()],
    ['an open load at its limits', open({ begunRatio: 0.99, droppedRatio: 0.001, latenessP99Ms: 100 })],
    ['an open load that is almost full', open({}, { eventLoopUtilization: 0.98 })],
    ['an open load whose loop stands still, but no customer is late', open({}, { loopDelayP99Ms: 500 })],
    ['a machine of which a little is stolen', figures({ stealRatio: 0.02 })],
    ['a machine that does not say what is stolen', figures({ stealRatio: null })],
  ])('pass %s', (_, one) => {
    expect(found(one)).toEqual([]);
  });

  it.each([
    [
      'begun in time',
      open({ begunRatio: 0.989 }),
      '98.9 % of the arrivals were begun in time, less than 99 %',
    ],
    ['dropped', open({ droppedRatio: 0.0011 }), '0.11 % of the arrivals were dropped, more than 0.1 %'],
    ['late', open({ latenessP99Ms: 101 }), 'arrivals began 101ms late (p99), more than 100ms'],
    ['busy', open({}, { eventLoopUtilization: 0.981 }), 'an event loop was 98.1 % busy, more than 98 %'],
    [
      'stalled',
      figures({ loopDelayP99Ms: 51 }),
      'an event loop stood still for 51.0ms (p99), longer than orders',
    ],
    ['stolen', figures({ stealRatio: 0.03 }), "3 % of the machine's CPU time went to others on its host"],
  ])('refuse what is beyond them: %s', (_, one, reason) => {
    expect(found(one)).toEqual([expect.stringContaining(reason)]);
  });

  it('are told all at once', () => {
    const overloaded = open(
      { begunRatio: 0.4, droppedRatio: 0.6, latenessP99Ms: 900 },
      { eventLoopUtilization: 1, stealRatio: 0.5 },
    );
    expect(found(overloaded)).toHaveLength(5);
  });

  it('can be set', () => {
    const wide = generatorSchema.parse({
      minBegun: '10%',
      maxDropped: '90%',
      maxLateness: '10s',
      maxBusy: '100%',
      maxLoopDelay: '10s',
      maxSteal: '100%',
    });
    const overloaded = { begunRatio: 0.4, droppedRatio: 0.6, latenessP99Ms: 900 };
    expect(found(open(overloaded, { eventLoopUtilization: 1, stealRatio: 0.5 }), wide)).toEqual([]);
    expect(found(figures({ loopDelayP99Ms: 9_000 }), wide)).toEqual([]);
    expect(found(figures({ loopDelayP99Ms: 31 }), { ...LIMITS, maxLoopDelayMs: 10 })).toHaveLength(1);
  });

  it('know nothing of a stall in a closed load without orders', () => {
    expect(overLimits(figures({ loopDelayP99Ms: 900 }), null, LIMITS)).toEqual([]);
  });
});

const worker = (busy: number, delays: readonly number[], counters: Snapshot['counters'] = {}): Snapshot => {
  const histogram = snapshotOf(delays).histograms['order.latency']!;
  return {
    histograms: { 'generator.loop-delay': histogram, 'schedule.lag': histogram },
    counters: { 'generator.busy': busy, 'generator.elapsed': 1_000, ...counters },
    peaks: {},
  };
};

describe('the figures of the load generator', () => {
  const workers = [
    worker(200, [1_000], { 'arrivals.due': 100, 'arrivals.begun': 90, 'iterations.dropped': 10 }),
    worker(900, [2_000], { 'arrivals.due': 100, 'arrivals.begun': 100, 'iterations.dropped': 0 }),
  ];
  const machine: Snapshot = {
    ...EMPTY_SNAPSHOT,
    counters: {
      'generator.cpu': 500,
      'generator.cpu-capacity': 2_000,
      'generator.steal': 1,
      'generator.machine-time': 50,
    },
  };

  it('are of each worker, and the worst of all', () => {
    const { workers: each, ...worst } = generatorFigures(workers, mergeAll([...workers, machine]), 2_000);
    expect(each.map(({ eventLoopUtilization }) => eventLoopUtilization)).toEqual([0.2, 0.9]);
    expect(worst).toMatchObject({
      eventLoopUtilization: 0.9,
      loopDelayP99Ms: 2,
      gcPauses: 0,
      cpuRatio: 0.25,
      stealRatio: 0.02,
    });
  });

  it('say what an open load asked for and what came of it', () => {
    expect(generatorFigures(workers, mergeAll(workers), 2_000)).toMatchObject({
      cpuRatio: null,
      stealRatio: null,
      arrivals: {
        duePerSecond: 100,
        begunPerSecond: 95,
        begunRatio: 0.95,
        droppedRatio: 0.05,
        latenessP99Ms: 2,
      },
    });
  });

  it('have no arrivals in a closed load, and zeros without workers', () => {
    expect(generatorFigures([], EMPTY_SNAPSHOT, 1_000)).toMatchObject({ arrivals: null, workers: [] });
    expect(worstHealth([])).toMatchObject({ eventLoopUtilization: 0, loopDelayP99Ms: 0, gcPauseMs: 0 });
  });
});
