import type { ServiceName } from '../backends/ports.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import { formatDuration } from '../kernel/units.ts';
import { SERVICE_LABELS, SERVICE_NAMES } from '../services/types.ts';
import type { Result } from './model.ts';

type Verdict = Result['verdict'];

/** What a verdict is made of. */
export interface Grounds extends Pick<Result, 'audit' | 'thresholds' | 'interrupted' | 'generator'> {
  readonly ordersAttempted: number;
  /** Services that stopped answering in mid-run, whether or not they came back. */
  readonly lostServices: readonly ServiceName[];
  /** What memory there was none for, and ended the load. */
  readonly shortage: string | undefined;
}

const EXIT_CODES = {
  passed: ExitCode.passed,
  violated: ExitCode.invariantViolated,
  'threshold-failed': ExitCode.thresholdFailed,
  inconclusive: ExitCode.inconclusive,
  'service-lost': ExitCode.serviceUnavailable,
  interrupted: ExitCode.interrupted,
} as const satisfies Record<Verdict, ExitCode>;

interface Finding {
  readonly verdict: Exclude<Verdict, 'passed'>;
  readonly reason: string;
}

const violations = ({ audit }: Grounds): Finding[] =>
  audit
    .filter(({ verdict }) => verdict === 'violated')
    .map(({ invariant, detail }) => ({ verdict: 'violated', reason: `${invariant}: ${detail}` }));

const interruption = ({ interrupted }: Grounds): Finding[] =>
  interrupted ? [{ verdict: 'interrupted', reason: 'the run was ended early' }] : [];

const lossOf = (service: ServiceName): string => `${SERVICE_LABELS[service]} was lost in mid-run`;

/** The services that a verdict's reasons say were lost: a saved result names them nowhere else. */
export const lostServicesIn = (reasons: readonly string[]): ServiceName[] =>
  SERVICE_NAMES.filter((service) => reasons.some((reason) => reason.startsWith(lossOf(service))));

const losses = ({ audit, lostServices }: Grounds): Finding[] =>
  audit.some(({ verdict }) => verdict === 'unknown')
    ? lostServices.map((service) => ({
        verdict: 'service-lost',
        reason: `${lossOf(service)}, and not everything could be audited`,
      }))
    : [];

const ENDED_EARLY = 'the load was ended early: ';

const shortages = ({ shortage }: Grounds): Finding[] =>
  shortage === undefined ? [] : [{ verdict: 'inconclusive', reason: `${ENDED_EARLY}${shortage}` }];

/** What a verdict's reasons say there was no memory for. */
export const shortageIn = (reasons: readonly string[]): string | undefined =>
  reasons.find((reason) => reason.startsWith(ENDED_EARLY))?.slice(ENDED_EARLY.length);

const emptiness = ({ audit, ordersAttempted }: Grounds): Finding[] => {
  if (ordersAttempted === 0)
    return [{ verdict: 'inconclusive', reason: 'nothing was exercised: no order was attempted' }];
  return audit.length === 0 ? [{ verdict: 'inconclusive', reason: 'nothing was audited' }] : [];
};

const failedThresholds = ({ thresholds }: Grounds): Finding[] =>
  thresholds
    .filter(({ verdict }) => verdict === 'failed')
    .map(({ text, abortedAtMs }) => ({
      verdict: 'threshold-failed',
      reason:
        `threshold ${text} failed` +
        (abortedAtMs === undefined ? '' : ` and ended the load after ${formatDuration(abortedAtMs)}`),
    }));

/** What the generator measured may be itself: no threshold can be held to that. */
const overload = ({ generator: { reasons = [], limits } }: Grounds): Finding[] =>
  limits?.overLimits === 'note'
    ? []
    : reasons.map((reason) => ({ verdict: 'inconclusive', reason: `load generator: ${reason}` }));

const doubts = ({ audit, thresholds }: Grounds): Finding[] => [
  ...audit
    .filter(({ verdict }) => verdict === 'unknown')
    .map(({ invariant, detail }): Finding => ({
      verdict: 'inconclusive',
      reason: `${invariant} could not be judged: ${detail}`,
    })),
  ...thresholds
    .filter(({ verdict }) => verdict === 'unknown')
    .map(({ text }): Finding => ({
      verdict: 'inconclusive',
      reason: `threshold ${text} could not be judged: there is no such value in this run`,
    })),
];

/** The weightiest first: what it finds decides, whatever comes after it. */
const RANKED = [violations, interruption, losses, shortages, emptiness, overload, failedThresholds, doubts];

const praise = ({ audit, thresholds, lostServices }: Grounds): string[] => [
  `${audit.length} of ${audit.length} invariants held` +
    (thresholds.length > 0 ? `, ${thresholds.length} of ${thresholds.length} thresholds passed` : ''),
  ...lostServices.map((service) => `${lossOf(service)}, yet everything could be audited`),
];

/**
 * Judges a run. Proof of a defect outranks everything; an early end and a lost service outrank what was measured
 * until then; a doubt is never a pass.
 */
export const judge = (grounds: Grounds): Pick<Result, 'verdict' | 'exitCode' | 'reasons'> => {
  const findings = RANKED.flatMap((find) => find(grounds));
  const verdict = findings[0]?.verdict ?? 'passed';
  const reasons = findings.map(({ reason }) => reason);
  // An audit does not depend on how fast the load was: without thresholds there is nothing that it spoils.
  const isAudited = grounds.thresholds.length === 0 && findings.length === overload(grounds).length;
  return {
    verdict,
    exitCode: isAudited ? ExitCode.passed : EXIT_CODES[verdict],
    reasons: isAudited ? [...reasons, ...praise(grounds)] : reasons.length > 0 ? reasons : praise(grounds),
  };
};
