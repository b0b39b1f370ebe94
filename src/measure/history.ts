import { withDecoded, type EncodedHistogram } from './histogram.ts';
import { EMPTY_SNAPSHOT, mergeSnapshots } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';

/** A second of the load (or, in a long run, a few), over all nodes. */
export interface TimelineRow {
  /** When it ended, since the start of the load. All rows are equally long. */
  readonly atMs: number;
  readonly iterations: number;
  readonly accepted: number;
  /** Of `order.latency`, in µs; null without an order. */
  readonly p50: number | null;
  readonly p99: number | null;
  /** null without a read. */
  readonly cacheHitRatio: number | null;
  readonly cacheLoads: number;
  /** 99th percentile of `persist.lag`, in µs; null without an event. */
  readonly persistLagP99: number | null;
  /** Units at the last look within the row; null without one. */
  readonly stockLeft: number | null;
  /** Events on their way to the ledger at the last look; null without one. */
  readonly queueDepth: number | null;
}

/** What is seen from outside at a moment; null: it could not be seen. */
type Look = Pick<TimelineRow, 'stockLeft' | 'queueDepth'>;

interface Cell extends Look {
  readonly measured: Snapshot;
}

const SECOND_MS = 1_000;
const MAX_ROWS = 3_600;
const EMPTY_CELL: Cell = { measured: EMPTY_SNAPSHOT, stockLeft: null, queueDepth: null };

/**
 * Collects the once-a-second intervals of all nodes into the timeline of a run. Bounded: when the rows are full,
 * each two neighbours become one, losslessly, and rows are twice as long from then on.
 */
export class History {
  readonly #counters: { readonly iterations: string; readonly accepted: string };
  readonly #maxRows: number;
  #cells: Cell[] = [];
  #secondsPerRow = 1;

  /** `counters` names those that count iterations and accepted orders. */
  constructor(
    counters: { readonly iterations: string; readonly accepted: string },
    maxRows: number = MAX_ROWS,
  ) {
    this.#counters = counters;
    this.#maxRows = maxRows;
  }

  /** Adds one worker's interval that began at `atMs`. It counts to the nearest second: timers are never exact. */
  add(atMs: number, interval: Snapshot): void {
    this.#update(Math.round(atMs / SECOND_MS), (cell) => ({
      ...cell,
      measured: mergeSnapshots(cell.measured, interval),
    }));
  }

  /** Notes what a look at the services saw, for the second that ends nearest to it. */
  addLook(atMs: number, look: Look): void {
    this.#update(Math.round(atMs / SECOND_MS) - 1, (cell) => ({
      measured: cell.measured,
      ...laterLook(cell, look),
    }));
  }

  /** All rows in order, with those in which nothing happened. */
  rows(): TimelineRow[] {
    return this.#cells.map((cell, index) => this.#row(cell, index));
  }

  /** The newest row, for the live view. */
  latest(): TimelineRow | undefined {
    const cell = this.#cells.at(-1);
    return cell && this.#row(cell, this.#cells.length - 1);
  }

  #update(second: number, change: (cell: Cell) => Cell): void {
    const counted = Math.max(0, second);
    while (counted >= this.#maxRows * this.#secondsPerRow) this.#halve();
    const index = Math.floor(counted / this.#secondsPerRow);
    while (this.#cells.length <= index) this.#cells.push(EMPTY_CELL);
    this.#cells[index] = change(this.#cells[index]!);
  }

  #halve(): void {
    const joined: Cell[] = [];
    for (let index = 0; index < this.#cells.length; index += 2)
      joined.push(join(this.#cells[index]!, this.#cells[index + 1] ?? EMPTY_CELL));
    this.#cells = joined;
    this.#secondsPerRow *= 2;
  }

  #row({ measured, stockLeft, queueDepth }: Cell, index: number): TimelineRow {
    const { counters, histograms } = measured;
    const reads = counters['cache.reads'] ?? 0;
    return {
      atMs: (index + 1) * this.#secondsPerRow * SECOND_MS,
      iterations: counters[this.#counters.iterations] ?? 0,
      accepted: counters[this.#counters.accepted] ?? 0,
      ...percentiles(histograms['order.latency']),
      // A read is counted when it begins and its hit when it has ended, which may be in the next row.
      cacheHitRatio: reads === 0 ? null : Math.min(1, (counters['cache.hits'] ?? 0) / reads),
      cacheLoads: counters['cache.loads'] ?? 0,
      persistLagP99: percentiles(histograms['persist.lag']).p99,
      stockLeft,
      queueDepth,
    };
  }
}

const join = (earlier: Cell, later: Cell): Cell => ({
  measured: mergeSnapshots(earlier.measured, later.measured),
  ...laterLook(earlier, later),
});

const laterLook = (earlier: Look, later: Look): Look => ({
  stockLeft: later.stockLeft ?? earlier.stockLeft,
  queueDepth: later.queueDepth ?? earlier.queueDepth,
});

const percentiles = (encoded: EncodedHistogram | undefined): Pick<TimelineRow, 'p50' | 'p99'> =>
  encoded === undefined
    ? { p50: null, p99: null }
    : withDecoded(encoded, (histogram) => ({
        p50: histogram.getValueAtPercentile(50),
        p99: histogram.getValueAtPercentile(99),
      }));
