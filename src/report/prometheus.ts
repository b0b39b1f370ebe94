import { countersOf } from './counters.ts';
import type { Labels } from './metrics/model.ts';
import { familyLines, sampleLine } from './metrics/prometheus-text.ts';
import type { Result } from './model.ts';

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'summary';
  readonly help: string;
  /** A summary's samples have the suffixes `_sum` and `_count`, or none. */
  readonly samples: readonly { readonly suffix?: string; readonly labels?: Labels; readonly value: number }[];
}

const renderFamily = ({ name, type, help, samples }: Family, common: Labels): string =>
  familyLines(
    name,
    type,
    help,
    samples.map(({ suffix = '', labels = {}, value }) =>
      sampleLine(`${name}${suffix}`, { ...common, ...labels }, value),
    ),
  );

const US_PER_SECOND = 1e6;
const QUANTILES = { '0.5': 'p50', '0.9': 'p90', '0.95': 'p95', '0.99': 'p99', '0.999': 'p999' } as const;

const summarySamples = (labels: Labels, summary: Result['latency'][string]): Family['samples'] => [
  ...Object.entries(QUANTILES).map(([quantile, name]) => ({
    labels: { ...labels, quantile },
    value: summary.count === 0 ? Number.NaN : summary[name] / US_PER_SECOND,
  })),
  { suffix: '_sum', labels, value: (summary.mean * summary.count) / US_PER_SECOND },
  { suffix: '_count', labels, value: summary.count },
];

const latencySamples = ({ latency }: Result): Family['samples'] =>
  Object.entries(latency).flatMap(([metric, summary]) => summarySamples({ metric }, summary));

const stepSamples = ({ steps = [] }: Result): Family['samples'] =>
  steps.flatMap(({ step, outcome, node, latency }) =>
    summarySamples({ step, outcome, ...(node !== undefined && { node: String(node) }) }, latency),
  );

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
    name: 'trade_sim_events',
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
    name: 'trade_sim_step_latency_seconds',
    type: 'summary',
    help: 'Durations of the steps that customers took, by how they ended.',
    samples: stepSamples(result),
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
  ...generatorFamilies(result.generator),
];

const generatorFamilies = (generator: Result['generator']): Family[] => {
  const { eventLoopUtilization, cpuRatio, stealRatio, arrivals, ceilingPerSecond = null } = generator;
  const ratios = {
    event_loop_busy: eventLoopUtilization,
    cpu: cpuRatio,
    steal: stealRatio,
    arrivals_begun: arrivals?.begunRatio,
    arrivals_dropped: arrivals?.droppedRatio,
  };
  return [
    {
      name: 'trade_sim_generator_over_limits',
      type: 'gauge',
      help: '1: the load generator was over its limits, and the figures may be its own; 0: it was not.',
      samples: [{ value: generator.saturated ? 1 : 0 }],
    },
    {
      name: 'trade_sim_generator_ratio',
      type: 'gauge',
      help: 'Shares of 1 of the load generator, by figure.',
      samples: Object.entries(ratios).flatMap(([figure, value]) =>
        value === null || value === undefined ? [] : [{ labels: { figure }, value }],
      ),
    },
    {
      name: 'trade_sim_generator_ceiling_per_second',
      type: 'gauge',
      help: 'Iterations per second that the load generator can do when customers ask for nothing.',
      samples: ceilingPerSecond === null ? [] : [{ value: ceilingPerSecond }],
    },
  ];
};

/**
 * The result in the text format of Prometheus, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/),
 * for a textfile collector or a push gateway. Gauges: these are figures of one run that is over.
 */
export const renderPrometheus = (result: Result): string => {
  const common = { scenario: result.run.scenario };
  const families = familiesOf(result).filter(({ samples }) => samples.length > 0);
  return `${families.map((family) => renderFamily(family, common)).join('\n')}\n`;
};
