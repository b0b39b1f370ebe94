import { randomBytes } from 'node:crypto';
import { audit } from '../audit/check.ts';
import { SERVICE_LABELS, SERVICE_NAMES, type Provisioned, type ProvisionRequest } from '../services/types.ts';
import { provision } from '../services/provision.ts';
import { recordRun, type RecordedRun } from '../services/run-registry.ts';
import { namespaceOf } from '../engine/namespace.ts';
import { ownCreations } from '../engine/own-strategies.ts';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import { messageOf, serviceError, TradeSimError } from '../kernel/errors.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import { SeededRandom } from '../kernel/random.ts';
import { connector } from '../load/connect.ts';
import { WorkerPool } from '../load/pool.ts';
import type { Phase } from '../load/protocol.ts';
import { openSpace, type OpenSpace } from '../load/space.ts';
import { WorkerThreads } from '../load/threads.ts';
import { mergeAll } from '../measure/snapshot.ts';
import type { Result } from '../report/model.ts';
import { loadFeeds } from '../scenarios/feeders/load-feeds.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { buildResult } from './build-result.ts';
import { drain } from './drain.ts';
import { assembleEvidence, readStores } from './gather-evidence.ts';
import type { Interrupts, Observer, RunJob, RunRequest } from './request.ts';
import {
  anySimulated,
  lastingUrlsOf,
  mastersFor,
  segmentsOf,
  threadsFor,
  urlsFor,
  withLockMasters,
} from './segments.ts';
import { ServiceWatch } from './service-watch.ts';
import { Watch } from './watch.ts';

/** Time for all workers to hear of a start before it comes. */
const START_IN_MS = 50;
const DRAIN_LIMIT_MS = 60_000;
/** For a ledger of millions of rows; each page of it has a bound of its own. */
const AUDIT_LIMIT_MS = 600_000;
/** With a lost service, each remaining step gets no longer than this: the report must come. */
const LOST_STEP_LIMIT_MS = 4_000;
const CLOSE_LIMIT_MS = 5_000;

/**
 * One whole job: provision, prepare, warm up, load, drain, audit, clean up. Gives the result, whatever the verdict.
 * Rejects with a service error when the load could not begin, and with exit code 130 when it was not to.
 */
export const runScenario = async (
  request: RunRequest,
  interrupts: Interrupts,
  observer: Observer,
): Promise<Result> => {
  const job = { ...request, feeds: await loadFeeds(request.scenario) };
  const services = withLockMasters(request.services, [request.scenario]);
  return withServices(services, interrupts, observer, async (provisioned) => {
    const threads = new WorkerThreads(threadsFor(provisioned, [request.scenario]));
    try {
      return (await runOn(provisioned, threads, job, interrupts, observer)).result;
    } finally {
      await threads.end();
    }
  });
};

/** Finds or starts services for `job`, and ends those that were started. */
export const withServices = async <T>(
  services: ProvisionRequest,
  interrupts: Interrupts,
  observer: Observer,
  job: (provisioned: Provisioned) => Promise<T>,
): Promise<T> => {
  const signal = AbortSignal.any([interrupts.stop, interrupts.kill]);
  observer.phase('starting services');
  const provisioned = await provision(services, { signal, onProgress: (text) => observer.phase(text) });
  try {
    for (const note of provisioned.notes) observer.say(note);
    observer.say(describeServices(provisioned));
    return await job(provisioned);
  } finally {
    observer.phase('stopping services');
    await provisioned.stop();
  }
};

/** A run that has come to its end. */
export interface Finished {
  readonly result: Result;
  /** Wall time that it took beyond warm-up, load and drain. */
  readonly overheadMs: number;
}

/** One run on services and threads that are there already, in a namespace of its own. */
export const runOn = async (
  provisioned: Provisioned,
  threads: WorkerThreads,
  job: RunJob,
  interrupts: Interrupts,
  observer: Observer,
): Promise<Finished> => {
  const startedMs = wallClock.now();
  const run = new Run(job, provisioned, threads, interrupts, observer);
  const result = await run.whole();
  return { result, overheadMs: wallClock.now() - startedMs - run.loadedMs };
};

class Run {
  readonly #id = newRunId();
  readonly #job: RunJob;
  readonly #scenario: Scenario;
  readonly #provisioned: Provisioned;
  readonly #threads: WorkerThreads;
  readonly #interrupts: Interrupts;
  readonly #observer: Observer;
  readonly #watch: Watch;
  /** Wall time of warm-up, load and drain so far. */
  loadedMs = 0;

