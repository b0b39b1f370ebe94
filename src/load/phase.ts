import { sleep, type Cancel, type Clock } from '../kernel/clock.ts';
import { createCatalogue } from '../scenarios/catalogue.ts';
import type { Session } from '../scenarios/journey.ts';
import { JOURNEYS } from '../scenarios/journeys/index.ts';
import type { LoadConfig, Scenario } from '../scenarios/schema.ts';
import { executorOf } from './executors/index.ts';
import type { LoadRecorder, RunningNode } from './node.ts';
import type { Phase } from './protocol.ts';
import { VirtualUsers } from './virtual-user.ts';

export interface PhasePlan {
  readonly phase: Phase;
  readonly scenario: Scenario;
  readonly nodes: readonly RunningNode[];
  readonly clock: Clock;
  /** On `clock.now()`. */
  readonly startMs: number;
  readonly recorder: LoadRecorder;
  /** The load is to end, and let what has begun come to its end. */
  stopped(): boolean;
  /** Aborts when nothing is to be waited for any more. */
  readonly signal: AbortSignal;
}

export interface RunningPhase {
  /** Iterations under way. */
  inFlight(): number;
  /** Resolves when every iteration has ended, or was given up. */
  readonly done: Promise<void>;
}

/** Starts one phase of load on the nodes of this worker. */
export const startPhase = (plan: PhasePlan): RunningPhase => {
  const { scenario, clock, recorder, signal } = plan;
  const load = loadOf(plan.phase, scenario.load);
  const durationMs = load.durationMs ?? Infinity;
  const journey = journeyOf(scenario);
  const catalogue = createCatalogue(scenario.catalog);
  // Its own sequence of customers, so that a warm-up does not rehearse the very requests of the load.
  const seed = plan.phase === 'load' ? scenario.seed : scenario.seed + 1;

  const grace = new AbortController();
  const givenUp = AbortSignal.any([signal, grace.signal]);
  const endMs = plan.startMs + durationMs;
  const over = () => plan.stopped() || clock.now() >= endMs;

  const crews = plan.nodes.map(({ target, index }) => {
    const users = new VirtualUsers({ target, catalogue, clock, seed, signal: givenUp, recorder, journey });
    const ended = sleep(clock, plan.startMs - clock.now(), signal).then(() =>
      executorOf(load).run({
        clock,
        startMs: plan.startMs,
        endMs,
        share: { node: index, nodes: scenario.engine.nodes },
        stopped: plan.stopped,
        iterate: (number, intendedMs) => users.iterate(number, intendedMs),
        drop: () => recorder.count('iterations.dropped'),
        breathe: () => sleep(clock, 0).then(() => {}),
      }),
    );
    return { users, ended };
  });
  const ended = untilEndedOr(givenUp, Promise.all(crews.map(({ ended }) => ended)));
  const stopWatching = giveUpAfter(load.gracefulStopMs, over, clock, grace);
  return {
    inFlight: () => crews.reduce((sum, { users }) => sum + users.running, 0),
    done: ended.finally(stopWatching),
  };
};

const WATCH_MS = 50;

/** Aborts `grace` when the phase has been over for `graceMs` and iterations are still under way. */
const giveUpAfter = (graceMs: number, over: () => boolean, clock: Clock, grace: AbortController): Cancel => {
  let overMs: number | undefined;
  let cancel: Cancel;
  const look = () => {
    if (over()) overMs ??= clock.now();
    if (overMs !== undefined && clock.now() - overMs >= graceMs) grace.abort();
    else cancel = clock.schedule(WATCH_MS, look);
  };
  cancel = clock.schedule(WATCH_MS, look);
  return () => cancel();
};

/** The warm-up is the same load for its own, shorter time. */
const loadOf = (phase: Phase, load: LoadConfig): LoadConfig => {
  if (phase === 'load') return load;
  if (load.executor !== 'constant-vus') return { ...load, durationMs: load.warmupMs };
  const { iterations: _, ...endless } = load;
  return { ...endless, durationMs: load.warmupMs };
};

const journeyOf = (scenario: Scenario): ((session: Session) => Promise<void>) => {
  const { name, options } = scenario.journey;
  const journey = JOURNEYS[name];
  if (journey === undefined) throw new Error(`no journey is named ${name}`);
  const parsed = journey.options.parse(options);
  return (session) => journey.run(session, parsed);
};

/** Waits for the work, but not for what an abort leaves hanging. A failure of the work is always heard. */
const untilEndedOr = (signal: AbortSignal, work: Promise<unknown>): Promise<void> =>
  new Promise((resolve, reject) => {
    work.then(() => resolve(), reject);
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
