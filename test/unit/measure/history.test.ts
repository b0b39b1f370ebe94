import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../../src/measure/history.ts';
import { EMPTY_SNAPSHOT, type Snapshot } from '../../../src/measure/snapshot.ts';
import { summarize } from '../../../src/measure/summary.ts';
import { durations, snapshotOf } from './values.ts';

const COUNTERS = { iterations: 'iterations.completed', accepted: 'orders.accepted' };

const interval = (values: readonly number[], counters: Snapshot['counters'] = {}): Snapshot => ({
  ...snapshotOf(values),
  counters: { 'iterations.completed': values.length, ...counters },
});

const lagOf = (values: readonly number[]) => snapshotOf(values).histograms['order.latency']!;

describe('History', () => {
  it('merges the intervals of all nodes by second', () => {
    const history = new History(COUNTERS);
    history.add(0, interval([100, 200], { 'orders.accepted': 1, 'cache.reads': 6, 'cache.hits': 6 }));
    history.add(3, interval([300], { 'orders.accepted': 1, 'cache.reads': 2, 'cache.loads': 2 }));
    history.add(998, interval([7]));
    history.add(1_000, { ...EMPTY_SNAPSHOT, histograms: { 'persist.lag': lagOf([5, 90]) } });
    const unseen = { stockLeft: null, queueDepth: null };
    expect(history.rows()).toEqual([
      {
        atMs: 1_000,
        iterations: 3,
        accepted: 2,
        p50: 200,
        p99: 300,
        cacheHitRatio: 0.75,
        cacheLoads: 2,
        persistLagP99: null,
        ...unseen,
      },
      {
        atMs: 2_000,
        iterations: 1,
        accepted: 0,
        p50: 7,
        p99: 7,
        cacheHitRatio: null,
        cacheLoads: 0,
        persistLagP99: 90,
        ...unseen,
      },
    ]);
    expect(history.latest()).toEqual(history.rows().at(-1));
  });

  it('shows seconds in which nothing happened, as a stall is worth seeing', () => {
    const history = new History(COUNTERS);
    history.add(2_000, interval([5]));
    expect(history.rows().map(({ iterations, p99 }) => [iterations, p99])).toEqual([
      [0, null],
      [0, null],
      [1, 5],
    ]);
  });

  it('has no row before the first interval', () => {
    const history = new History(COUNTERS);
    expect(history.rows()).toEqual([]);
    expect(history.latest()).toBeUndefined();
  });

  it('keeps what was last seen of stock and queue within a row', () => {
    const history = new History(COUNTERS, 2);
    history.addLook(600, { stockLeft: 90, queueDepth: 4 });
    history.addLook(1_400, { stockLeft: 80, queueDepth: null });
    history.addLook(2_000, { stockLeft: 0, queueDepth: 7 });
    expect(history.rows().map(({ stockLeft, queueDepth }) => [stockLeft, queueDepth])).toEqual([
      [80, 4],
      [0, 7],
    ]);
    history.add(2_000, interval([1]));
    expect(history.rows().map(({ atMs, stockLeft }) => [atMs, stockLeft])).toEqual([
      [2_000, 0],
      [4_000, null],
    ]);
  });

  it('is bounded, and joins neighbouring rows without losing a value', () => {
    const nearestSecond = (atMs: number) => Math.round(atMs / 1_000);
    const timed = fc.array(fc.tuple(fc.nat(100_000), durations), { maxLength: 30 });
    fc.assert(
      fc.property(timed, fc.integer({ min: 1, max: 8 }), (intervals, maxRows) => {
        const history = new History(COUNTERS, maxRows);
        for (const [atMs, values] of intervals) history.add(atMs, interval(values));
        const rows = history.rows();
        expect(rows.length).toBeLessThanOrEqual(maxRows);
        const secondsPerRow = (rows[0]?.atMs ?? 0) / 1_000;
        for (const [index, row] of rows.entries()) {
          const within = intervals
            .filter(([atMs]) => Math.floor(nearestSecond(atMs) / secondsPerRow) === index)
            .flatMap(([, values]) => values);
          const { p50, p99 } = summarize(snapshotOf(within).histograms['order.latency']);
          expect(row.iterations).toBe(within.length);
          expect([row.p50, row.p99]).toEqual(within.length === 0 ? [null, null] : [p50, p99]);
        }
        expect(rows.reduce((sum, row) => sum + row.iterations, 0)).toBe(
          intervals.reduce((sum, [, values]) => sum + values.length, 0),
        );
      }),
    );
  });
});
