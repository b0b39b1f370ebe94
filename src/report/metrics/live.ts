import { COUNTERS } from '../../engine/telemetry.ts';
import { ORDER_COUNTERS } from '../../load/recording-target.ts';
import { ITERATION_COUNTERS } from '../../load/virtual-user.ts';
import { countsUpTo, decompress, withDecoded, type EncodedHistogram } from '../../measure/histogram.ts';
import { parseSeries } from '../../kernel/series.ts';
import { mergeSnapshots, type Snapshot } from '../../measure/snapshot.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { countersOf } from '../counters.ts';
import type { Result } from '../model.ts';
import type { LiveFigures } from '../live-figures.ts';
import type { Buckets, Labels, Metric } from './model.ts';

const US_PER_SECOND = 1e6;

/** From 100 µs to 30 s, three to the decade. */
const BOUNDS_US = [
  100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
  5_000_000, 10_000_000, 30_000_000,
];
const BOUNDS_S = BOUNDS_US.map((bound) => bound / US_PER_SECOND);

const NOTHING: Snapshot = {
  histograms: {},
  counters: Object.fromEntries(
    [...ORDER_COUNTERS, ...ITERATION_COUNTERS, ...COUNTERS].map((name) => [name, 0]),
  ),
  peaks: {},
};

const labelsOf = (series: string): Labels => {
  const { metric, tags } = parseSeries(series);
  return { metric, ...tags };
};

const bucketsOf = (series: string, encoded: EncodedHistogram): Buckets => ({
  labels: labelsOf(series),
  bounds: BOUNDS_S,
  upTo: countsUpTo(encoded, BOUNDS_US),
  ...withDecoded(encoded, (histogram) => ({
    count: histogram.totalCount,
    sum: (histogram.mean * histogram.totalCount) / US_PER_SECOND,
    min: histogram.getValueAtPercentile(0) / US_PER_SECOND,
    max: histogram.maxValue / US_PER_SECOND,
  })),
});

/** The figures of a run while it lasts, for monitoring systems: everything since the load began, over all nodes. */
export class LiveMetrics {
  /** What the run is, but for its identity. */
  readonly labels: Labels;
  #runId: string | undefined;
  #measured = NOTHING;
  #figures: LiveFigures | undefined;
  #exitCode: number | undefined;

  constructor({ name, seed, engine }: Pick<Scenario, 'name' | 'seed' | 'engine'>) {
    this.labels = {
      scenario: name,
      seed: String(seed),
      nodes: String(engine.nodes),
      lock: engine.lock.name,
      stock: engine.stock.name,
      cache: engine.cache.name,
      queue: engine.queue.name,
    };
  }

  /** undefined: the load has not begun. */
  get runId(): string | undefined {
    return this.#runId;
  }

  /** The figures are those of the whole run. */
  get isOver(): boolean {
    return this.#exitCode !== undefined;
  }

  /** Adds what one worker measured in a second. */
  add(runId: string, interval: Snapshot): void {
    this.#runId = runId;
    this.#measured = mergeSnapshots(this.#measured, interval);
  }

  show(figures: LiveFigures): void {
    this.#figures = figures;
  }

  /** The run is over: the whole of it, with every stage's durations. */
  end(result: Result): void {
    this.#runId = result.run.id;
    this.#exitCode = result.exitCode;
    this.#measured = {
      histograms: Object.fromEntries(
        Object.entries(result.latency).flatMap(([metric, { count, hdr }]) =>
          count > 0 ? [[metric, decompress(hdr)]] : [],
        ),
      ),
      counters: { ...this.#measured.counters, ...countersOf(result) },
      peaks: {},
    };
  }

  /** What the run is, for those who know no other attributes than labels. */
  info(): Metric {
    const { scenario: _, ...labels } = this.labels;
    return {
      name: 'run_info',
      type: 'gauge',
      help: 'What the run is; always 1.',
      points: [{ labels: { run: this.#runId ?? '', ...labels }, value: 1 }],
    };
  }

  /** Those that there are values of. */
  metrics(): Metric[] {
    const { histograms, counters } = this.#measured;
    const metrics: Metric[] = [
      {
        name: 'events',
        type: 'counter',
        help: 'What the run has counted, by metric.',
        // Those of the generator are time, of which only shares mean anything.
        points: Object.entries(counters)
          .filter(([series]) => !series.startsWith('generator.'))
          .map(([series, value]) => ({ labels: labelsOf(series), value })),
      },
      {
        name: 'latency',
        type: 'histogram',
        unit: 'seconds',
        help: 'Durations of the run, by metric.',
        points: Object.entries(histograms).map(([series, encoded]) => bucketsOf(series, encoded)),
      },
      ...this.#gauges(),
    ];
    return metrics.filter(({ points }) => points.length > 0);
  }

  #gauges(): Metric[] {
    const figures = this.#figures;
    const gauge = (
      name: string,
      help: string,
      value: number | null | undefined,
      unit?: 'seconds',
    ): Metric => ({
      name,
      type: 'gauge',
      help,
      ...(unit !== undefined && { unit }),
      points: value === null || value === undefined ? [] : [{ labels: {}, value }],
    });
    const elapsed = figures && figures.elapsedMs / 1_000;
    return [
      gauge('elapsed', 'How long the load has lasted.', elapsed, 'seconds'),
      gauge('in_flight', 'Iterations under way.', figures?.inFlight),
      gauge('stock_left', 'Units over all SKUs.', figures?.stockLeft),
      gauge('queue_depth', 'Events on their way to the ledger.', figures?.queueDepth),
      gauge('exit_code', 'Exit code of the run, once it is over.', this.#exitCode),
    ];
  }
}
