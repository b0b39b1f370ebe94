import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { workerHealth } from '../../../src/measure/generator.ts';
import { Recorder } from '../../../src/measure/recorder.ts';
import { GENERATOR_COUNTERS, GENERATOR_METRICS, SaturationMonitor } from '../../../src/measure/saturation.ts';

/** Bounds the turns of the event loop that a test grants. */
const TURNS = 1_000;
const BLOCKED_MS = 150;

const started = () => {
  const recorder = new Recorder({ metrics: GENERATOR_METRICS, counters: GENERATOR_COUNTERS });
  const monitor = new SaturationMonitor(recorder);
  onTestFinished(() => {
    monitor.stop();
    recorder.destroy();
  });
  monitor.start();
  return { monitor, recorder, health: () => workerHealth(recorder.total()) };
};

type Started = ReturnType<typeof started>;

const block = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Stops the whole thread, as a long garbage collection would, until the monitor has seen it. */
const blockUntilSeen = async ({ health }: Started) => {
  for (let turn = 0; turn < TURNS && health().loopDelayMaxMs < BLOCKED_MS / 2; turn += 1) {
    block(BLOCKED_MS);
    await setImmediate();
  }
};

describe('SaturationMonitor', () => {
  it('notices a blocked event loop, with all who would have waited for it', async () => {
    const watched = started();
    await blockUntilSeen(watched);
    watched.monitor.stop();
    const { loopDelayP99Ms, loopDelayMaxMs, eventLoopUtilization } = watched.health();
    expect(loopDelayP99Ms).toBeGreaterThan(BLOCKED_MS / 2);
    expect(loopDelayMaxMs).toBeGreaterThanOrEqual(loopDelayP99Ms);
    expect(eventLoopUtilization).toBeGreaterThan(0);
    expect(eventLoopUtilization).toBeLessThanOrEqual(1);
    const delays = watched.recorder.total().histograms['generator.loop-delay'];
    expect(delays).toBeDefined();
  });

  it('counts and adds up garbage collections', async () => {
    const { health, monitor } = started();
    const kept: number[][] = [];
    for (let turn = 0; turn < TURNS && health().gcPauses === 0; turn += 1) {
      kept[turn % 10] = Array.from({ length: 100_000 }, (_, index) => index + 0.5);
      await setImmediate();
    }
    monitor.stop();
    const { gcPauses, gcPauseMs, gcPauseMaxMs } = health();
    expect(gcPauses).toBeGreaterThan(0);
    expect(gcPauseMaxMs).toBeGreaterThan(0);
    expect(gcPauseMs).toBeGreaterThanOrEqual(gcPauseMaxMs * 0.99);
  });

  it('counts the time of the thread by and by, and no more after its stop', async () => {
    const { monitor, recorder } = started();
    block(5);
    monitor.sample();
    const first = recorder.counters()['generator.elapsed']!;
    expect(first).toBeGreaterThan(0);
    block(5);
    await setImmediate();
    monitor.stop();
    const { 'generator.elapsed': elapsed, 'generator.busy': busy } = recorder.counters();
    expect(elapsed).toBeGreaterThan(first);
    expect(busy).toBeLessThanOrEqual(elapsed!);
    monitor.sample();
    expect(recorder.counters()['generator.elapsed']).toBe(elapsed);
  });

  it('begins anew at another start', async () => {
    const watched = started();
    await blockUntilSeen(watched);
    watched.recorder.reset();
    watched.monitor.start();
    watched.monitor.stop();
    expect(watched.health()).toMatchObject({ loopDelayMaxMs: 0, gcPauses: 0 });
  });
});
