import type { Backends } from '../backends/ports.ts';
import { composeEngine, type EngineNode, type EnginePlan } from '../engine/compose.ts';
import type { Namespace } from '../engine/namespace.ts';
import { wallClock, type Clock } from '../kernel/clock.ts';
import { SeededRandom } from '../kernel/random.ts';
import { Recorder } from '../measure/recorder.ts';
import { GENERATOR_COUNTERS, GENERATOR_METRICS } from '../measure/saturation.ts';
import { importChosen } from '../scenarios/import-modules.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { closeBackends, type Connect } from './connect.ts';
import { COST_COUNTERS, countedBackends } from './counted-backends.ts';
import { ORDER_COUNTERS, RecordingTarget } from './recording-target.ts';
import { ITERATION_COUNTERS, ITERATION_METRICS } from './virtual-user.ts';

/** `intervals`: metrics whose histograms are to travel every second, beside those that always do. */
export const newRecorder = (intervals: readonly string[] = []) =>
  new Recorder({
    intervals,
    metrics: [...ITERATION_METRICS, ...GENERATOR_METRICS],
    counters: [...ORDER_COUNTERS, ...ITERATION_COUNTERS, ...COST_COUNTERS, ...GENERATOR_COUNTERS],
  });
export type LoadRecorder = ReturnType<typeof newRecorder>;

export const enginePlanOf = ({ engine, catalog }: Scenario): EnginePlan => ({
  ...engine,
  catalogue: { skus: catalog.skus, limitPerUser: catalog.limitPerUser },
});

/** One engine node with its customers' record and its consumer. */
export interface RunningNode {
  readonly index: number;
  readonly target: RecordingTarget;
  /** Resolves when its cache has no change on its way to the database any more. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface NodeSetting {
  readonly connect: Connect;
  readonly namespace: Namespace;
  readonly scenario: Scenario;
  readonly recorder: LoadRecorder;
  readonly onSoldOut: () => void;
  /** The wall clock, unless the whole world is simulated. */
  readonly clock?: Clock;
}

/** Connects, composes and subscribes one engine node. */
export const startNode = async (index: number, setting: NodeSetting): Promise<RunningNode> => {
  const { connect, namespace, scenario, recorder, clock = wallClock } = setting;
  await importChosen(scenario.engine);
  const backends: Backends = countedBackends(await connect(), (counter) => recorder.count(counter));
  let engine: EngineNode;
  let unsubscribe: () => Promise<void>;
  try {
    engine = composeEngine(enginePlanOf(scenario), {
      ...backends,
      namespace,
      clock,
      random: new SeededRandom(scenario.seed, -3 - index),
      telemetry: recorder,
      node: index,
      nodes: scenario.engine.nodes,
    });
    unsubscribe = await engine.queue.subscribe();
  } catch (error) {
    await closeBackends(backends);
    throw error;
  }
  const target = new RecordingTarget(engine.target, (counter) => recorder.count(counter), setting.onSoldOut);
  return {
    index,
    target,
    settle: async () => engine.cache.settle?.(),
    async close() {
      await unsubscribe().catch(() => {});
      await closeBackends(backends);
      target.receipts.close();
    },
  };
};
