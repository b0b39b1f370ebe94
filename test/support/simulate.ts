import { VirtualClock } from '../../src/backends/simulated/clock.ts';
import { audit } from '../../src/audit/check.ts';
import type { Evidence } from '../../src/audit/evidence.ts';
import { lockMastersOf } from '../../src/engine/compose.ts';
import { namespaceOf } from '../../src/engine/namespace.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { connector } from '../../src/load/connect.ts';
import { newRecorder, startNode, type RunningNode } from '../../src/load/node.ts';
import { startPhase } from '../../src/load/phase.ts';
import { openSpace } from '../../src/load/space.ts';
import { assembleEvidence, readStores } from '../../src/run/gather-evidence.ts';
import { loadFeeds } from '../../src/scenarios/feeders/load-feeds.ts';
import type { Scenario } from '../../src/scenarios/schema.ts';
import { tableRows } from './table-rows.ts';

/** Of the wall clock: a simulated store answers at once or never. */
const READ_LIMIT_MS = 30_000;
const RUN_ID = 'simulated';
/** Any instant: a simulated run knows no other day. */
const EPOCH_MS = 1_700_000_000_000;
/** A message is under way for up to this long. */
const SLOWEST_MS = 2;

export interface Simulated {
  readonly evidence: Evidence;
  /** Invariants that were violated. */
  readonly violated: readonly string[];
  /** Everything the run left in its stores, as text: equal texts are equal runs. */
  readonly history: string;
  readonly simulatedMs: number;
}

/** A whole run in simulated time: the same code as a real one, on models whose every delay comes from the seed. */
export const simulate = async (scenario: Scenario, slowestMs = SLOWEST_MS): Promise<Simulated> => {
  const clock = new VirtualClock(EPOCH_MS);
  const random = new SeededRandom(scenario.seed);
  const masters = Array.from({ length: lockMastersOf(scenario.engine.lock) }, () => undefined);
  const connect = connector({ lockMasters: masters }, namespaceOf(RUN_ID), random, {
    clock,
    latency: () => random.next() * slowestMs,
  });
  const recorder = newRecorder();
  let result: Simulated | undefined;

  const wholeRun = async () => {
    const space = await openSpace(RUN_ID, scenario, connect, clock);
    await space.prepare();
    const nodes: RunningNode[] = [];
    for (let index = 0; index < scenario.engine.nodes; index += 1)
      nodes.push(
        await startNode(index, {
          connect,
          namespace: namespaceOf(RUN_ID),
          scenario,
          recorder,
          clock,
          onSoldOut: () => {},
        }),
      );
    const startMs = clock.now() + 1;
    const { signal } = new AbortController();
    await startPhase({
      phase: 'load',
      scenario,
      feeds: await loadFeeds(scenario),
      nodes,
      clock,
      startMs,
      recorder,
      signal,
      stopped: () => false,
    }).done;
    await untilSettled(clock, () => recorder.total().counters);
    const stores = await readStores(space, READ_LIMIT_MS);
    const measured = recorder.total();
    const reports = nodes.map(({ target }) => ({
      snapshot: measured,
      receipts: [target.receipts.data()],
      failures: target.failures(),
      soldOutAtMs: undefined,
    }));
    const evidence = assembleEvidence(scenario, stores, reports, nodes.length, measured, true);
    const violated = audit(evidence)
      .filter(({ verdict }) => verdict === 'violated')
      .map(({ invariant }) => invariant);
    const history = JSON.stringify([
      stores.ledger ? tableRows(stores.ledger) : [],
      stores.stockLevels,
      measured.counters,
    ]);
    result = { evidence, violated, history, simulatedMs: clock.now() };
  };

  let failure: unknown;
  let ended = false;
  const running = wholeRun()
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => {
      ended = true;
    });
  await clock.run(() => ended);
  if (ended) await running;
  recorder.destroy();
  if (failure !== undefined) throw failure;
  if (result === undefined)
    throw new Error('the simulated run came to a standstill: nothing is left to happen');
  return result;
};

/** Events still on their way are given simulated time to arrive. */
const untilSettled = async (clock: VirtualClock, counters: () => Readonly<Record<string, number>>) => {
  for (let tries = 0; tries < 10_000; tries += 1) {
    const seen = counters();
    if (
      seen['queue.settled']! >= seen['queue.confirmed']! &&
      seen['queue.delivered'] === seen['queue.settled']
    )
      return;
    await new Promise<void>((resolve) => clock.schedule(1, resolve));
  }
  throw new Error('the queue did not empty');
};
