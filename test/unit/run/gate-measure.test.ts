import { describe, expect, test } from 'vitest';
import { TradeSimError } from '../../../src/kernel/errors.ts';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { judgePairs } from '../../../src/report/gate/judge.ts';
import type { Gated } from '../../../src/report/gate/gated.ts';
import { DEFAULT_MARGINS } from '../../../src/report/gate/metrics.ts';
import type { Arm } from '../../../src/run/gate/arms.ts';
import { pairsOf } from '../../../src/run/gate/gate.ts';
import { measurePairs } from '../../../src/run/gate/measure.ts';
import { resultFixture } from '../../support/result-fixture.ts';

const random = () => new SeededRandom(1);
const observer = { phase() {}, say() {}, update() {} };

/** Two arms that note who ran when; `change` says what a round is like. */
const armsOf = (ran: string[], change: (arm: string, round: number) => Gated) =>
  (['base', 'candidate'] as const).map((name): Arm => ({
    name,
    measure(round) {
      ran.push(`${name[0]}${round}`);
      return Promise.resolve(change(name, round));
    },
  }));

const interrupts = () => {
  const [stop, kill] = [new AbortController(), new AbortController()];
  return { stop, kill, given: { stop: stop.signal, kill: kill.signal } };
};

const request = (arms: readonly Arm[], pairs = 3, maxPairs = 5) => ({
  arms,
  pairs,
  maxPairs,
  random: random(),
  judge: (rounds: Parameters<typeof pairsOf>[0]) => judgePairs(pairsOf(rounds), DEFAULT_MARGINS, 1),
});

const violated = (): Gated =>
  resultFixture({ verdict: 'violated', reasons: ['no-oversell: 3 units too many'] });

describe('the rounds of a gate', () => {
  test('alternate, both of a pair with one seed, after a pair that does not count', async () => {
    const ran: string[] = [];
    const measured = await measurePairs(
      request(armsOf(ran, () => resultFixture())),
      interrupts().given,
      observer,
    );
    expect(measured.pairs).toBe(3);
    expect(measured.rounds).toHaveLength(6);
    // ABBA, whichever of the two the seed begins with.
    const [first, second] = [ran[2]![0], ran[3]![0]];
    expect(ran.slice(2)).toEqual([`${first}0`, `${second}0`, `${second}1`, `${first}1`, ran[6], ran[7]]);
    expect(ran).toHaveLength(8);
    expect(new Set(measured.findings.map(({ verdict }) => verdict))).toEqual(new Set(['passed']));
  });

  test('go on to the limit while the figures are not sharp', async () => {
    const noise = random();
    const unsteady = () => {
      const result = resultFixture();
      return { ...result, run: { ...result.run, durationMs: result.run.durationMs * (0.5 + noise.next()) } };
    };
    const measured = await measurePairs(request(armsOf([], unsteady)), interrupts().given, observer);
    expect(measured.pairs).toBe(5);
  });

  test('end at once with a violated invariant, also in a round that does not count', async () => {
    const ran: string[] = [];
    const arms = armsOf(ran, (arm) => (arm === 'candidate' ? violated() : resultFixture()));
    const { ended, pairs, findings } = await measurePairs(request(arms), interrupts().given, observer);
    expect(ended).toEqual({ kind: 'violated', reason: 'the candidate: no-oversell: 3 units too many' });
    expect([pairs, findings]).toEqual([0, []]);
    expect(ran.length).toBeLessThanOrEqual(2);
  });

  test('end with a lost service, and where there were no orders', async () => {
    const lost = () => resultFixture({ verdict: 'service-lost', reasons: ['Redis was lost'] });
    expect((await measurePairs(request(armsOf([], lost)), interrupts().given, observer)).ended?.kind).toBe(
      'service-lost',
    );
    const { orders } = resultFixture();
    const none = () =>
      resultFixture({ orders: { ...orders, accepted: 0, replayed: 0, soldOut: 0, limitReached: 0 } });
    expect((await measurePairs(request(armsOf([], none)), interrupts().given, observer)).ended?.kind).toBe(
      'empty',
    );
  });

  test('end with an interrupt, and keep the complete pairs', async () => {
    const { stop, given } = interrupts();
    const arms = armsOf([], (_, round) => {
      if (round === 2) {
        stop.abort();
        throw new TradeSimError(ExitCode.interrupted, 'interrupted before the load began');
      }
      return resultFixture();
    });
    const measured = await measurePairs(request(arms, 4, 4), given, observer);
    expect(measured.ended).toEqual({ kind: 'interrupted' });
    expect([measured.pairs, measured.rounds.length]).toEqual([2, 4]);
    expect(measured.findings).toHaveLength(4);
  });

  test('reject when they are killed, and with what no interrupt explains', async () => {
    const { stop, kill, given } = interrupts();
    const arms = armsOf([], () => {
      stop.abort();
      kill.abort();
      throw new TradeSimError(ExitCode.interrupted, 'stopped at once');
    });
    await expect(measurePairs(request(arms), given, observer)).rejects.toThrow('stopped at once');
    const broken = armsOf([], () => {
      throw new Error('a defect');
    });
    await expect(measurePairs(request(broken), interrupts().given, observer)).rejects.toThrow('a defect');
  });
});
