import { TradeSimError, usageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { seriesName, type Tags } from '../kernel/series.ts';
import { parseDuration, parseRate } from '../kernel/units.ts';
import { Scanner } from './scanner.ts';
import { THRESHOLD_METRICS, type Aggregate, type ThresholdMetric } from './threshold-metrics.ts';

const COMPARISONS = ['<', '<=', '>', '>='] as const;

/** What a run must reach, as data. */
export interface Threshold {
  /** As it was written, with blanks only around words. */
  readonly text: string;
  readonly metric: string;
  /** The series of the metric that are meant: those that have all of these. */
  readonly tags: Tags;
  readonly aggregate: Aggregate;
  /** Of the aggregate `percentile`: 0 < p <= 100. */
  readonly percentile?: number;
  readonly comparison: (typeof COMPARISONS)[number];
  /** A duration in microseconds, a count, a number per second, or a share as a part of 1. */
  readonly limit: number;
  /** The counts that make up the whole of a share; empty for every other aggregate. */
  readonly of: readonly string[];
  /** It must hold in each window of this length; absent: over the whole load. Whole seconds. */
  readonly windowMs?: number;
  /** What came before this time of the load does not count. Whole seconds. */
  readonly fromMs?: number;
  /** A miss ends the load, but not before this time of it. Absent: it does not. */
  readonly abortAfterMs?: number;
}

/** Whether it can be judged by what the whole load adds up to; else the seconds of the load are looked at. */
export const judgesWholeLoad = ({ windowMs, fromMs, abortAfterMs }: Threshold): boolean =>
  windowMs === undefined && fromMs === undefined && abortAfterMs === undefined;

/**
 * Reads `metric{tag:value}:aggregate comparison value over window from time abort after time`, of which braces and
 * all that comes after the value may be absent: `order.latency:p99<200ms`, `orders.failed:share<0.1%`,
 * `step.latency{step:pay}:p99.9<1s over 10s abort after 5s`. Throws a usage error that points at the first
 * character that cannot be read.
 */
export const parseThreshold = (source: string): Threshold => {
  const text = new Scanner(source);
  const metric = readMetric(text);
  const known = THRESHOLD_METRICS[metric]!;
  const tags = readTags(text, metric, known);
  if (text.take(/:/) === '')
    throw text.wrong('a colon is missing', `Write ${metric}:${namesOf(known).at(-1)}.`);
  const { name, aggregate, percentile } = readAggregate(text, metric, known);
  const comparison = readComparison(text);
  const limitText = text.take(/\S*/);
  const limit = read(text, () => parseLimit(aggregate, limitText));
  const times = readTimes(text);
  return {
    text: `${seriesName(metric, tags)}:${name}${comparison}${limitText}${times.text}`,
    metric,
    tags,
    aggregate,
    ...(percentile !== undefined && { percentile }),
    comparison,
    limit,
    of: aggregate === 'share' ? known.of : [],
    ...times.fields,
  };
};

const readMetric = (text: Scanner): string => {
  const metric = text.take(/[^\s:<>={}]*/);
  if (!Object.hasOwn(THRESHOLD_METRICS, metric))
    throw text.wrong(`there is no metric "${metric}"`, didYouMean(metric, Object.keys(THRESHOLD_METRICS)));
  return metric;
};

const readTags = (text: Scanner, metric: string, known: ThresholdMetric): Tags => {
  const tags: Record<string, string> = {};
  if (text.take(/\{/) === '') return tags;
  if (known.tags.length === 0) throw text.wrong(`${metric} has no tags`, `step.latency has ${STEP_TAGS}.`);
  do {
    const tag = text.take(/[^\s:,{}]*/);
    if (!known.tags.includes(tag))
      throw text.wrong(`${metric} has no tag "${tag}"`, didYouMean(tag, known.tags));
    if (Object.hasOwn(tags, tag)) throw text.wrong(`${tag} is there twice`);
    if (text.take(/:/) === '') throw text.wrong('a colon is missing', `Write {${tag}:value}.`);
    const value = text.take(/[^\s:,{}]*/);
    if (value === '') throw text.wrong(`${tag} has no value`);
    tags[tag] = value;
  } while (text.take(/,/) !== '');
  if (text.take(/\}/) === '') throw text.wrong('a closing brace is missing');
  return tags;
};

const STEP_TAGS = THRESHOLD_METRICS['step.latency']!.tags.join(', ');

/** Examples of what may be written. */
const namesOf = ({ aggregates }: ThresholdMetric): string[] =>
  aggregates.flatMap((name) => (name === 'percentile' ? ['p50', 'p99', 'p99.9'] : [name]));

/** `p99.9`, or `p999` as results have it. */
const percentileOf = (name: string): number | undefined => {
  const match = /^p(?:(\d{1,2}(?:\.\d{1,3})?)|99(9{1,3}))$/.exec(name);
  const percentile = match ? Number(match[1] ?? `99.${match[2]}`) : 0;
  return percentile > 0 ? percentile : undefined;
};

const readAggregate = (text: Scanner, metric: string, known: ThresholdMetric) => {
  const name = text.take(/[^\s<>=]*/);
  const percentile = known.aggregates.includes('percentile') ? percentileOf(name) : undefined;
  if (percentile !== undefined) return { name, aggregate: 'percentile' as const, percentile };
  const aggregate = known.aggregates.find((one) => one === name && one !== 'percentile');
  if (aggregate === undefined)
    throw text.wrong(`${metric} has no aggregate "${name}"`, `It has ${namesOf(known).join(', ')}.`);
  return { name, aggregate };
};

const readComparison = (text: Scanner): Threshold['comparison'] => {
  const sign = text.take(/[<>=]*/);
  const comparison = COMPARISONS.find((known) => known === sign);
  if (comparison === undefined) throw text.wrong(`"${sign}" is not a comparison`, 'Write <, <=, > or >=.');
  return comparison;
};

const US_PER_MS = 1_000;

const parseLimit = (aggregate: Aggregate, text: string): number => {
  if (aggregate === 'count') return parseCount(text);
  if (aggregate === 'rate') return parseRate(text);
  if (aggregate === 'share') return parseShare(text);
  return parseDuration(text) * US_PER_MS;
};

const parseCount = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw usageError(`"${text}" is not a count`, 'Write a whole number.');
  return Number(text);
};

