import { decompress } from '../../measure/histogram.ts';
import { mergeAll } from '../../measure/snapshot.ts';
import { meanInterval, type Interval } from '../../measure/statistics.ts';
import { summarize } from '../../measure/summary.ts';
import { answeredPerSecond, type Arm, type DesignFacts } from '../comparison.ts';
import { mergeCost } from '../merge/cost.ts';
import type { Result } from '../model.ts';

/** A combination as it was asked for. */
export interface ArmIdentity {
  readonly label: string;
  readonly design: string;
  readonly choices: Readonly<Record<string, string>>;
  readonly isOpenLoad: boolean;
  readonly facts: DesignFacts;
}

export interface ArmRound {
  readonly result: Result;
  readonly overheadMs: number;
}

/** The higher, the worse. */
const BADNESS: Readonly<Record<Result['verdict'], number>> = {
  passed: 0,
  interrupted: 1,
  inconclusive: 2,
  'threshold-failed': 3,
  'service-lost': 4,
  violated: 5,
};

/** Puts the rounds of one combination together. At least one. */
export const armOf = (
  { label, design, choices, isOpenLoad, facts }: ArmIdentity,
  rounds: readonly ArmRound[],
): Arm => {
  const results = rounds.map(({ result }) => result);
  const worst = results.toSorted((a, b) => BADNESS[b.verdict] - BADNESS[a.verdict])[0]!;
  const total = (pick: (result: Result) => number) => results.reduce((sum, result) => sum + pick(result), 0);
  const over = (part: (result: Result) => number, whole: (result: Result) => number) =>
    total(whole) > 0 ? total(part) / total(whole) : null;
  const bounds = results.flatMap(({ lock }) => lock.serialBound?.reachedRatio ?? []);
  const latency = merged(results, 'order.latency');
  return {
    label,
    design,
    choices: { ...choices },
    nodes: worst.run.nodes,
    isOpenLoad,
    verdict: worst.verdict,
    reasons: [...worst.reasons],
    ordersPerSecond: meanInterval(results.map(answeredPerSecond)),
    p50Us: latency.p50,
    p99Us: latency.p99,
    p50UsByRound: meanInterval(results.map((result) => result.latency['order.latency'].p50)),
    p99UsByRound: meanInterval(results.map((result) => result.latency['order.latency'].p99)),
    orderLatency: { count: latency.count, hdr: latency.hdr },
    lockWaitP99Us: merged(results, 'lock.wait').p99,
    lockWaitP99UsByRound: meanInterval(results.map((result) => result.latency['lock.wait'].p99)),
    contendedRatio:
      over(
        ({ orders }) => orders.contended,
        ({ orders }) => orders.attempted,
      ) ?? 0,
    hitRatio: over(
      ({ cache }) => cache.hits,
      ({ cache }) => cache.reads,
    ),
    hitRatioByRound: intervalOfAll(results.map(({ cache }) => cache.hitRatio)),
    loadsPerSecond: (total(({ cache }) => cache.loads) * 1_000) / total(({ run }) => run.durationMs),
    loadsPerExpiry: over(
      ({ cache }) => cache.loads,
      ({ cache }) => cache.expiries,
    ),
    peakConcurrentLoads: Math.max(...results.map(({ cache }) => cache.peakConcurrentLoads)),
    serialBoundRatio: bounds.length > 0 ? meanInterval(bounds).mean : null,
    ...mergeCost(results),
    cpuMsPerOrderByRound: intervalOfAll(results.map(({ cost }) => cost.cpuMsPerOrder)),
    oversoldUnits: total(({ stockTotal }) => stockTotal.oversold ?? 0),
    designFacts: facts,
    configuration: { ...results[0]!.run.configuration },
    runs: rounds.map(({ result, overheadMs }) => ({
      runId: result.run.id,
      verdict: result.verdict,
      ordersPerSecond: answeredPerSecond(result),
      invariants: tallied(result),
      overheadMs,
    })),
  };
};

const merged = (results: readonly Result[], metric: 'order.latency' | 'lock.wait') =>
  summarize(
    mergeAll(
      results.map(({ latency }) => ({
        histograms: latency[metric].count > 0 ? { [metric]: decompress(latency[metric].hdr) } : {},
        counters: {},
        peaks: {},
      })),
    ).histograms[metric],
  );

const intervalOfAll = (values: readonly (number | null)[]): Interval | null => {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? meanInterval(known) : null;
};

const tallied = ({ audit }: Result): Arm['runs'][number]['invariants'] => {
  const count = (verdict: 'held' | 'violated' | 'unknown') =>
    audit.filter((finding) => finding.verdict === verdict).length;
  return { held: count('held'), violated: count('violated'), unknown: count('unknown') };
};
