import ora from 'ora';
import { wallClock, type Cancel } from '../kernel/clock.ts';
import { describeFigures, fitOnLine, liveLines, type LiveFigures } from './live-figures.ts';
import { RedrawnBlock } from './redrawn-block.ts';
import { printable } from './text.ts';

const PLAIN_INTERVAL_MS = 5_000;
const REDRAW_INTERVAL_MS = 100;
/** A last column stays free: some terminals wrap when it is filled. */
const FREE_COLUMNS = 1;
/** The spinner, the space after it, and the free column. */
const SPINNER_COLUMNS = 3;
/** A narrower window gets one line. */
const NARROWEST_BLOCK = 40;
/** As many figures as the widest window could show the course of. */
const LONGEST_COURSE = 240;

export interface Progress {
  /** A new part of the run begins: `starting services`, `load`, `drain`. */
  phase(text: string): void;
  update(figures: LiveFigures): void;
  /** Prints a line that stays. */
  say(text: string): void;
  /** Leaves the terminal as it was; may be called again. */
  stop(): void;
}

interface ProgressOptions {
  readonly stream: NodeJS.WritableStream;
  /** A terminal on which what is written can be written over. */
  readonly isTty: boolean;
  /** Asked anew each time, since a window may be resized. */
  readonly columns: () => number;
  /** `notes`: only the lines that stay. */
  readonly detail: 'live' | 'notes' | 'nothing';
}

/** A spinner while something is waited for; during a load, its figures and their course. */
class LiveProgress implements Progress {
  readonly #stream: NodeJS.WritableStream;
  readonly #columns: () => number;
  readonly #block: RedrawnBlock;
  readonly #spinner;
  readonly #onResize = () => this.#redraw();
  #phase = '';
  #course: LiveFigures[] = [];
  #drawnAtMs = -Infinity;
  #cancelRedraw: Cancel | undefined;

  constructor({ stream, columns }: ProgressOptions) {
    this.#stream = stream;
    this.#columns = columns;
    this.#block = new RedrawnBlock(stream, columns);
    // Standard input is left alone: in raw mode Ctrl-C would no longer be a signal.
    this.#spinner = ora({ stream, isEnabled: true, discardStdin: false, color: false });
    stream.on('resize', this.#onResize);
  }

  phase(text: string): void {
    this.#phase = printable(text);
    this.#course = [];
    this.#block.erase();
    this.#spin([]);
  }

  update(figures: LiveFigures): void {
    const before = this.#course.at(-1);
    if (before && before.elapsedMs > figures.elapsedMs) this.#course = [];
    this.#course.push(figures);
    if (this.#course.length > LONGEST_COURSE) this.#course.shift();
    this.#redraw();
  }

  say(text: string): void {
    const { isSpinning } = this.#spinner;
    const { isDrawn } = this.#block;
    this.#clear();
    this.#stream.write(`${printable(text)}\n`);
    if (isSpinning) this.#spinner.start();
    if (isDrawn) this.#draw();
  }

  stop(): void {
    this.#cancelRedraw?.();
    this.#course = [];
    this.#stream.off('resize', this.#onResize);
    this.#clear();
  }

  /** Now, or as soon as the last drawing is old enough. */
  #redraw(): void {
    this.#cancelRedraw?.();
    const waitMs = this.#drawnAtMs + REDRAW_INTERVAL_MS - wallClock.now();
    if (waitMs <= 0) this.#draw();
    else this.#cancelRedraw = wallClock.schedule(waitMs, () => this.#draw());
  }

  #draw(): void {
    const figures = this.#course.at(-1);
    if (figures === undefined) return;
    this.#drawnAtMs = wallClock.now();
    if (this.#columns() < NARROWEST_BLOCK) {
      this.#block.erase();
      this.#spin(describeFigures(figures));
    } else {
      this.#stopSpinner();
      this.#block.draw(liveLines(this.#phase, this.#course, this.#columns() - FREE_COLUMNS));
    }
  }

  #spin(phrases: readonly string[]): void {
    this.#spinner.text = fitOnLine(this.#phase, phrases, this.#columns() - SPINNER_COLUMNS);
    if (!this.#spinner.isSpinning) this.#spinner.start();
  }

  #clear(): void {
    this.#block.erase();
    this.#stopSpinner();
  }

  /** One that does not spin would clear a line all the same. */
  #stopSpinner(): void {
    if (this.#spinner.isSpinning) this.#spinner.stop();
  }
}

const sayOn = (stream: NodeJS.WritableStream, text: string) => void stream.write(`${printable(text)}\n`);

const plainProgress = ({ stream }: ProgressOptions): Progress => {
  let current = '';
  let lastInterval = 0;
  return {
    phase(text) {
      current = printable(text);
      lastInterval = 0;
      stream.write(`${current}\n`);
    },
    update(figures) {
      const interval = Math.floor(figures.elapsedMs / PLAIN_INTERVAL_MS);
      if (interval <= lastInterval) return;
      lastInterval = interval;
      stream.write(`${[current, ...describeFigures(figures)].join(' · ')}\n`);
    },
    say: (text) => sayOn(stream, text),
    stop() {},
  };
};

/** Live progress: figures that change in place on a terminal, a plain line every few seconds elsewhere. */
export const createProgress = (options: ProgressOptions): Progress => {
  const { detail, isTty, stream } = options;
  if (detail === 'live') return isTty ? new LiveProgress(options) : plainProgress(options);
  return {
    phase() {},
    update() {},
    say: detail === 'notes' ? (text) => sayOn(stream, text) : () => {},
    stop() {},
  };
};
