import { sleep, type Cancel, type Clock } from '../kernel/clock.ts';
import { createCatalogue } from '../scenarios/catalogue.ts';
import type { Session } from '../scenarios/journey.ts';
import { JOURNEYS } from '../scenarios/journeys/index.ts';
import { maxVusOf, planOf, warmUpOf } from '../scenarios/executors/index.ts';
import { Feeding, firstExhausted } from '../scenarios/feeders/feeding.ts';
import type { Feeds } from '../scenarios/feeders/load-feeds.ts';
import type { LoadPlan } from '../scenarios/executors/executor.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { runLoad } from './executors/run-load.ts';
import type { Pacer } from './metronome.ts';
import type { LoadRecorder, RunningNode } from './node.ts';
import type { Phase } from './protocol.ts';
import { TimedTarget } from './timed-target.ts';
import { VirtualUsers } from './virtual-user.ts';

export interface PhasePlan {
  readonly phase: Phase;
  readonly scenario: Scenario;
  /** The rows of the feeders that its journey uses. */
  readonly feeds: Feeds;
  readonly nodes: readonly RunningNode[];
  readonly clock: Clock;
  /** On `clock.now()`. */
  readonly startMs: number;
  readonly recorder: LoadRecorder;
  /** Paces the arrivals of an open load more finely than the clock's timers do. */
  readonly openPacer?: () => Pacer;
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
  const load = plan.phase === 'load' ? scenario.load : warmUpOf(scenario.load);
  const loadPlan = limitedBy(plan, planOf(load));
  const vus = maxVusOf(loadPlan);
  const durationMs = load.durationMs ?? Infinity;
  const journey = journeyOf(scenario);
  const catalogue = createCatalogue(scenario.catalog);
  // Its own sequence of customers, so that a warm-up does not rehearse the very requests of the load.
  const seed = plan.phase === 'load' ? scenario.seed : scenario.seed + 1;

  const feeding = new Feeding(scenario, plan.feeds, { seed, vus });

  const grace = new AbortController();
  const givenUp = AbortSignal.any([signal, grace.signal]);
  const broken = new AbortController();
  const stopped = () => plan.stopped() || broken.signal.aborted;
  const onDefect = (error: unknown) => broken.abort(error);
  const endMs = plan.startMs + durationMs;
  const over = () => stopped() || clock.now() >= endMs;

  const opensAtMs = loadPlan.kind === 'arrivals' ? plan.startMs + loadPlan.opensAfterMs : -Infinity;
  const pacer = loadPlan.kind === 'arrivals' ? plan.openPacer?.() : undefined;
  const pause = pacer
    ? (delayMs: number) => pacer.pause(delayMs)
    : async (delayMs: number) => void (await sleep(clock, delayMs));

  const customers = { catalogue, clock, seed, vus, feeding, opensAtMs, recorder, journey, onDefect };
  const timing = { clock, series: (name: string) => recorder.series(name), signal: givenUp };
  const drive = {
    clock,
    startMs: plan.startMs,
    endMs,
    seed,
    stopped,
    arrived(due: number, begun: number) {
      recorder.count('arrivals.due', due);
      recorder.count('arrivals.begun', begun);
    },
    drop: () => recorder.count('iterations.dropped'),
    breathe: async () => void (await sleep(clock, 0)),
    pause,
  };
  const crews = plan.nodes.map(({ target, index }) => {
    const timed = new TimedTarget(target, { ...timing, node: scenario.steps.byNode ? index : undefined });
    const users = new VirtualUsers({ ...customers, target: timed, signal: givenUp });
    const share = { node: index, nodes: scenario.engine.nodes };
    const iterate = (number: number, intendedMs: number | undefined) => users.iterate(number, intendedMs);
    const started = sleep(clock, plan.startMs - clock.now(), signal);
    return { users, ended: started.then(() => runLoad(loadPlan, { ...drive, share, iterate })) };
  });
  const ended = Promise.all(crews.map(({ ended }) => ended));
  const stopWatching = giveUpAfter(load.gracefulStopMs, over, clock, grace);
  const finished = async () => {
    try {
      await firstOf(ended, givenUp, broken.signal);
    } finally {
      stopWatching();
      await pacer?.close();
    }
  };
  return {
    inFlight: () => crews.reduce((sum, { users }) => sum + users.running, 0),
    done: finished(),
  };
};

/** A load ends when the rows of a feeder that stops it have run out. */
const limitedBy = ({ scenario, feeds }: PhasePlan, plan: LoadPlan): LoadPlan => {
  const rows = firstExhausted(scenario.feeders, feeds)?.rows ?? Infinity;
  return { ...plan, iterations: Math.min(plan.iterations, rows) };
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

const journeyOf = (scenario: Scenario): ((session: Session) => Promise<void>) => {
  const { name, options } = scenario.journey;
  const journey = JOURNEYS[name];
  if (journey === undefined) throw new Error(`no journey is named ${name}`);
  const parsed = journey.options.parse(options);
  return (session) => journey.run(session, parsed);
};

/** Waits for the work, but not for what was given up and may hang for ever. Rejects at once with what broke it. */
const firstOf = (work: Promise<unknown>, givenUp: AbortSignal, broken: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    broken.addEventListener('abort', () => reject(broken.reason), { once: true });
    work.then(() => resolve(), reject);
    if (givenUp.aborted) resolve();
    else givenUp.addEventListener('abort', () => resolve(), { once: true });
  });