  constructor(
    job: RunJob,
    provisioned: Provisioned,
    threads: WorkerThreads,
    interrupts: Interrupts,
    observer: Observer,
  ) {
    this.#job = job;
    this.#scenario = job.scenario;
    this.#provisioned = provisioned;
    this.#threads = threads;
    this.#interrupts = interrupts;
    this.#observer = observer;
    const workers = threadsFor(provisioned, [job.scenario]);
    this.#watch = new Watch(this.#id, job.scenario, workers, observer);
  }

  /** Simulated services live in a worker, and the space does too; real ones are reached from here. */
  async whole(): Promise<Result> {
    const urls = urlsFor(this.#provisioned, this.#scenario);
    const namespace = namespaceOf(this.#id);
    const random = new SeededRandom(this.#scenario.seed);
    this.#observer.phase('preparing the catalogue');
    const pool = new WorkerPool(this.#threads, segmentsOf(this.#id, this.#job, urls), (worker, message) =>
      this.#watch.interval(worker, message),
    );
    try {
      const space = anySimulated(urls)
        ? pool.space()
        : await openSpace(this.#id, this.#scenario, connector(urls, namespace, random));
      return await this.#within(space, pool);
    } finally {
      await pool.close();
    }
  }

  /** Makes the space, runs in it, and takes it away again. */
  async #within(space: OpenSpace, pool: WorkerPool): Promise<Result> {
    const record = await this.#record();
    const services = new ServiceWatch(space);
    try {
      await space.prepare();
      await pool.open();
      services.begin();
      this.#throwIfInterrupted();
      return await this.#inSpace(space, pool, services);
    } finally {
      services.stop();
      // What is still under way must not write into the space after it was removed.
      await pool.disconnect();
      await this.#remove(space, record, services.lost.aborted);
      await withDeadline(wallClock, space.close(), CLOSE_LIMIT_MS, noAnswer).catch(() => {});
    }
  }

  /** Remembers what would have to be cleaned, should this process be killed: only servers that outlive it. */
  async #record(): Promise<RecordedRun | undefined> {
    const lasting = lastingUrlsOf(this.#provisioned);
    if (Object.keys(lasting).length === 0) return undefined;
    const creates = ownCreations(this.#scenario.engine);
    return recordRun({ runId: this.#id, urls: lasting, creates });
  }

  async #remove(space: OpenSpace, record: RecordedRun | undefined, lost: boolean): Promise<void> {
    const { keep } = this.#job;
    if (keep && record !== undefined) {
      this.#observer.say(`Run ${this.#id} stays in its services; "trade-sim services clean" removes it.`);
      return;
    }
    if (keep) this.#observer.say('Nothing can be kept: these services end with the run.');
    this.#observer.phase('cleaning up');
    try {
      const limitMs = lost ? LOST_STEP_LIMIT_MS : DRAIN_LIMIT_MS;
      await withDeadline(wallClock, space.remove(), limitMs, noAnswer);
      record?.forget();
    } catch (error) {
      // Services of which nothing stays take what is left of the run with them.
      if (record !== undefined)
        this.#observer.say(
          `Something of run ${this.#id} is left; "trade-sim services clean" removes it. (${messageOf(error)})`,
        );
    }
  }

  async #inSpace(space: OpenSpace, pool: WorkerPool, services: ServiceWatch): Promise<Result> {
    const ceilingPerSecond = await pool.ceilingPerSecond();
    const serialCycleUs = await this.#warmUp(space, pool, services);
    const startedAtMs = wallClock.epoch();
    const cpuBefore = process.cpuUsage();
    const durationMs = await this.#load(space, pool, services.lost);
    this.#throwIfKilled();
    this.#observer.phase('draining the queue');
    const drained = await this.#drain(space, pool, services.lost);
    const cpuMs = cpuMsSince(cpuBefore);
    this.#throwIfKilled();
    this.#observer.phase('auditing');
    const limitMs = services.lost.aborted ? LOST_STEP_LIMIT_MS : AUDIT_LIMIT_MS;
    const stores = await readStores(space, limitMs);
    const reports = await pool.reports();
    this.#throwIfKilled();
    const measured = mergeAll([...reports.map(({ snapshot }) => snapshot), this.#watch.machine()]);
    const evidence = assembleEvidence(this.#scenario, stores, reports, pool.size, measured, drained);
    const result = buildResult({
      job: this.#job,
      runId: this.#id,
      endpoints: this.#provisioned.endpoints,
      lockMasters: mastersFor(this.#provisioned, this.#scenario),
      notes: this.#provisioned.notes,
      startedAtMs,
      durationMs,
      measured,
      reports,
      evidence,
      audited: audit(evidence),
      serialCycleUs,
      ceilingPerSecond,
      cpuMs,
      timeline: this.#watch.timeline(),
      thresholds: this.#watch.thresholds({ ...measured, durationMs }),
      shortage: this.#watch.shortage,
      lostServices: services.lostServices(),
      interrupted: this.#interrupts.stop.aborted,
    });
    stores.ledger?.close();
    return result;
  }

  /** Measures the serial cycle and warms up; whatever that left in the space is taken out again. */
  async #warmUp(space: OpenSpace, pool: WorkerPool, services: ServiceWatch): Promise<number | undefined> {
    const { load, engine } = this.#scenario;
    const serialCycleUs = engine.lock.name === 'none' ? undefined : await space.serialCycleUs();
    if (load.warmupMs > 0) {
      this.#observer.phase('warming up');
      await this.#phase(pool, 'warm-up', services.lost);
    }
    const drained = await this.#drain(space, pool, services.lost);
    this.#throwIfKilled();
    const [lost] = services.lostServices();
    if (lost !== undefined)
      throw serviceError(
        `${SERVICE_LABELS[lost]} was lost before the load began`,
        'Look into its log, then try again.',
      );
    if (!drained) throw serviceError('What the warm-up queued did not reach the ledger in time');
    await space.reset();
    return serialCycleUs;
  }

  /** Runs the load; gives its length. A lost service ends it early. */
  async #load(space: OpenSpace, pool: WorkerPool, lost: AbortSignal): Promise<number> {
    const stopWatching = this.#watch.begin(space, pool);
    try {
      return await this.#phase(pool, 'load', lost);
    } finally {
      await stopWatching();
    }
  }

  /** A lost service ends a phase as an interrupt does, but what hangs on it is not waited for. */
  async #phase(pool: WorkerPool, phase: Phase, lost: AbortSignal): Promise<number> {
    const { stop, kill } = this.#interrupts;
    let cancelStop = () => {};
    const unlisten = [
      onAbort(AbortSignal.any([stop, lost, this.#watch.missed, this.#watch.full]), () =>
        pool.stopGracefully(),
      ),
      onAbort(lost, () => {
        cancelStop = wallClock.schedule(LOST_STEP_LIMIT_MS, () => pool.stopAtOnce());
      }),
      onAbort(kill, () => pool.stopAtOnce()),
    ];
    try {
      const durationMs = await pool.phase(phase, wallClock.epoch() + START_IN_MS);
      this.loadedMs += durationMs;
      return durationMs;
    } finally {
      for (const stopListening of unlisten) stopListening();
      cancelStop();
    }
  }

  async #drain(space: OpenSpace, pool: WorkerPool, lost: AbortSignal): Promise<boolean> {
    const startedMs = wallClock.now();
    const drained = await this.#emptied(space, pool, lost);
    this.loadedMs += wallClock.now() - startedMs;
    return drained;
  }

  /** With all services there, the queue has a minute. A service lost before or meanwhile may come back, but soon. */
  async #emptied(space: OpenSpace, pool: WorkerPool, lost: AbortSignal): Promise<boolean> {
    const { kill } = this.#interrupts;
    if (!lost.aborted && (await drain(pool, space, DRAIN_LIMIT_MS, AbortSignal.any([kill, lost]))))
      return true;
    return lost.aborted && (await drain(pool, space, LOST_STEP_LIMIT_MS, kill));
  }

  #throwIfInterrupted(): void {
    this.#throwIfKilled();
    if (this.#interrupts.stop.aborted)
      throw new TradeSimError(ExitCode.interrupted, 'interrupted before the load began; there is no result');
  }

  #throwIfKilled(): void {
    if (this.#interrupts.kill.aborted)
      throw new TradeSimError(ExitCode.interrupted, 'stopped at once; there is no result');
  }
}

/** Of this process with all its threads: engine and load, not the servers. */
const cpuMsSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

const noAnswer = () => new Error('no answer in time');

/** Calls back when `signal` aborts, or now if it has. Gives the function that ends the wait. */
const onAbort = (signal: AbortSignal, callback: () => void): (() => void) => {
  if (signal.aborted) callback();
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
};

/** Eight lower-case letters and digits. */
export const newRunId = (): string => randomBytes(8).toString('hex').slice(0, 8);

const describeServices = ({ endpoints, lockMasters }: Provisioned): string => {
  const services = SERVICE_NAMES.map(
    (name) => `${SERVICE_LABELS[name]} ${endpoints[name].version} (${endpoints[name].origin})`,
  );
  const [master] = lockMasters;
  const masters = master ? [`${lockMasters.length} lock masters (${master.origin})`] : [];
  return [...services, ...masters].join(' · ');
};
