import { SeededRandom } from '../../kernel/random.ts';
import { medianDifferenceInterval, medianInterval } from '../../measure/bootstrap.ts';
import { holm } from '../../measure/holm.ts';
import { detectableEffect, deviation } from '../../measure/power.ts';
import { median } from '../../measure/quantiles.ts';
import { permutationP, signFlipP } from '../../measure/randomization.ts';
import {
  GATE_METRICS,
  marginOf,
  worseBy,
  type GateFigures,
  type GateMetric,
  type Margins,
} from './metrics.ts';

/** A round of each arm, run one after the other with the same seed. */
export interface Pair {
  readonly base: GateFigures;
  readonly candidate: GateFigures;
}

/** Of one metric. All but the medians and `p` are log ratios in the sense of `worseBy`. */
export interface Finding {
  readonly metric: GateMetric;
  readonly verdict: 'passed' | 'regression' | 'inconclusive';
  /** Medians over the rounds. */
  readonly base: number;
  readonly candidate: number;
  readonly effect: number;
  readonly low: number;
  readonly high: number;
  readonly margin: number;
  readonly p: number;
  /** `p` after Holm, over all metrics of the gate. */
  readonly holmP: number;
  /** The smallest change that would have been found. */
  readonly detectable: number;
  /** The standard deviation of a pair's log ratio. */
  readonly spread: number;
}

type Estimate = Omit<Finding, 'metric' | 'verdict' | 'holmP' | 'margin'>;

const SIGNIFICANT = 0.05;

/** Judges pairs of rounds, metric by metric. 2 to 15 pairs; the same pairs and seed give the same findings. */
export const judgePairs = (pairs: readonly Pair[], margins: Margins, seed: number): Finding[] =>
  judge(margins, (metric, marginAt) => {
    const bases = pairs.map(({ base }) => base[metric]);
    const worse = pairs.map(({ base, candidate }) => worseBy(metric, base[metric], candidate[metric]));
    const spread = deviation(worse);
    const base = median(bases);
    return {
      base,
      candidate: median(pairs.map(({ candidate }) => candidate[metric])),
      effect: median(worse),
      ...medianInterval(worse, new SeededRandom(seed)),
      p: signFlipP(worse),
      detectable: detectableEffect(spread, pairs.length, marginAt(base)),
      spread,
    };
  });

/** How fast this machine is beside the one of the baseline, as log ratios: above 0, faster. */
export interface Speed {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Judges rounds against recorded ones of another day or machine, whose difference in speed is taken out. By how much
 * the parts of the machine disagree about that speed makes the interval wider at both ends.
 */
export const judgeAgainstRecord = (
  recorded: readonly GateFigures[],
  rounds: readonly GateFigures[],
  speed: Speed,
  margins: Margins,
  seed: number,
): Finding[] =>
  judge(margins, (metric, marginAt) => {
    const base = median(recorded.map((round) => round[metric])) * Math.exp(perSpeed(metric) * speed.mean);
    const worse = (round: GateFigures) => worseBy(metric, base, round[metric]);
    const before = recorded.map((round) => worse(round) - speed.mean);
    const now = rounds.map(worse);
    const random = new SeededRandom(seed);
    const { low, high } = medianDifferenceInterval(now, before, random);
    // That of a difference between one round now and one then.
    const spread = Math.hypot(deviation(now), deviation(before));
    return {
      base,
      candidate: median(rounds.map((round) => round[metric])),
      effect: median(now) - median(before),
      low: low - (speed.mean - speed.low),
      high: high + (speed.high - speed.mean),
      p: permutationP(now, before, random),
      detectable:
        detectableEffect(spread, Math.min(rounds.length, recorded.length), marginAt(base)) +
        (speed.high - speed.low) / 2,
      spread,
    };
  });

/** A faster machine raises a throughput and lowers a latency. */
const perSpeed = (metric: GateMetric): 1 | -1 => (metric === 'throughput' ? 1 : -1);

const judge = (
  margins: Margins,
  estimate: (metric: GateMetric, marginAt: (base: number) => number) => Estimate,
): Finding[] => {
  const estimates = GATE_METRICS.map((metric) =>
    estimate(metric, (base) => marginOf(metric, margins[metric], base)),
  );
  const corrected = holm(estimates.map(({ p }) => p));
  return GATE_METRICS.map((metric, index) => {
    const found = { metric, ...estimates[index]!, holmP: corrected[index]! };
    const margin = marginOf(metric, margins[metric], found.base);
    return { ...found, margin, verdict: verdictOf(found, margin) };
  });
};

/** Two conditions for a failure: an interval of few values is too narrow, and a test alone finds what matters to nobody. */
const verdictOf = ({ low, high, holmP }: Pick<Finding, 'low' | 'high' | 'holmP'>, margin: number) => {
  if (holmP <= SIGNIFICANT && low > margin) return 'regression';
  return high < margin ? 'passed' : 'inconclusive';
};

/**
 * Whether more pairs are worth their time: some metric has not passed, and its interval is wider than its margin. How
 * wide an interval is says nothing of where it lies, so that looking at it again and again makes no false alarm more
 * likely; p and the failure itself are looked at once, at the end.
 */
export const wantsMore = (findings: readonly Finding[]): boolean =>
  findings.some(({ verdict, low, high, margin }) => verdict !== 'passed' && high - low > margin);
