import { countersOf } from './counters.ts';
import type { Result } from './model.ts';
import { printableLines } from './text.ts';

type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'summary';
  readonly help: string;
  /** A summary's samples have the suffixes `_sum` and `_count`, or none. */
  readonly samples: readonly { readonly suffix?: string; readonly labels?: Labels; readonly value: number }[];
}

const escapeLabel = (text: string): string =>
  printableLines(text)
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);

const renderFamily = ({ name, type, help, samples }: Family, common: Labels): string => {
  const lines = samples.map(({ suffix = '', labels = {}, value }) => {
    const pairs = Object.entries({ ...common, ...labels }).map(
      ([key, text]) => `${key}="${escapeLabel(text)}"`,
    );
    return `${name}${suffix}{${pairs.join(',')}} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
};

const US_PER_SECOND = 1e6;
const QUANTILES = { '0.5': 'p50', '0.9': 'p90', '0.95': 'p95', '0.99': 'p99', '0.999': 'p999' } as const;

const latencySamples = ({ latency }: Result): Family['samples'] =>
  Object.entries(latency).flatMap(([metric, summary]) => [
    ...Object.entries(QUANTILES).map(([quantile, name]) => ({
      labels: { metric, quantile },
      value: summary.count === 0 ? Number.NaN : summary[name] / US_PER_SECOND,
    })),
    { suffix: '_sum', labels: { metric }, value: (summary.mean * summary.count) / US_PER_SECOND },
    { suffix: '_count', labels: { metric }, value: summary.count },
  ]);

/** 1: held or passed; 0: violated or failed; NaN: could not be judged. */
const FOUND = { held: 1, passed: 1, violated: 0, failed: 0, unknown: Number.NaN } as const;

const familiesOf = (result: Result): Family[] => [
  {
    name: 'trade_sim_exit_code',
    type: 'gauge',
    help: 'Exit code of the run: 0 passed, 4 an invariant violated, 5 a threshold failed, 7 inconclusive.',
    samples: [{ value: result.exitCode }],
  },
  {
    name: 'trade_sim_duration_seconds',
    type: 'gauge',
    help: 'How long the load lasted.',
    samples: [{ value: result.run.durationMs / 1_000 }],
  },
  {
    name: 'trade_sim_count',
    type: 'gauge',
    help: 'What the run counted, by metric.',
    samples: Object.entries(countersOf(result)).map(([metric, value]) => ({ labels: { metric }, value })),
  },
  {
    name: 'trade_sim_latency_seconds',
    type: 'summary',
    help: 'Durations of the run, by metric.',
    samples: latencySamples(result),
  },
  {
    name: 'trade_sim_oversold_units',
    type: 'gauge',
    help: 'Most units taken beyond the initial ones; NaN: not known.',
    samples: [{ value: result.stockTotal.oversold ?? Number.NaN }],
  },
  {
    name: 'trade_sim_invariant_held',
    type: 'gauge',
    help: '1: held; 0: violated; NaN: could not be judged.',
    samples: result.audit.map(({ invariant, verdict }) => ({ labels: { invariant }, value: FOUND[verdict] })),
  },
  {
    name: 'trade_sim_threshold_passed',
    type: 'gauge',
    help: '1: passed; 0: failed; NaN: could not be judged.',
    samples: result.thresholds.map(({ text, verdict }) => ({
      labels: { threshold: text },
      value: FOUND[verdict],
    })),
  },
];

/**
 * The result in the text format of Prometheus, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/),
 * for a textfile collector or a push gateway. Gauges: these are figures of one run that is over.
 */
export const renderPrometheus = (result: Result): string => {
  const common = { scenario: result.run.scenario };
  const families = familiesOf(result).filter(({ samples }) => samples.length > 0);
  return `${families.map((family) => renderFamily(family, common)).join('\n')}\n`;
};
