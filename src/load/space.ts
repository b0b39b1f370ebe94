import type { Backends } from '../backends/ports.ts';
import { composeEngine } from '../engine/compose.ts';
import { namespaceOf } from '../engine/namespace.ts';
import { ownCreations } from '../engine/own-strategies.ts';
import { openRunSpace, type RunSpace } from '../engine/run-space.ts';
import type { Stage, Telemetry } from '../engine/telemetry.ts';
import { wallClock, type Clock } from '../kernel/clock.ts';
import { SeededRandom } from '../kernel/random.ts';
import { importChosen } from '../scenarios/import-modules.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { closeBackends, type Connect } from './connect.ts';
import { enginePlanOf } from './node.ts';
import { serialCycleOf } from './serial-cycle.ts';

export interface OpenSpace extends RunSpace {
  /**
   * One order's time alone under its lock, acquire to release, in µs: the mean of some placed one after another on an
   * idle shop. A hot SKU behind a lock can be served no faster. `undefined` if none was accepted.
   */
  serialCycleUs(): Promise<number | undefined>;
  /** Closes the space's connections; what is in it stays. */
  close(): Promise<void>;
}

const CYCLE_ORDERS = 200;
const CYCLE_LIMIT_MS = 500;
/** Clear of the numbers that iterations give to their customers. */
const FIRST_PROBE_USER = 2 ** 40;

/** Opens the space of a run, over connections of its own. */
export const openSpace = async (
  runId: string,
  scenario: Scenario,
  connect: Connect,
  clock: Clock = wallClock,
): Promise<OpenSpace> => {
  await importChosen(scenario.engine);
  const backends = await connect();
  const namespace = namespaceOf(runId);
  const random = new SeededRandom(scenario.seed, -2);
  const stopwatch = new Stopwatch();
  const openNode = (connected: Backends) =>
    composeEngine(enginePlanOf(scenario), {
      ...connected,
      namespace,
      clock,
      random,
      telemetry: stopwatch,
      node: 0,
      nodes: 1,
    });
  const { skus, stockPerSku } = scenario.catalog;
  const unitsBySku = Array.from({ length: skus }, () => stockPerSku);
  const space = openRunSpace({
    ...openNode(backends),
    backends,
    namespace,
    unitsBySku,
    random,
    creates: ownCreations(scenario.engine),
  });

  const serialCycleUs = async () => {
    // A node of its own, that goes afterwards: as the first to ask it might serve the load's nodes (`queue-serial`).
    const own = await connect();
    try {
      return await measureCycle(openNode(own));
    } finally {
      await closeBackends(own);
    }
  };
  const measureCycle = async ({ target, cache }: ReturnType<typeof openNode>) => {
    const cycles: number[] = [];
    const endMs = clock.now() + CYCLE_LIMIT_MS;
    for (let i = 0; i < CYCLE_ORDERS && clock.now() < endMs; i += 1) {
      const user = FIRST_PROBE_USER + i;
      const outcome = await target.place({ key: user, user, lines: [{ sku: 0, units: 1 }] });
      if (outcome.kind !== 'accepted') break;
      cycles.push(stopwatch.lastUs('lock.wait') + stopwatch.lastUs('lock.hold'));
    }
    await cache.settle?.();
    return serialCycleOf(cycles);
  };
  return { ...space, serialCycleUs, close: () => closeBackends(backends) };
};

/** Remembers the last duration of each stage. */
class Stopwatch implements Telemetry {
  readonly #last = new Map<Stage, number>();

  record(stage: Stage, micros: number): void {
    this.#last.set(stage, micros);
  }

  lastUs(stage: Stage): number {
    return this.#last.get(stage) ?? 0;
  }

  count(): void {}
  peak(): void {}
}
