import { formatCount } from '../../kernel/units.ts';
import type { Interval } from '../../measure/statistics.ts';
import type { Arm, Comparison, Decision, Scaling } from '../comparison.ts';
import { formatMicros, formatNumberOf, formatPerSecond, NONE } from '../figures.ts';
import type { Tone } from '../layout.ts';
import { bestOf, FIGURES, type Figure } from './columns.ts';

/** What to know first. */
export interface Remark {
  readonly tone: Tone | undefined;
  readonly text: string;
}

/** The figures whose best is worth a sentence. */
const CONTESTED: readonly Figure[] = [FIGURES.orders, FIGURES.p99, FIGURES.cpu];

const OPEN_LOAD =
  'Orders per second are bounded by the rate of this open load, however many nodes there are: a closed load (--vus) shows how they scale.';

/** Who was wrong, and then who is best where the intervals part. */
export const remarksOf = ({ arms, rounds, scalability, interrupted }: Comparison): Remark[] => {
  const wrong = arms.filter(({ verdict }) => verdict === 'violated');
  const held = arms.length - wrong.length;
  return [
    ...wrong.map(({ label, reasons }): Remark => ({
      tone: 'bad',
      text: `${label}: ${reasons[0] ?? 'violated'}`,
    })),
    ...arms
      .filter(({ verdict }) => verdict !== 'violated' && verdict !== 'passed')
      .map(({ label, verdict, reasons }): Remark => ({
        tone: 'doubtful',
        text: `${label}: ${reasons[0] ?? verdict}`,
      })),
    ...(held > 1 && rounds > 1 ? CONTESTED.map((figure) => contest(arms, figure)) : []),
    ...(held > 1 && rounds === 1
      ? [{ tone: undefined, text: 'One round has no interval: nothing is marked as best.' }]
      : []),
    ...(scalability.length > 0 && arms.some(({ isOpenLoad }) => isOpenLoad)
      ? [{ tone: 'doubtful', text: OPEN_LOAD } as const]
      : []),
    ...(interrupted ? [{ tone: 'doubtful', text: 'Interrupted: not every round was run.' } as const] : []),
  ];
};

const contest = (arms: readonly Arm[], figure: Figure): Remark => {
  const best = bestOf(arms, figure);
  if (best === undefined)
    return { tone: undefined, text: `${figure.title}: none stands out, the intervals overlap.` };
  const words = `${figure.title}: best is ${best.label} with ${figure.format(figure.value(best))}`;
  return { tone: 'good', text: `${words}, clear of every other that held.` };
};

/** `1,200–1,300`, within what the figure can be. */
export const formatInterval = (interval: Interval | null, { format, most = Infinity }: Figure): string =>
  interval === null || interval.low === null || interval.high === null
    ? NONE
    : `${format(Math.max(0, interval.low))}–${format(Math.min(most, interval.high))}`;

/** `flash-sale: 4 combinations, 5 rounds each`. */
export const titleOf = ({ scenario, arms, rounds }: Comparison): string =>
  `${scenario}: ${formatNumberOf(arms.length, 'combination')}, ${formatNumberOf(rounds, 'round')} each`;

export const gistOf = ({ arms }: Comparison): string => {
  const wrong = arms.filter(({ verdict }) => verdict === 'violated').length;
  return wrong === 0 ? 'no invariant was violated' : `${wrong} of ${arms.length} violated an invariant`;
};

export const CRITERIA = ['performance', 'scalability', 'security', 'ease of use', 'cost per order'] as const;

