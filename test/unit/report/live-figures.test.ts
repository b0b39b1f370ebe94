import { describe, expect, it } from 'vitest';
import { liveLines, type LiveFigures } from '../../../src/report/live-figures.ts';
import { displayWidth } from '../../../src/report/text.ts';

const figures = (changes: Partial<LiveFigures> = {}): LiveFigures => ({
  elapsedMs: 12_000,
  totalMs: 30_000,
  iterationsPerSecond: 10_415,
  p99Us: 25_000,
  inFlight: 200,
  stockLeft: 320,
  cacheHitRatio: 0.982,
  queueDepth: 12,
  ...changes,
});

const course = [
  figures({ stockLeft: 640, p99Us: null }),
  figures({ stockLeft: 480, iterationsPerSecond: 5_000 }),
  figures(),
];

describe('the live view', () => {
  it('has one figure a line in 40 columns', () => {
    expect(liveLines('load', course, 39).map((line) => line.trimEnd())).toEqual([
      'load · 12.0s of 30.0s',
      'iterations/s    10,415              █▄█',
      'p99             25.0ms               ██',
      'stock left         320              █▇▅',
      'in flight          200              ███',
      'queue depth         12              ███',
      'cache hits      98.2 %              ███',
    ]);
  });

  it('has two figures a line in 80 columns, and three in 200', () => {
    expect(liveLines('load', course, 79)).toEqual([
      'load · 12.0s of 30.0s',
      'iterations/s    10,415             █▄█  p99             25.0ms              ██',
      'stock left         320             █▇▅  in flight          200             ███',
      'queue depth         12             ███  cache hits      98.2 %             ███',
    ]);
    expect(liveLines('load', course, 199)).toHaveLength(3);
  });

  it('never fills more than its columns, whatever the figures and the phase', () => {
    const huge = figures({ iterationsPerSecond: 1e15, p99Us: 6e10, inFlight: 1e9, stockLeft: -1e12 });
    for (let columns = 39; columns <= 260; columns += 1) {
      for (const phase of ['load', '3 of 8: 売り切れ · 双写 · '.repeat(20)]) {
        for (const line of liveLines(phase, [...course, huge], columns))
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  it('leaves out what was never seen, and keeps the place of what is missing for a moment', () => {
    const lines = liveLines(
      'load',
      [
        figures({ cacheHitRatio: null, queueDepth: 7, totalMs: null }),
        figures({ cacheHitRatio: null, queueDepth: null, totalMs: null }),
      ],
      39,
    );
    expect(lines[0]).toBe('load · 12.0s');
    expect(lines.some((line) => line.startsWith('cache hits'))).toBe(false);
    expect(lines.at(-1)).toBe('queue depth          –               █ ');
  });
});