/** Reads `0.5%` as a part of 1. */
export const parseShare = (text: string): number => {
  const match = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text);
  if (!match) throw usageError(`"${text}" is not a share`, 'Write a percentage: 0.5%.');
  return Number(match[1]) / 100;
};

const SECOND_MS = 1_000;
const LONGEST_WINDOW_MS = 600_000;
const DAY_MS = 24 * 3_600_000;

type Times = Pick<Threshold, 'windowMs' | 'fromMs' | 'abortAfterMs'>;

/** The words after the value, in any order, each once. */
const readTimes = (text: Scanner): { readonly text: string; readonly fields: Times } => {
  const fields: { -readonly [Name in keyof Times]: Times[Name] } = {};
  for (let word = text.take(/\S+/); word !== ''; word = text.take(/\S+/)) {
    const field = WORDS[word as keyof typeof WORDS] as keyof Times | undefined;
    if (field === undefined)
      throw text.wrong(`"${word}" is not understood`, didYouMean(word, Object.keys(WORDS)));
    if (fields[field] !== undefined) throw text.wrong(`"${word}" is there twice`);
    fields[field] = field === 'abortAfterMs' ? readDelay(text) : readTime(text, field);
  }
  const { windowMs, fromMs, abortAfterMs } = fields;
  const words = [
    windowMs === undefined ? '' : ` over ${windowMs / SECOND_MS}s`,
    fromMs === undefined ? '' : ` from ${fromMs / SECOND_MS}s`,
    abortAfterMs === undefined ? '' : abortWords(abortAfterMs),
  ];
  return { text: words.join(''), fields };
};

const WORDS = { over: 'windowMs', from: 'fromMs', abort: 'abortAfterMs' } as const;

const abortWords = (afterMs: number): string =>
  afterMs === 0 ? ' abort' : ` abort after ${afterMs / SECOND_MS}s`;

const readDelay = (text: Scanner): number =>
  text.take(/after(?=\s)/) === '' ? 0 : readTime(text, 'abortAfterMs');

const readTime = (text: Scanner, field: keyof Times): number => {
  const written = text.take(/\S*/);
  const ms = read(text, () => parseDuration(written));
  const mostMs = field === 'windowMs' ? LONGEST_WINDOW_MS : DAY_MS;
  const leastMs = field === 'windowMs' ? SECOND_MS : 0;
  if (ms % SECOND_MS !== 0 || ms < leastMs || ms > mostMs)
    throw text.wrong(
      `"${written}" is not a whole number of seconds from ${leastMs / SECOND_MS}s to ${mostMs / SECOND_MS}s`,
    );
  return ms;
};

/** Runs a parser on the part that was taken last; its usage error points there. */
const read = <T>(text: Scanner, parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TradeSimError)) throw error;
    throw text.wrong(error.message, error.hint);
  }
};

/** The same threshold, of which a miss ends the load after `afterMs` of it. Whole seconds. */
export const withAbort = (threshold: Threshold, afterMs: number): Threshold =>
  threshold.abortAfterMs === undefined
    ? { ...threshold, text: `${threshold.text}${abortWords(afterMs)}`, abortAfterMs: afterMs }
    : threshold;
