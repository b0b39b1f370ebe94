import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress, type LiveFigures } from '../../../src/report/progress.ts';

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';

/** Collects what is written; as a terminal it takes the cursor's moves, too. */
class Screen extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor(isTty: boolean, columns = 80) {
    super({ decodeStrings: false });
    this.isTTY = isTty;
    this.columns = columns;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }

  cursorTo(): void {
    this.text += '\r';
  }
  moveCursor(): void {
    this.text += '\u001B[1A';
  }
  clearLine(): void {}

  get lines(): string[] {
    return stripVTControlCharacters(this.text).split(/[\r\n]/);
  }
}

const figures = (changes: Partial<LiveFigures> = {}): LiveFigures => ({
  elapsedMs: 12_000,
  totalMs: 30_000,
  iterationsPerSecond: 10_415,
  p99Us: 25_000,
  stockLeft: 320,
  inFlight: 200,
  ...changes,
});

const start = (screen: Screen, quiet = false) =>
  createProgress({ stream: screen, isTty: screen.isTTY, columns: () => screen.columns, quiet });

describe('on a terminal', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const lastFrame = (screen: Screen): string => {
    vi.advanceTimersByTime(200);
    return screen.lines.at(-1)!;
  };

  it('shows the phase and the figures on one line', () => {
    const screen = new Screen(true, 100);
    const progress = start(screen);
    progress.phase('load');
    progress.update(figures());
    expect(lastFrame(screen)).toContain(
      'load · 12.0s of 30.0s · 10,415 iterations/s · p99 25.0ms · 320 in stock · 200 in flight',
    );
    progress.stop();
  });

  it('drops what does not fit, and never fills the last column', () => {
    for (let columns = 12; columns <= 90; columns += 1) {
      const screen = new Screen(true, columns);
      const progress = start(screen);
      progress.phase('load');
      progress.update(figures());
      const frame = lastFrame(screen);
      expect(frame.length).toBeLessThan(columns);
      expect(frame).not.toMatch(/ · $/);
      progress.stop();
      expect(screen.text).not.toContain('\u001B[1A');
    }
  });

  it('leaves out figures that there are none of', () => {
    const screen = new Screen(true);
    const progress = start(screen);
    progress.phase('load');
    progress.update({ elapsedMs: 500, totalMs: null, iterationsPerSecond: 0, p99Us: null, stockLeft: null });
    expect(lastFrame(screen)).toMatch(/ load · 500ms · 0 iterations\/s$/);
    progress.stop();
  });

  it('gives the cursor back on stop, and draws nothing afterwards', () => {
    const screen = new Screen(true);
    const progress = start(screen);
    progress.phase('load');
    expect(screen.text).toContain(HIDE_CURSOR);
    expect(screen.text).not.toContain(SHOW_CURSOR);
    progress.stop();
    expect(screen.text.endsWith(SHOW_CURSOR)).toBe(true);
    const { lines } = screen;
    progress.stop();
    vi.advanceTimersByTime(1_000);
    expect(screen.lines.filter((line) => line !== '')).toEqual(lines.filter((line) => line !== ''));
  });

  it('strips control characters from the phase', () => {
    const screen = new Screen(true);
    const progress = start(screen);
    progress.phase('evil\u001B[2J\u0007 name\nnext');
    expect(screen.text).not.toContain('\u001B[2J');
    expect(lastFrame(screen)).toContain('evil name next');
    progress.stop();
  });
});

describe('elsewhere', () => {
  it('writes a plain line for a phase and every five seconds', () => {
    const screen = new Screen(false);
    const progress = start(screen);
    progress.phase('load');
    for (let elapsedMs = 1_000; elapsedMs <= 12_000; elapsedMs += 1_000)
      progress.update(figures({ elapsedMs }));
    progress.stop();
    expect(screen.text).toBe(
      [
        'load',
        'load · 5.00s of 30.0s · 10,415 iterations/s · p99 25.0ms · 320 in stock · 200 in flight',
        'load · 10.0s of 30.0s · 10,415 iterations/s · p99 25.0ms · 320 in stock · 200 in flight',
        '',
      ].join('\n'),
    );
  });

  it('writes one line, not three, when updates were held up', () => {
    const screen = new Screen(false);
    const progress = start(screen);
    progress.phase('load');
    progress.update(figures({ elapsedMs: 17_000 }));
    progress.update(figures({ elapsedMs: 19_000 }));
    expect(screen.text.trimEnd().split('\n')).toHaveLength(2);
  });
});

it('shows nothing when it is to be quiet', () => {
  for (const isTty of [true, false]) {
    const screen = new Screen(isTty);
    const progress = start(screen, true);
    progress.phase('load');
    progress.update(figures());
    progress.stop();
    expect(screen.text).toBe('');
  }
});
