import ora from 'ora';
import { formatCount, formatDuration } from '../kernel/units.ts';
import { formatMicros } from './figures.ts';
import { displayWidth, printable, truncate } from './text.ts';

const PLAIN_INTERVAL_MS = 5_000;
/** The spinner, the space after it, and a last column that stays free: some terminals wrap when it is filled. */
const SPINNER_COLUMNS = 3;

/** How the load goes at this moment. null: there is no such figure. */
export interface LiveFigures {
  readonly elapsedMs: number;
  /** null: the load ends by a count, not by time. */
  readonly totalMs: number | null;
  readonly iterationsPerSecond: number;
  readonly p99Us: number | null;
  readonly stockLeft: number | null;
  readonly inFlight?: number;
}

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
  readonly isTty: boolean;
  /** Asked anew each time, since a window may be resized. */
  readonly columns: () => number;
  readonly quiet: boolean;
}

const describeFigures = (figures: LiveFigures): string[] => {
  const { elapsedMs, totalMs, iterationsPerSecond, p99Us, stockLeft, inFlight } = figures;
  return [
    `${formatDuration(elapsedMs)}${totalMs === null ? '' : ` of ${formatDuration(totalMs)}`}`,
    `${formatCount(iterationsPerSecond)} iterations/s`,
    ...(p99Us === null ? [] : [`p99 ${formatMicros(p99Us)}`]),
    ...(stockLeft === null ? [] : [`${formatCount(stockLeft)} in stock`]),
    ...(inFlight === undefined ? [] : [`${formatCount(inFlight)} in flight`]),
  ];
};

/** As many of the figures as fit, the most wanted first. */
const fit = (phase: string, figures: readonly string[], columns: number): string => {
  let line = truncate(phase, columns);
  for (const figure of figures) {
    const longer = `${line} · ${figure}`;
    if (displayWidth(longer) > columns) break;
    line = longer;
  }
  return line;
};

const spinnerProgress = ({ stream, columns }: ProgressOptions): Progress => {
  // Standard input is left alone: in raw mode Ctrl-C would no longer be a signal.
  const spinner = ora({ stream, isEnabled: true, discardStdin: false, color: false });
  let current = '';
  const show = (figures: readonly string[]): void => {
    spinner.text = fit(current, figures, columns() - SPINNER_COLUMNS);
    if (!spinner.isSpinning) spinner.start();
  };
  return {
    phase(text) {
      current = printable(text);
      show([]);
    },
    update: (figures) => show(describeFigures(figures)),
    say(text) {
      const spinning = spinner.isSpinning;
      spinner.stop();
      stream.write(`${printable(text)}\n`);
      if (spinning) spinner.start();
    },
    stop: () => void spinner.stop(),
  };
};

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
    say: (text) => void stream.write(`${printable(text)}\n`),
    stop() {},
  };
};

const noProgress: Progress = { phase() {}, update() {}, say() {}, stop() {} };

/** Live progress: one line that changes on a terminal, a plain line every few seconds elsewhere. */
export const createProgress = (options: ProgressOptions): Progress => {
  if (options.quiet) return noProgress;
  return options.isTty ? spinnerProgress(options) : plainProgress(options);
};