/** What stands in a row of the decision table, by criterion: each a few short lines. */
export const decisionCells = (row: Decision): readonly (readonly string[])[] => [
  [
    formatPerSecond(row.performance.ordersPerSecond.mean),
    `p99 ${formatMicros(row.performance.p99Us)}`,
    ...(row.scalability === null ? [] : [`on ${formatNumberOf(row.nodes, 'node')}`]),
  ],
  scalabilityLines(row.scalability),
  securityLines(row.security),
  [
    formatNumberOf(row.ease.options, 'option'),
    formatNumberOf(row.ease.services.length + row.ease.lockMasters, 'service'),
  ],
  [
    `${decimal(row.cost.redisCommandsPerOrder)} commands`,
    `${decimal(row.cost.messagesPerOrder)} messages`,
    `${decimal(row.cost.transactionsPerOrder)} transact.`,
    `${decimal(row.cost.cpuMsPerOrder)} ms CPU`,
  ],
];

const decimal = (value: number | null): string => value?.toFixed(2) ?? NONE;

const scalabilityLines = (scaled: Decision['scalability']): string[] => {
  if (scaled === null) return ['not varied'];
  const { peakNodes, ratio, fewest, most, isFitted } = scaled;
  const growth = ratio === null ? NONE : `x${ratio.toFixed(2)}`;
  const ratioLine = `${growth} on ${most}/${fewest}`;
  if (!isFitted) return [ratioLine, 'no fit'];
  return [ratioLine, inSight(peakNodes, most) ? `peak at ${formatNodes(peakNodes)}` : 'no peak seen'];
};

/** Further than ten times beyond what was measured, a fit says nothing. */
const inSight = (peakNodes: number | null, most: number): peakNodes is number =>
  peakNodes !== null && peakNodes <= 10 * most;

const formatNodes = (nodes: number): string => (nodes < 10 ? nodes.toFixed(1) : formatCount(nodes));

const SAFETY: Readonly<Record<Decision['security']['oversellSafe'], string>> = {
  always: 'safe by design',
  'while-leased': 'while leased',
  never: 'no safeguard',
};

const securityLines = ({
  rounds,
  violatedRounds,
  unknownRounds,
  oversellSafe,
  delivery,
}: Decision['security']) => [
  violatedRounds > 0
    ? `✘ ${violatedRounds} of ${rounds} bad`
    : unknownRounds > 0
      ? `? ${unknownRounds} of ${rounds}`
      : `✔ ${rounds} of ${rounds} held`,
  SAFETY[oversellSafe],
  delivery,
];

/** What the words and marks of the decision table mean. */
export const DECISION_NOTES = [
  'Security: rounds in which every invariant held in this load (no faults were injected), and what the strategies promise: "safe by design" never oversells, "while leased" as long as no holder outlives its lease.',
  'Ease of use: options that the four strategies have, services that have to run. Cost: commands, messages, transactions and CPU time of engine and load per attempt to order.',
];

/** The law as fitted, in a line or two; how uncertain it is. */
export const scalingWords = ({ steps, ratio, fit }: Scaling): string => {
  const [fewest, most] = [steps[0]!.nodes, steps.at(-1)!.nodes];
  const growth = `${ratio === null ? NONE : `x${ratio.toFixed(2)}`} from ${fewest} to ${formatNumberOf(most, 'node')}`;
  if (fit === null) return `${growth}; a curve needs three numbers of nodes.`;
  const { sigma, kappa, peakNodes, intervals, r2 } = fit;
  const law = `contention ${sigma.toFixed(3)}, coherence ${kappa.toFixed(4)}, r² ${r2.toFixed(2)}`;
  const peak = inSight(peakNodes, most) ? `peak at ${formatNodes(peakNodes)} nodes` : 'no peak in sight';
  const few = new Set(steps.map(({ nodes }) => nodes)).size === 3;
  return `${growth}; ${peak}${peakRange(intervals)}; ${law}.${few ? ' Three numbers of nodes leave none to check the curve by: take it as a hint.' : ''}`;
};

const peakRange = (intervals: NonNullable<Scaling['fit']>['intervals']): string => {
  if (intervals === null) return ' (one round: no interval)';
  const { peakNodes } = intervals;
  if (peakNodes === null) return '';
  const { low, high } = peakNodes;
  return ` (95 %: ${formatNodes(low)}–${high === null ? 'none' : formatNodes(high)})`;
};
