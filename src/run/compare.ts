import { SeededRandom } from '../kernel/random.ts';
import { TradeSimError } from '../kernel/errors.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import { armOf, type Comparison } from '../report/comparison.ts';
import type { Result } from '../report/model.ts';
import type { Scenario } from '../scenarios/schema.ts';
import type { ProvisionRequest } from '../services/types.ts';
import type { Interrupts, Observer } from './request.ts';
import { roundOrder } from './round-order.ts';
import { runOn, withServices } from './run-scenario.ts';

/** One of the combinations side by side. */
export interface Contender {
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
  request: CompareRequest,
  interrupts: Interrupts,
  observer: Observer,
): Promise<Comparison> =>
  withServices(request.services, interrupts, observer, async (provisioned) => {
    const { contenders, rounds, command } = request;
    const { name, seed } = contenders[0]!.scenario;
    const results: Result[][] = contenders.map(() => []);
    const schedule = roundOrder(contenders.length, rounds, new SeededRandom(seed)).flatMap((order, round) =>
      order.map((arm) => ({ arm, round })),
    );
    for (const [index, { arm, round }] of schedule.entries()) {
      if (interrupts.stop.aborted) break;
      const { scenario, choices } = contenders[arm]!;
      observer.phase(`${index + 1} of ${schedule.length}: ${Object.values(choices).join(' · ')}`);
      const result = await runOn(
        provisioned,
        { scenario: { ...scenario, seed: seed + round }, keep: false, command },
        interrupts,
        { phase: () => {}, update: (figures) => observer.update(figures), say: (line) => observer.say(line) },
      );
      results[arm]!.push(result);
    }
    const ran = contenders.flatMap(({ choices }, arm) =>
      results[arm]!.length > 0 ? [armOf(choices, results[arm]!)] : [],
    );
    const some = results.flat()[0];
    if (some === undefined) throw new TradeSimError(ExitCode.interrupted, 'interrupted before the first run');
    return {
      schema: 'trade-sim.comparison/1',
      scenario: name,
      seed,
      rounds,
      interrupted: interrupts.stop.aborted,
      command,
      environment: { ...some.environment },
      services: { ...some.run.services },
      arms: ran,
    };
  });
