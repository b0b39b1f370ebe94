import { ExitCode } from '../../kernel/exit-codes.ts';
import type { Result } from '../model.ts';
import type { Gated } from './gated.ts';
import type { Finding } from './judge.ts';
import { changeOf } from './metrics.ts';
import type { GateMetricFinding, GateReport } from './model.ts';
import { METRIC_LABELS, signed } from './wording.ts';

/** Why the rounds came to an end before they were all run. */
export type EarlyEnd =
  | { readonly kind: 'violated' | 'service-lost' | 'empty'; readonly reason: string }
  | { readonly kind: 'interrupted' };

/** Everything a gate's report is made of. */
export interface GateFindings extends Pick<
  GateReport,
  | 'scenario'
  | 'seed'
  | 'startedAt'
  | 'durationMs'
  | 'command'
  | 'base'
  | 'against'
  | 'pairs'
  | 'maxPairs'
  | 'environment'
  | 'services'
  | 'rounds'
> {
  readonly findings: readonly Finding[];
  readonly audits: readonly Gated['audit'][];
  readonly ended: EarlyEnd | undefined;
  readonly speed: GateReport['speed'];
  /** Why the machines or services are too unlike for a verdict. */
  readonly unlike: readonly string[];
  readonly notes: readonly string[];
}

export const buildGateReport = ({
  findings,
  audits,
  ended,
  speed,
  unlike,
  ...facts
}: GateFindings): GateReport => {
  const invariants = worstOf(audits);
  return {
    schema: 'trade-sim.gate/1',
    ...verdictOf(findings, invariants, ended, unlike),
    ...facts,
    ...(speed !== undefined && { speed }),
    metrics: findings.map(inShares),
    invariants,
    saturatedRounds: facts.rounds.filter(({ saturated }) => saturated).length,
  };
};

const inShares = (finding: Finding): GateMetricFinding => {
  const { metric, verdict, base, candidate, effect, low, high, margin, p, holmP, detectable, spread } =
    finding;
  const ends = [changeOf(metric, low), changeOf(metric, high)];
  return {
    metric,
    verdict,
    base,
    candidate,
    change: changeOf(metric, effect),
    low: Math.min(...ends),
    high: Math.max(...ends),
    margin: changeOf(metric, margin),
    p,
    holmP,
    detectable: changeOf(metric, detectable),
    spread,
  };
};

type Judged = Pick<GateReport, 'verdict' | 'exitCode' | 'reasons'>;

/** Proof of a defect comes first, then what kept the gate from its end, then the figures. */
const verdictOf = (
  findings: readonly Finding[],
  invariants: GateReport['invariants'],
  ended: EarlyEnd | undefined,
  unlike: readonly string[],
): Judged => {
  switch (ended?.kind) {
    case 'violated':
      return { verdict: 'violated', exitCode: ExitCode.invariantViolated, reasons: [ended.reason] };
    case 'interrupted':
      return {
        verdict: 'interrupted',
        exitCode: ExitCode.interrupted,
        reasons: ['ended early: no verdict, only what was measured until then'],
      };
    case 'service-lost':
      return { verdict: 'service-lost', exitCode: ExitCode.serviceUnavailable, reasons: [ended.reason] };
    case 'empty':
      return { verdict: 'inconclusive', exitCode: ExitCode.inconclusive, reasons: [ended.reason] };
    case undefined:
      return unlike.length > 0
        ? { verdict: 'informational', exitCode: ExitCode.passed, reasons: unlike }
        : verdictOfRounds(findings, invariants);
  }
};

const verdictOfRounds = (findings: readonly Finding[], invariants: GateReport['invariants']): Judged => {
  const having = (verdict: Finding['verdict']) => findings.filter((finding) => finding.verdict === verdict);
  const worse = having('regression');
  if (worse.length > 0)
    return { verdict: 'regression', exitCode: ExitCode.regression, reasons: worse.map(regressionOf) };
  const doubts = [
    ...invariants
      .filter(({ verdict }) => verdict === 'unknown')
      .map(({ invariant, detail }) => `${invariant} could not be judged: ${detail}`),
    ...having('inconclusive').map(doubtOf),
  ];
  if (doubts.length > 0) return { verdict: 'inconclusive', exitCode: ExitCode.inconclusive, reasons: doubts };
  return {
    verdict: 'passed',
    exitCode: ExitCode.passed,
    reasons: ['every metric is within its margin, with its whole 95 % interval'],
  };
};

const regressionOf = (finding: Finding): string => {
  const { metric, change, low, high, margin } = inShares(finding);
  const least = metric === 'throughput' ? high : low;
  return `${METRIC_LABELS[metric]} ${signed(change)}: ${signed(least)} at the least, ${signed(margin)} is tolerated`;
};

const doubtOf = (finding: Finding): string => {
  const { metric, low, high, margin } = inShares(finding);
  return `${METRIC_LABELS[metric]} changed by ${signed(low)} to ${signed(high)}: the margin of ${signed(margin)} lies within`;
};

const RANKS: readonly Result['audit'][number]['verdict'][] = ['held', 'unknown', 'violated'];

/** By invariant, in the order in which they came up. */
const worstOf = (audits: readonly Gated['audit'][]): GateReport['invariants'] => {
  const worst = new Map<string, GateReport['invariants'][number]>();
  for (const { invariant, verdict, detail } of audits.flat()) {
    const known = worst.get(invariant);
    if (known === undefined || RANKS.indexOf(verdict) > RANKS.indexOf(known.verdict))
      worst.set(invariant, { invariant, verdict, detail });
  }
  return [...worst.values()];
};
