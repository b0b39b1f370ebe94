import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isSaturated, SaturationMonitor, worstHealth } from '../../../src/measure/saturation.ts';

const IDLE = { eventLoopUtilization: 0.2, loopDelayP99Ms: 1, gcPauseMs: 0 };

/** Bounds the turns of the event loop that a test grants. */
const TURNS = 1_000;

const started = () => {
  const monitor = new SaturationMonitor();
  onTestFinished(() => monitor.stop());
  monitor.start();
  return monitor;
};

/** Stops the whole thread for 150 ms, as a long garbage collection would, until the monitor has seen it. */
const blockUntilSeen = async (monitor: SaturationMonitor) => {
  for (let turn = 0; turn < 20 && monitor.read().loopDelayP99Ms === 0; turn += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
    await setImmediate();
  }
};

describe('SaturationMonitor', () => {
  it('notices a blocked event loop', async () => {
    const monitor = started();
    await blockUntilSeen(monitor);
    const health = monitor.read();
    expect(health.loopDelayP99Ms).toBeGreaterThan(100);
    expect(health.eventLoopUtilization).toBeGreaterThan(0);
    expect(health.eventLoopUtilization).toBeLessThanOrEqual(1);
  });

  it('adds up garbage collections', async () => {
    const monitor = started();
    const kept: number[][] = [];
    for (let turn = 0; turn < TURNS && monitor.read().gcPauseMs === 0; turn += 1) {
      kept[turn % 10] = Array.from({ length: 100_000 }, (_, index) => index + 0.5);
      await setImmediate();
    }
    expect(monitor.read().gcPauseMs).toBeGreaterThan(0);
  });

  it('begins anew at another start', async () => {
    const monitor = started();
    await blockUntilSeen(monitor);
    expect(isSaturated(monitor.read())).toBe(true);
    monitor.start();
    expect(monitor.read()).toMatchObject({ loopDelayP99Ms: 0, gcPauseMs: 0 });
  });
});

describe('isSaturated', () => {
  it.each([
    [{}, false],
    [{ eventLoopUtilization: 0.95 }, false],
    [{ eventLoopUtilization: 0.96 }, true],
    [{ loopDelayP99Ms: 100 }, false],
    [{ loopDelayP99Ms: 101 }, true],
    [{ gcPauseMs: 10_000 }, false],
  ])('of an idle thread with %j is %s', (figures, saturated) => {
    expect(isSaturated({ ...IDLE, ...figures })).toBe(saturated);
  });
});

describe('worstHealth', () => {
  it('takes the worst of each figure', () => {
    const workers = [IDLE, { eventLoopUtilization: 0.9, loopDelayP99Ms: 0.5, gcPauseMs: 7 }];
    expect(worstHealth(workers)).toEqual({ eventLoopUtilization: 0.9, loopDelayP99Ms: 1, gcPauseMs: 7 });
  });

  it('is zeros without workers', () => {
    expect(worstHealth([])).toEqual({ eventLoopUtilization: 0, loopDelayP99Ms: 0, gcPauseMs: 0 });
  });
});
