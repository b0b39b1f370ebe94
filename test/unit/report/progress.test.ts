import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveFigures } from '../../../src/report/live-figures.ts';
import { createProgress } from '../../../src/report/progress.ts';

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const NO_WRAP = '\u001B[?7l';
const WRAP = '\u001B[?7h';

/** Collects what is written; as a terminal it takes the cursor's moves, too. */
class Screen extends Writable {
  readonly isTTY: boolean;
  columns: number;
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
  queueDepth: 12,
  cacheHitRatio: null,
  inFlight: 200,
  ...changes,
});

const start = (screen: Screen, detail: 'live' | 'notes' | 'nothing' = 'live') =>
  createProgress({ stream: screen, isTty: screen.isTTY, columns: () => screen.columns, detail });

describe('on a terminal', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const lastFrame = (screen: Screen): string => {
    vi.advanceTimersByTime(200);
    return screen.lines.at(-1)!;
  };

  it('draws the figures over those before them', () => {
    const screen = new Screen(true, 80);
    const progress = start(screen);
    progress.phase('load');
    progress.update(figures());
    screen.text = '';
    vi.advanceTimersByTime(1_000);
    progress.update(figures({ elapsedMs: 13_000, stockLeft: 160 }));
    expect(screen.text.startsWith(`${HIDE_CURSOR}${NO_WRAP}\r\u001B[4A`)).toBe(true);
    expect(screen.text.endsWith(`\u001B[J${WRAP}`)).toBe(true);
    expect(screen.lines.filter((line) => line !== '')).toEqual([
      'load · 13.0s of 30.0s',
      'iterations/s    10,415              ██  p99             25.0ms              ██',
      'stock left         160              █▅  in flight          200              ██',
      'queue depth         12              ██',
    ]);
    progress.stop();
  });

  it('redraws ten times a second at most, and the last figures in any case', () => {
    const screen = new Screen(true);
    const progress = start(screen);
    progress.phase('load');
    for (let elapsedMs = 0; elapsedMs < 1_000; elapsedMs += 10) {
      progress.update(figures({ elapsedMs }));
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(100);
    expect(screen.text.split(NO_WRAP).length - 1).toBeLessThanOrEqual(11);
    expect(screen.text).toContain('load · 990ms of 30.0s');
    progress.stop();
  });

  it('redraws when the window is resized, from the top of what the narrower window has wrapped', () => {
    const screen = new Screen(true, 100);
    const progress = start(screen);
    progress.phase('load');
    progress.update(figures());
    vi.advanceTimersByTime(1_000);
    screen.text = '';
    screen.columns = 50;
    screen.emit('resize');
    // Two lines of 99 columns take two rows each; the phase and the last line, one.
    expect(screen.text).toContain('\r\u001B[6A');
    expect(screen.lines.filter((line) => line !== '')).toHaveLength(6);
    progress.stop();
  });

  it('prints a line that stays above the figures', () => {
    const screen = new Screen(true, 80);
    const progress = start(screen);
    progress.phase('load');
    progress.update(figures());
    screen.text = '';
    progress.say('Ending.');
    expect(screen.text.startsWith(`\r\u001B[4A\u001B[J${SHOW_CURSOR}Ending.\n${HIDE_CURSOR}`)).toBe(true);
    expect(screen.lines.filter((line) => line !== '')).toHaveLength(5);
    progress.stop();
  });

  it('erases the figures at the next phase and on stop, and gives the cursor back', () => {
    for (const end of ['phase', 'stop'] as const) {
      const screen = new Screen(true, 80);
      const progress = start(screen);
      progress.phase('load');
      progress.update(figures());
      screen.text = '';
      progress[end]('draining the queue');
      expect(screen.text.startsWith(`\r\u001B[4A\u001B[J${SHOW_CURSOR}`)).toBe(true);
      progress.stop();
      expect(screen.text.endsWith(SHOW_CURSOR)).toBe(true);
    }
  });

  it('begins a new course with a new load', () => {
    const screen = new Screen(true, 80);
    const progress = start(screen);
    progress.phase('1 of 4');
    progress.update(figures({ elapsedMs: 5_000 }));
    vi.advanceTimersByTime(1_000);
    screen.text = '';
    progress.update(figures({ elapsedMs: 1_000 }));
    expect(screen.text).not.toContain('██');
    progress.stop();
  });

  it('has one line in a narrow window, without what does not fit, and never fills the last column', () => {
    for (let columns = 12; columns < 40; columns += 1) {
      const screen = new Screen(true, columns);
      const progress = start(screen);
      progress.phase('load');
      progress.update(figures());
      const frame = lastFrame(screen);
      expect(frame.length).toBeLessThan(columns);
      expect(frame).toContain('load');
      expect(frame).not.toMatch(/ · $/);
      progress.stop();
      expect(screen.text).not.toContain('\u001B[1A');
    }
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
        'load · 5.00s of 30.0s · 10,415 iterations/s · p99 25.0ms · 320 in stock · 200 in flight · 12 queued',
        'load · 10.0s of 30.0s · 10,415 iterations/s · p99 25.0ms · 320 in stock · 200 in flight · 12 queued',
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

describe.each([true, false])('with a terminal: %s', (isTty) => {
  const shown = (detail: 'notes' | 'nothing') => {
    const screen = new Screen(isTty);
    const progress = start(screen, detail);
    progress.phase('load');
    progress.update(figures());
    progress.say('Redis 7.0.15 (local)');
    progress.stop();
    return screen.text;
  };

  it('shows nothing when it is to be quiet', () => expect(shown('nothing')).toBe(''));
  it('shows only what stays without live figures', () =>
    expect(shown('notes')).toBe('Redis 7.0.15 (local)\n'));
});
