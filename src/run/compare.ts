import { SeededRandom } from '../kernel/random.ts';
import { TradeSimError } from '../kernel/errors.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import type { Comparison } from '../report/comparison.ts';
import { armOf, type ArmIdentity } from '../report/comparison/arm.ts';
import { buildComparison } from '../report/comparison/build.ts';
import { planOf } from '../scenarios/executors/index.ts';
import type { Scenario } from '../scenarios/schema.ts';
import type { ProvisionRequest } from '../services/types.ts';
import { designFactsOf } from './design-facts.ts';
import type { Interrupts, Observer } from './request.ts';
import { withRounds } from './round.ts';
import { roundOrder } from './round-order.ts';
import type { Finished } from './run-scenario.ts';

/** One of the combinations side by side. */
export interface Contender {
  /** What it is called. */
  readonly label: string;
  /** The same without its number of nodes. */
  readonly design: string;
  /** What sets it apart, by field. */
  readonly choices: Readonly<Record<string, string>>;
  readonly scenario: Scenario;
}

export interface CompareRequest {
  /** At least one; all of one scenario. */
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly services: ProvisionRequest;
  readonly command: string;
}

/**
 * Runs every contender once a round, in an order that a drift of the machine cannot favour, each time in a fresh
 * namespace; in a round all have the same seed. An interrupt ends it after the run under way.
 */
export const compare = (
  { contenders, rounds, services, command }: CompareRequest,
  interrupts: Interrupts,
  observer: Observer,
): Promise<Comparison> => {
  const scenarios = contenders.map(({ scenario }) => scenario);
  const { name, seed } = scenarios[0]!;
  return withRounds({ scenarios, services, command }, interrupts, observer, async (measure) => {
    const finished: Finished[][] = contenders.map(() => []);
    const schedule = roundOrder(contenders.length, rounds, new SeededRandom(seed)).flatMap((order, round) =>
      order.map((arm) => ({ arm, round })),
    );
    for (const [index, { arm, round }] of schedule.entries()) {
      if (interrupts.stop.aborted) break;
      const { label, scenario } = contenders[arm]!;
      observer.phase(`${index + 1} of ${schedule.length}: ${label}`);
      try {
        finished[arm]!.push(await measure(scenario, round));
      } catch (error) {
        // Interrupted before its load began: the rounds before it count.
        if (!interrupts.stop.aborted || interrupts.kill.aborted) throw error;
      }
    }
    const some = finished.flat()[0]?.result;
    if (some === undefined) throw new TradeSimError(ExitCode.interrupted, 'interrupted before the first run');
    return buildComparison({
      scenario: name,
      seed,
      rounds,
      interrupted: interrupts.stop.aborted,
      command,
      environment: { ...some.environment },
      services: { ...some.run.services },
      arms: contenders.flatMap((contender, arm) => {
        const runs = finished[arm]!;
        return runs.length > 0 ? [armOf(identityOf(contender), runs)] : [];
      }),
    });
  });
};

const identityOf = ({ scenario, ...named }: Contender): ArmIdentity => ({
  ...named,
  isOpenLoad: planOf(scenario.load).kind === 'arrivals',
  facts: designFactsOf(scenario),
});
