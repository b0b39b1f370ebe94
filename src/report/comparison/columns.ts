import { formatCount } from '../../kernel/units.ts';
import { isAbove, type Interval } from '../../measure/statistics.ts';
import type { Arm } from '../comparison.ts';
import { formatMicros, formatRatio, formatUnits, NONE } from '../figures.ts';

/** A figure of every combination: a column of a table, and what its rows can be sorted by. */
export interface Figure {
  /** As `--sort` knows it. */
  readonly key: string;
  readonly head: string;
  readonly title: string;
  readonly better: 'high' | 'low';
  readonly value: (arm: Arm) => number | null;
  readonly format: (value: number | null) => string;
  /** What it cannot exceed. */
  readonly most?: number;
  /** Over the rounds; only a figure that has one can be marked as best. */
  readonly interval?: (arm: Arm) => Interval | null;
}

const decimal = (value: number | null): string => value?.toFixed(2) ?? NONE;
const count = (value: number | null): string => (value === null ? NONE : formatCount(value));

/** Every figure by the key that users type. */
export const FIGURES = {
  orders: {
    key: 'orders',
    head: 'orders/s',
    title: 'Orders per second',
    better: 'high',
    value: (arm) => arm.ordersPerSecond.mean,
    format: count,
    interval: (arm) => arm.ordersPerSecond,
  },
  p50: {
    key: 'p50',
    head: 'p50',
    title: 'Order latency, p50',
    better: 'low',
    value: (arm) => arm.p50Us,
    format: formatMicros,
    interval: (arm) => arm.p50UsByRound,
  },
  p99: {
    key: 'p99',
    head: 'p99',
    title: 'Order latency, p99',
    better: 'low',
    value: (arm) => arm.p99Us,
    format: formatMicros,
    interval: (arm) => arm.p99UsByRound,
  },
  wait: {
    key: 'wait',
    head: 'wait p99',
    title: 'Wait for the lock, p99',
    better: 'low',
    value: (arm) => arm.lockWaitP99Us,
    format: formatMicros,
    interval: (arm) => arm.lockWaitP99UsByRound,
  },
  oversold: {
    key: 'oversold',
    head: 'oversold',
    title: 'Oversold units',
    better: 'low',
    value: (arm) => arm.oversoldUnits,
    format: formatUnits,
  },
  contended: {
    key: 'contended',
    head: 'contended',
    title: 'Attempts that did not win in time',
    better: 'low',
    value: (arm) => arm.contendedRatio,
    format: formatRatio,
  },
  bound: {
    key: 'bound',
    head: 'of bound',
    title: 'Of what one lock can serve',
    better: 'high',
    value: (arm) => arm.serialBoundRatio,
    format: formatRatio,
  },
  hits: {
    key: 'hits',
    head: 'hits',
    title: 'Cache hits',
    better: 'high',
    most: 1,
    value: (arm) => arm.hitRatio,
    format: formatRatio,
    interval: (arm) => arm.hitRatioByRound,
  },
  loads: {
    key: 'loads',
    head: 'loads/expiry',
    title: 'Cache loads per expiry',
    better: 'low',
    value: (arm) => arm.loadsPerExpiry,
    format: decimal,
  },
  peak: {
    key: 'peak',
    head: 'peak loads',
    title: 'Most cache loads at once on a node',
    better: 'low',
    value: (arm) => arm.peakConcurrentLoads,
    format: formatUnits,
  },
  commands: {
    key: 'commands',
    head: 'Redis commands',
    title: 'Redis commands per order',
    better: 'low',
    value: (arm) => arm.redisCommandsPerOrder,
    format: decimal,
  },
  messages: {
    key: 'messages',
    head: 'messages',
    title: 'Messages per order',
    better: 'low',
    value: (arm) => arm.messagesPerOrder,
    format: decimal,
  },
  transactions: {
    key: 'transactions',
    head: 'transactions',
    title: 'Transactions per order',
    better: 'low',
    value: (arm) => arm.transactionsPerOrder,
    format: decimal,
  },
  cpu: {
    key: 'cpu',
    head: 'CPU ms',
    title: 'CPU time per order, ms',
    better: 'low',
    value: (arm) => arm.cpuMsPerOrder,
    format: decimal,
    interval: (arm) => arm.cpuMsPerOrderByRound,
  },
} as const satisfies Readonly<Record<string, Figure>>;

export const SORT_KEYS = [...Object.keys(FIGURES), 'nodes', 'name'];

/** The best first; those without the figure last; those that are equal in the order in which they were given. */
export const sortArms = (arms: readonly Arm[], key: string): Arm[] => {
  if (key === 'name') return arms.toSorted((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
  if (key === 'nodes') return arms.toSorted((a, b) => a.nodes - b.nodes);
  const { value, better }: Figure = (FIGURES as Readonly<Record<string, Figure>>)[key]!;
  const rank = (arm: Arm): number => {
    const own = value(arm);
    if (own === null) return Number.POSITIVE_INFINITY;
    return better === 'high' ? -own : own;
  };
  // Two that lack the figure must not become NaN.
  return arms.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
};

/**
 * The one whose interval is clear of every other's; there may be none. Who violated an invariant is not in the
 * running: being fast is no merit then.
 */
export const bestOf = (arms: readonly Arm[], { interval, better }: Figure): Arm | undefined => {
  if (interval === undefined) return undefined;
  const running = arms.filter(({ verdict }) => verdict !== 'violated');
  const isBetter = (a: Interval | null, b: Interval | null) =>
    a !== null && b !== null && (better === 'high' ? isAbove(a, b) : isAbove(b, a));
  return running.find(
    (arm) =>
      running.length > 1 &&
      running.every((other) => other === arm || isBetter(interval(arm), interval(other))),
  );
};
