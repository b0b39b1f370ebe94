import { loadFeeds, type Feeds } from '../scenarios/feeders/load-feeds.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { WorkerThreads } from '../load/threads.ts';
import type { Endpoints, ProvisionRequest } from '../services/types.ts';
import type { Interrupts, Observer } from './request.ts';
import { runOn, withServices, type Finished } from './run-scenario.ts';
import { threadsFor, withLockMasters } from './segments.ts';

export interface RoundsRequest {
  /** All that will be run: they share services and threads. */
  readonly scenarios: readonly Scenario[];
  readonly services: ProvisionRequest;
  /** Goes into every result. */
  readonly command: string;
}

/**
 * Runs a scenario once, in a fresh namespace, on connections of its own. `round` counts from 0: all that runs in a
 * round has the same seed, and each round another one.
 */
export type MeasureRound = (scenario: Scenario, round: number) => Promise<Finished>;

/**
 * Lends `job` what measures one round after another on the same services. The worker threads stay as well: the code
 * they run is warm from the second run on, whichever scenario it is of. `job` says itself what is run at a time.
 */
export const withRounds = async <T>(
  { scenarios, services, command }: RoundsRequest,
  interrupts: Interrupts,
  observer: Observer,
  job: (measure: MeasureRound, endpoints: Endpoints) => Promise<T>,
): Promise<T> => {
  const read = new Map<Scenario, Feeds>();
  for (const scenario of scenarios) read.set(scenario, await loadFeeds(scenario));
  return withServices(withLockMasters(services, scenarios), interrupts, observer, async (provisioned) => {
    const threads = new WorkerThreads(threadsFor(provisioned, scenarios));
    const quiet: Observer = {
      phase: () => {},
      update: (figures) => observer.update(figures),
      say: (line) => observer.say(line),
    };
    try {
      const measure: MeasureRound = async (scenario, round) => {
        const feeds = read.get(scenario) ?? (await loadFeeds(scenario));
        const seeded = { ...scenario, seed: scenario.seed + round };
        return runOn(
          provisioned,
          threads,
          { scenario: seeded, feeds, keep: false, command },
          interrupts,
          quiet,
        );
      };
      return await job(measure, provisioned.endpoints);
    } finally {
      await threads.end();
    }
  });
};
