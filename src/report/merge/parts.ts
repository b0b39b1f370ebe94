import { decompress } from '../../measure/histogram.ts';
import { mergeAll } from '../../measure/snapshot.ts';
import { summarize } from '../../measure/summary.ts';
import type { Result } from '../model.ts';
import { stepRows, stepSeriesOf, type StepRow, type SummariesBySeries } from '../steps.ts';
import { sumOrNull } from '../stock-rows.ts';

const MAX_OFFENDERS = 10;

type Results = readonly Result[];

export const sumOf = <T>(parts: readonly T[], of: (part: T) => number): number =>
  parts.reduce((total, part) => total + of(part), 0);

export const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** The runs that a result is of: one, or those that were merged into it. */
export const runIdsOf = ({ run }: Result): string[] => run.id.split('+');

/** Each series' histograms merged, and summarised anew. */
const mergeSummaries = (all: readonly SummariesBySeries[]): SummariesBySeries => {
  const names = [...new Set(all.flatMap((summaries) => Object.keys(summaries)))];
  const { histograms } = mergeAll(
    all.map((summaries) => ({
      histograms: Object.fromEntries(
        Object.entries(summaries).flatMap(([metric, { count, hdr }]) =>
          count > 0 ? [[metric, decompress(hdr)]] : [],
        ),
      ),
      counters: {},
      peaks: {},
    })),
  );
  return Object.fromEntries(names.map((name) => [name, summarize(histograms[name])]));
};

export const mergeLatency = (results: Results): Result['latency'] =>
  mergeSummaries(results.map(({ latency }) => latency)) as Result['latency'];

export const mergeSteps = (results: Results): StepRow[] =>
  stepRows(mergeSummaries(results.map(stepSeriesOf)));

/** Exact when `value` is a figure per unit of `weight`. Results without the value are left out; null without any. */
const weightedMean = (
  results: Results,
  value: (result: Result) => number | null,
  weight: (result: Result) => number,
): number | null => {
  const known = results.flatMap((result) => {
    const own = value(result);
    return own === null ? [] : [{ own, weight: weight(result) }];
  });
  return ratio(
    sumOf(known, (one) => one.own * one.weight),
    sumOf(known, (one) => one.weight),
  );
};

/** P is a mean over nodes, and every run has as many of them; Q is of the confirmed events, C of the reads. */
export const mergeModel = (results: Results): Result['model'] => ({
  P: weightedMean(
    results,
    ({ model }) => model.P,
    (result) => runIdsOf(result).length,
  ),
  Q: weightedMean(
    results,
    ({ model }) => model.Q,
    ({ queue }) => queue.confirmed,
  ),
  C: weightedMean(
    results,
    ({ cache }) => cache.hitRatio,
    ({ cache }) => cache.reads,
  ),
});

type Account = Omit<Result['stockTotal'], 'skus'>;

const mergeAccounts = (accounts: readonly Account[]): Account => ({
  initial: sumOf(accounts, ({ initial }) => initial),
  available: sumOrNull(accounts.map(({ available }) => available)),
  reserved: sumOrNull(accounts.map(({ reserved }) => reserved)),
  sold: sumOrNull(accounts.map(({ sold }) => sold)),
  oversold: sumOrNull(accounts.map(({ oversold }) => oversold)),
});

/** Every run had a stock of its own. Only SKUs that each result lists are listed; the total is over all. */
export const mergeStock = (results: Results): Pick<Result, 'stock' | 'stockTotal'> => {
  const [first, ...others] = results;
  const stock = (first?.stock ?? []).flatMap((row) => {
    const rows = [row, ...others.flatMap(({ stock }) => stock.filter(({ sku }) => sku === row.sku))];
    return rows.length === results.length ? [{ sku: row.sku, ...mergeAccounts(rows) }] : [];
  });
  return {
    stock: stock.toSorted((a, b) => (b.oversold ?? 0) - (a.oversold ?? 0)),
    stockTotal: {
      skus: Math.max(...results.map(({ stockTotal }) => stockTotal.skus)),
      ...mergeAccounts(results.map(({ stockTotal }) => stockTotal)),
    },
  };
};

const RANK = { held: 0, unknown: 1, violated: 2 } as const;

/** An invariant holds when it held in every run; a run that did not audit it leaves it unknown. */
export const mergeAudit = (results: Results): Result['audit'] => {
  const names = [...new Set(results.flatMap(({ audit }) => audit.map(({ invariant }) => invariant)))];
  const runs = results.flatMap(runIdsOf).length;
  return names.map((invariant) => {
    const found = results.map(({ run, audit }) => ({
      id: run.id,
      ...(audit.find((entry) => entry.invariant === invariant) ?? {
        verdict: 'unknown' as const,
        detail: 'not audited',
        offenders: [],
      }),
    }));
    const [worst] = found.toSorted((a, b) => RANK[b.verdict] - RANK[a.verdict]);
    return {
      invariant,
      verdict: worst!.verdict,
      detail:
        worst!.verdict === 'held' ? `held in each of ${runs} runs` : `run ${worst!.id}: ${worst!.detail}`,
      offenders: found
        .flatMap(({ id, offenders }) => offenders.map((offender) => `run ${id}: ${offender}`))
        .slice(0, MAX_OFFENDERS),
    };
  });
};

/**
 * Counts of the same second added up. Percentiles and ratios by the second have no histogram or count behind them,
 * and are not known. Empty when the rows of the runs are not equally long.
 */
export const mergeTimeline = (results: Results): Result['timeline'] => {
  const timelines = results.map(({ timeline }) => timeline);
  const lengths = new Set(timelines.flatMap(([row]) => row?.atMs ?? []));
  if (lengths.size !== 1) return [];
  const longest = timelines.reduce((a, b) => (b.length > a.length ? b : a));
  return longest.map(({ atMs }, index) => {
    const rows = timelines.flatMap((timeline) => timeline[index] ?? []);
    return {
      atMs,
      iterations: sumOf(rows, ({ iterations }) => iterations),
      accepted: sumOf(rows, ({ accepted }) => accepted),
      p50: null,
      p99: null,
      cacheHitRatio: null,
      stockLeft: rows.length < timelines.length ? null : sumOrNull(rows.map(({ stockLeft }) => stockLeft)),
      cacheLoads: sumOf(rows, ({ cacheLoads = 0 }) => cacheLoads),
      queueDepth: sumOrNull(rows.map(({ queueDepth = null }) => queueDepth)),
      persistLagP99: null,
    };
  });
};
