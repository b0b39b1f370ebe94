import { TradeSimError } from '../../kernel/errors.ts';
import { ExitCode } from '../../kernel/exit-codes.ts';
import type { Random } from '../../kernel/random.ts';
import type { EarlyEnd } from '../../report/gate/build.ts';
import { isEmpty, roundOf, type Gated } from '../../report/gate/gated.ts';
import { wantsMore, type Finding } from '../../report/gate/judge.ts';
import type { GateRound } from '../../report/gate/model.ts';
import { describeRound } from '../../report/gate/wording.ts';
import type { Interrupts, Observer } from '../request.ts';
import { roundOrder } from '../round-order.ts';
import type { Arm } from './arms.ts';

export interface MeasureRequest {
  /** One, or base and candidate. */
  readonly arms: readonly Arm[];
  /** How many rounds each arm has at least and at most. */
  readonly pairs: number;
  readonly maxPairs: number;
  readonly random: Random;
  /** Judges the complete rounds there are. */
  readonly judge: (rounds: readonly GateRound[]) => readonly Finding[];
}

export interface Measured {
  /** Of complete pairs only. */
  readonly rounds: readonly GateRound[];
  readonly pairs: number;
  readonly findings: readonly Finding[];
  readonly audits: readonly Gated['audit'][];
  readonly results: readonly Gated[];
  readonly ended: EarlyEnd | undefined;
}

/** A single pair has no spread. */
const LEAST_JUDGED = 2;

/**
 * Runs the arms in turns, ABBA, until their figures are sharp enough or there have been `maxPairs`; before, each once
 * without counting it: code and servers are slower at first. A violated invariant, a lost service, a round without
 * orders or an interrupt ends it.
 */
export const measurePairs = async (
  request: MeasureRequest,
  interrupts: Interrupts,
  observer: Observer,
): Promise<Measured> => {
  const { arms, pairs, maxPairs, random, judge } = request;
  const orders = roundOrder(arms.length, maxPairs, random);
  observer.phase('warming up: rounds that do not count');
  const warmUp = await runTurn(arms, orders[0]!, 0, interrupts);
  const rounds: GateRound[] = [];
  const results = [...warmUp.results];
  let { ended } = warmUp;
  let findings: readonly Finding[] | undefined;
  let complete = 0;
  while (ended === undefined && complete < maxPairs && (findings === undefined || wantsMore(findings))) {
    const title = `${arms.length > 1 ? 'pair' : 'round'} ${complete + 1} of ${complete < pairs ? pairs : maxPairs}`;
    observer.phase(title);
    const turn = await runTurn(arms, orders[complete]!, complete, interrupts, (round) =>
      observer.say(`${title} · ${round.arm} · ${describeRound(round)}`),
    );
    results.push(...turn.results);
    ended = turn.ended;
    if (ended !== undefined) break;
    rounds.push(...turn.rounds);
    complete += 1;
    if (complete >= pairs) findings = judge(rounds);
  }
  // What was measured until an early end is shown, but decides nothing.
  findings ??= complete >= LEAST_JUDGED ? judge(rounds) : [];
  return { rounds, pairs: complete, findings, results, audits: results.map(({ audit }) => audit), ended };
};

interface Turn {
  readonly rounds: readonly GateRound[];
  readonly results: readonly Gated[];
  readonly ended: EarlyEnd | undefined;
}

/** One round of each arm, in this order. */
const runTurn = async (
  arms: readonly Arm[],
  order: readonly number[],
  number: number,
  interrupts: Interrupts,
  onRound: (round: GateRound) => void = () => {},
): Promise<Turn> => {
  const rounds: GateRound[] = [];
  const results: Gated[] = [];
  for (const arm of order.map((index) => arms[index]!)) {
    const gated = await measureUnlessInterrupted(arm, number, interrupts);
    if (gated === undefined) return { rounds, results, ended: { kind: 'interrupted' } };
    results.push(gated);
    const round = roundOf(arm.name, number + 1, gated);
    const ended = earlyEndOf(arm.name, gated, round);
    if (ended !== undefined) return { rounds, results, ended };
    rounds.push(round);
    onRound(round);
  }
  return { rounds, results, ended: undefined };
};

/** `undefined`: an interrupt came before there was a result. A second one rejects, as it does anywhere. */
const measureUnlessInterrupted = async (
  arm: Arm,
  round: number,
  { stop, kill }: Interrupts,
): Promise<Gated | undefined> => {
  if (stop.aborted) return undefined;
  try {
    return await arm.measure(round);
  } catch (error) {
    const interrupted = error instanceof TradeSimError && error.exitCode === ExitCode.interrupted;
    if (interrupted && !kill.aborted) return undefined;
    throw error;
  }
};

const earlyEndOf = (
  arm: GateRound['arm'],
  { verdict, reasons }: Gated,
  round: GateRound,
): EarlyEnd | undefined => {
  const reason = `the ${arm}: ${reasons[0] ?? verdict}`;
  if (verdict === 'violated') return { kind: 'violated', reason };
  if (verdict === 'interrupted') return { kind: 'interrupted' };
  if (verdict === 'service-lost') return { kind: 'service-lost', reason };
  return isEmpty(round)
    ? { kind: 'empty', reason: `the ${arm}: a round without orders has no figures` }
    : undefined;
};
