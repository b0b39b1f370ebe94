import { formatDuration } from '../../kernel/units.ts';
import { SERVICE_LABELS, SERVICE_NAMES } from '../../services/types.ts';
import { formatMicros, formatNumberOf, formatRatio } from '../figures.ts';
import { flowing, heading, newPage, paragraph, table, type Page } from '../layout.ts';
import { printable } from '../text.ts';
import { tally } from '../wording.ts';
import { describeSpeed } from './fingerprint.ts';
import type { GateReport } from './model.ts';
import { marginFlag, type Noise } from './noise.ts';
import {
  ADVICE,
  formatDetectable,
  formatMetric,
  formatP,
  GATE_HEADLINES,
  METRIC_LABELS,
  METRIC_MARKS,
  signed,
} from './wording.ts';

interface Screen {
  readonly columns: number;
  readonly color: boolean;
}

/** A gate for a person: the verdict and why, then the figures, then what could have been found. */
export const renderGate = (report: GateReport, { columns, color }: Screen): string => {
  const page = newPage(columns, color);
  const [tone, words] = GATE_HEADLINES[report.verdict];
  const sections = [
    [
      `${page.paint(tone, words)}  ${printable(report.scenario)}  (exit ${report.exitCode})`,
      ...report.reasons.flatMap((reason) => paragraph(page, printable(reason))),
    ],
    figures(page, report),
    invariants(page, report),
    origin(page, report),
    ADVICE[report.verdict].flatMap((line) => paragraph(page, line, '→ ', '  ')),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
};

const figures = (page: Page, { metrics, pairs, against }: GateReport): string[] => {
  if (metrics.length === 0) return [];
  const rounds =
    against === 'arm' ? formatNumberOf(pairs, 'pair') + ' of rounds' : formatNumberOf(pairs, 'round');
  return [
    heading(page, 'Change', `from base to candidate over ${rounds}, with the 95 % interval`),
    ...table(
      page,
      [
        { head: '', align: 'left' },
        { head: 'base', align: 'right' },
        { head: 'candidate', align: 'right' },
        { head: 'change', align: 'right' },
        { head: '95 %', align: 'right' },
        { head: 'margin', align: 'right' },
        { head: 'p', align: 'right' },
        { head: '', align: 'left' },
      ],
      metrics.map(({ metric, base, candidate, change, low, high, margin, holmP, verdict }) => [
        SHORT_LABELS[metric],
        formatMetric(metric, base),
        formatMetric(metric, candidate),
        signed(change),
        `${bare(low)}…${bare(high)}`,
        signed(margin),
        formatP(holmP),
        page.paint(...METRIC_MARKS[verdict]),
      ]),
    ),
    ...paragraph(
      page,
      `A change for the worse would have been found 8 times of 10 from ${metrics
        .map(({ metric, detectable }) => `${formatDetectable(detectable)} of ${SHORT_LABELS[metric]}`)
        .join(', ')} on. p: one-sided, corrected for ${metrics.length} metrics (Holm).`,
    ),
  ];
};

const SHORT_LABELS = { throughput: 'orders/s', p50: 'p50', p95: 'p95', p99: 'p99' } as const;

const bare = (share: number): string => signed(share).replace(' %', '');

const invariants = (page: Page, { invariants: audited, rounds, saturatedRounds }: GateReport): string[] => {
  if (audited.length === 0) return [];
  const saturated =
    saturatedRounds === 0
      ? []
      : [`the load generator was saturated in ${saturatedRounds} of ${rounds.length} rounds`];
  return [
    heading(page, 'Audit', [`${tally(audited, 'held')} in every round`, ...saturated].join('; ')),
    ...audited
      .filter(({ verdict }) => verdict !== 'held')
      .flatMap(({ invariant, verdict, detail }) =>
        paragraph(page, `${verdict}: ${invariant}: ${printable(detail)}`),
      ),
  ];
};

const origin = (page: Page, report: GateReport): string[] => {
  const { base, seed, durationMs, environment, services, speed, notes } = report;
  return [
    heading(page, 'Measured', `against ${printable(base)}`),
    ...flowing(page, [
      formatDuration(durationMs),
      `seed ${seed}`,
      `${printable(environment.cpu)}, ${formatNumberOf(environment.cores, 'core')}`,
      ...SERVICE_NAMES.map(
        (name) => `${SERVICE_LABELS[name]} ${printable(services[name].version)} (${services[name].origin})`,
      ),
    ]),
    ...(speed === undefined
      ? []
      : paragraph(
          page,
          `This machine is ${speed.mean.toFixed(2)} times as fast as that of the baseline (${describeSpeed(speed)}); that is taken out.`,
        )),
    ...notes.flatMap((note) => paragraph(page, printable(note))),
  ];
};

/** What the machine does by itself, and the margins that follow. */
export const renderNoise = (
  report: GateReport,
  noise: readonly Noise[],
  { columns, color }: Screen,
): string => {
  const page = newPage(columns, color);
  const lines = [
    heading(
      page,
      `Noise of ${printable(report.scenario)}`,
      `over ${formatNumberOf(report.pairs, 'pair')} of equal rounds`,
    ),
    ...table(
      page,
      [
        { head: '', align: 'left' },
        { head: 'median', align: 'right' },
        { head: 'SD', align: 'right' },
        { head: '95 % within', align: 'right' },
        { head: 'margin', align: 'right' },
        { head: 'pairs', align: 'right' },
      ],
      noise.map(({ metric, spread, effect95, margin, pairs }) => [
        METRIC_LABELS[metric],
        formatMetric(metric, report.metrics.find((finding) => finding.metric === metric)?.base ?? 0),
        formatRatio(spread),
        `±${formatRatio(effect95)}`,
        formatRatio(margin.share) + (margin.floorUs > 0 ? `, ${formatMicros(margin.floorUs)}` : ''),
        pairs === null ? '>15' : String(pairs),
      ]),
    ),
    ...paragraph(
      page,
      'SD: of the log ratio of a pair. 95 % within: gates of 7 pairs in which nothing has changed. margin: the default, or twice that. pairs: to tell twice the margin from no change, 8 times of 10.',
    ),
    '',
    ...origin(page, report),
    '',
    marginFlag(noise),
  ];
  return `${lines.join('\n')}\n`;
};
