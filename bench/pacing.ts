/**
 * How late an open load begins its arrivals, with one real EVALSHA each, in one thread: by Node's timers alone, and
 * by the metronome that trade-sim has beside them. `cores` is this process's CPU time, helper thread included.
 */
import type { Redis } from '../src/backends/ports.ts';
import { openRedis } from '../src/backends/real/redis.ts';
import { sleep, wallClock } from '../src/kernel/clock.ts';
import { runLoad } from '../src/load/executors/run-load.ts';
import { Metronome, type Pacer } from '../src/load/metronome.ts';
import { newHistogram } from '../src/measure/histogram.ts';
import { planOf } from '../src/scenarios/executors/index.ts';
import { printBar, printSides, runSides, type Figures, type Side } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

const ROUNDS = 7;
const ROUND_MS = 1_000;
const COUNT = { name: 'pacing', lua: "return redis.call('INCR', KEYS[1])" };
const KEY = 'trade-sim:{pacing}:count';

/** The bars: a p99 of the lateness in ms, by arrivals a second. */
const BARS = [
  [400, 1],
  [5_000, 1],
  [20_000, 2],
] as const;

const timers = (): Pacer => ({
  pause: async (delayMs) => void (await sleep(wallClock, delayMs)),
  close: async () => {},
});

const measure = async (redis: Redis, rate: number, openPacer: () => Pacer): Promise<Figures> => {
  const times = { durationMs: ROUND_MS, warmupMs: 0, gracefulStopMs: 0 };
  const load = { executor: 'constant-arrival-rate', rate, arrivals: 'uniform', maxVus: 10_000 } as const;
  const lateness = newHistogram();
  const pacer = openPacer();
  const startMs = wallClock.now() + 100;
  await sleep(wallClock, 95);
  const before = process.cpuUsage();
  await runLoad(planOf({ ...load, ...times }), {
    clock: wallClock,
    startMs,
    endMs: startMs + ROUND_MS,
    share: { node: 0, nodes: 1 },
    seed: 1,
    stopped: () => false,
    async iterate(_number, intendedMs) {
      lateness.recordValue(Math.round((wallClock.now() - intendedMs!) * 1_000));
      await redis.run(COUNT, [KEY], []);
    },
    arrived: () => {},
    drop() {
      throw new Error('an arrival was dropped');
    },
    breathe: async () => void (await sleep(wallClock, 0)),
    pause: (delayMs) => pacer.pause(delayMs),
  });
  const { user, system } = process.cpuUsage(before);
  await pacer.close();
  const figures = {
    'p50 ms': lateness.getValueAtPercentile(50) / 1_000,
    'p99 ms': lateness.getValueAtPercentile(99) / 1_000,
    'max ms': lateness.maxValue / 1_000,
    cores: (user + system) / 1_000 / ROUND_MS,
  };
  lateness.destroy();
  return figures;
};

await withServices(async ({ redis: url }) => {
  const redis = await openRedis({ url });
  try {
    for (let i = 0; i < 5_000; i += 1) await redis.run(COUNT, [KEY], []);
    for (const [rate, bar] of BARS) {
      const sides: readonly Side[] = [
        { name: 'timers', run: () => measure(redis, rate, timers) },
        { name: 'metronome', run: () => measure(redis, rate, () => new Metronome(wallClock)) },
      ];
      const medians = await runSides(sides, ROUNDS);
      printSides(`lateness at ${rate} arrivals/s`, sides, medians);
      const [, metronome] = medians;
      printBar('metronome: p99 of the lateness in ms', metronome!['p99 ms']!, '<=', bar);
      if (rate === 5_000) printBar('metronome: cores', metronome!['cores']!, '<=', 0.5);
    }
  } finally {
    await redis.call('DEL', KEY);
    await redis.close();
  }
});
