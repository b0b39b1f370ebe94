import { formatMicros, formatPerSecond } from '../figures.ts';
import type { Tone } from '../layout.ts';
import type { GateMetric } from './metrics.ts';
import type { GateMetricFinding, GateReport, GateRound } from './model.ts';

export const METRIC_LABELS: Readonly<Record<GateMetric, string>> = {
  throughput: 'orders answered/s',
  p50: 'order latency p50',
  p95: 'order latency p95',
  p99: 'order latency p99',
};

export const GATE_HEADLINES: Readonly<Record<GateReport['verdict'], readonly [tone: Tone, words: string]>> = {
  passed: ['good', '✔ PASSED'],
  regression: ['bad', '✘ REGRESSION'],
  violated: ['bad', '✘ VIOLATED'],
  inconclusive: ['doubtful', '? INCONCLUSIVE'],
  informational: ['doubtful', 'i INFORMATIONAL'],
  'service-lost': ['bad', '✘ SERVICE LOST'],
  interrupted: ['doubtful', '‖ INTERRUPTED'],
};

export const METRIC_MARKS: Readonly<
  Record<GateMetricFinding['verdict'], readonly [tone: Tone, words: string]>
> = {
  passed: ['good', '✔ passed'],
  regression: ['bad', '✘ worse'],
  inconclusive: ['doubtful', '? open'],
};

export const formatMetric = (metric: GateMetric, value: number): string =>
  metric === 'throughput' ? formatPerSecond(value) : formatMicros(value);

/** `+3.2 %`, `−0.4 %`. */
export const signed = (share: number): string => {
  const text = `${(Math.abs(share) * 100).toFixed(1)} %`;
  if (text === '0.0 %') return text;
  return `${share < 0 ? '−' : '+'}${text}`;
};

/** The smallest change that would have been found; beyond twice or half, its size is no longer of interest. */
export const formatDetectable = (share: number): string => {
  if (share > 1) return 'a doubling';
  return share < -0.5 ? 'a halving' : signed(share);
};

export const formatP = (p: number): string => (p < 0.0001 ? '<0.0001' : p.toFixed(p < 0.1 ? 4 : 2));

/** What one round showed, in a line. */
export const describeRound = ({ throughput, p50, p95, p99, saturated }: GateRound): string =>
  [
    formatPerSecond(throughput),
    `p50 ${formatMicros(p50)}`,
    `p95 ${formatMicros(p95)}`,
    `p99 ${formatMicros(p99)}`,
    ...(saturated ? ['generator saturated'] : []),
  ].join(' · ');

/** What to do next, by verdict; nothing after a pass. */
export const ADVICE: Readonly<Record<GateReport['verdict'], readonly string[]>> = {
  passed: [],
  regression: ['Look at one run of each side: trade-sim compare, or run with --report html=FILE.'],
  violated: ['Run the scenario once, with --seed, to see the offending orders.'],
  inconclusive: [
    'Make it sharper: longer rounds (--duration), more of them (--max-pairs), or a quieter machine.',
    'Or ask for less: trade-sim gate calibrate SCENARIO proposes margins that fit the noise here.',
  ],
  informational: ['Record a baseline on this machine, or use --against, which needs none.'],
  'service-lost': ['trade-sim doctor'],
  interrupted: [],
};
