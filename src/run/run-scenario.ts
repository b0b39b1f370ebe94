import { randomBytes } from 'node:crypto';
import type { ServiceName } from '../backends/ports.ts';
import { audit } from '../audit/check.ts';
import { SERVICE_NAMES } from '../services/types.ts';
import { provision } from '../services/provision.ts';
import { recordRun, type RecordedRun } from '../services/run-registry.ts';
import type { Endpoint, Endpoints, Provisioned } from '../services/types.ts';
import { namespaceOf } from '../engine/namespace.ts';
import { wallClock } from '../kernel/clock.ts';
import { messageOf, TradeSimError } from '../kernel/errors.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import { SeededRandom } from '../kernel/random.ts';
import { connector, type ServiceUrls } from '../load/connect.ts';
import { WorkerPool } from '../load/pool.ts';
import type { Segment } from '../load/protocol.ts';
import { openSpace, type OpenSpace } from '../load/space.ts';
import { mergeAll } from '../measure/snapshot.ts';
import type { Result } from '../report/model.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { buildResult } from './build-result.ts';
import { drain } from './drain.ts';
import { assembleEvidence, readStores } from './gather-evidence.ts';
import type { Interrupts, Observer, RunRequest } from './request.ts';
import { Watch } from './watch.ts';

/** Time for all workers to hear of a start before it comes. */
const START_IN_MS = 50;
const DRAIN_LIMIT_MS = 60_000;

/** One whole job: provision, prepare, warm up, load, drain, audit, clean up. Gives the result, whatever the verdict. */
export const runScenario = async (
  request: RunRequest,
  interrupts: Interrupts,
  observer: Observer,
): Promise<Result> => {
  const early = AbortSignal.any([interrupts.stop, interrupts.kill]);
  observer.phase('starting services');
  const provisioned = await provision(request.services, {
    signal: early,
    onProgress: (text) => observer.phase(text),
  });
  try {
    for (const note of provisioned.notes) observer.say(note);
    observer.say(describeServices(provisioned.endpoints));
    const run = new Run(request, provisioned, interrupts, observer);
    return await run.whole();
  } finally {
    observer.phase('stopping services');
    await provisioned.stop();
  }
};

class Run {
  readonly #id = newRunId();
  readonly #request: RunRequest;
  readonly #scenario: Scenario;
  readonly #provisioned: Provisioned;
  readonly #interrupts: Interrupts;
  readonly #observer: Observer;
  readonly #watch: Watch;

  constructor(request: RunRequest, provisioned: Provisioned, interrupts: Interrupts, observer: Observer) {
    this.#request = request;
    this.#scenario = request.scenario;
    this.#provisioned = provisioned;
    this.#interrupts = interrupts;
    this.#observer = observer;
    this.#watch = new Watch(request.scenario, observer);
  }

  async whole(): Promise<Result> {
    const record = await this.#record();
    const urls = urlsOf(this.#provisioned.endpoints);
    this.#observer.phase('preparing the catalogue');
    const removed = anySimulated(urls) ? await this.#hosted(urls) : await this.#served(urls);
    if (removed.clean) record?.forget();
    return removed.result;
  }

  /** Remembers what would have to be cleaned, should this process be killed: only servers that outlive it. */
  async #record(): Promise<RecordedRun | undefined> {
    const { endpoints } = this.#provisioned;
    const lasting = urlsOf(endpoints, ({ outlivesRun }) => outlivesRun);
    return Object.keys(lasting).length > 0 ? recordRun({ runId: this.#id, urls: lasting }) : undefined;
  }

  /** On real services: the space is reached from here, and each node has a worker. */
  async #served(urls: ServiceUrls): Promise<Finished> {
    const random = new SeededRandom(this.#scenario.seed);
    const space = await openSpace(this.#id, this.#scenario, connector(urls, namespaceOf(this.#id), random));
    try {
      await space.prepare();
      return await this.#withPool(urls, () => space);
    } catch (error) {
      await this.#remove(space);
      throw error;
    } finally {
      await space.close();
    }
  }

  /** Simulated services live in the worker, and so does the space. */
  #hosted(urls: ServiceUrls): Promise<Finished> {
    return this.#withPool(urls, (pool) => pool.space());
  }

  async #withPool(urls: ServiceUrls, spaceOf: (pool: WorkerPool) => OpenSpace): Promise<Finished> {
    const segments = segmentsOf(this.#id, this.#scenario, urls);
    const pool = new WorkerPool(segments, (worker, message) => this.#watch.interval(worker, message));
    try {
      await pool.ready();
      const space = spaceOf(pool);
      const result = await this.#inSpace(space, pool, segments.length);
      return { result, clean: await this.#remove(space) };
    } finally {
      await pool.close();
    }
  }

  /** Gives whether nothing of the run is left. */
  async #remove(space: OpenSpace): Promise<boolean> {
    if (this.#request.keep) {
      this.#observer.say(`Run ${this.#id} stays in its services; "trade-sim services clean" removes it.`);
      return false;
    }
    this.#observer.phase('cleaning up');
    try {
      await space.remove();
      return true;
    } catch (error) {
      this.#observer.say(
        `Something of run ${this.#id} is left; "trade-sim services clean" removes it. (${messageOf(error)})`,
      );
      return false;
    }
  }

  async #inSpace(space: OpenSpace, pool: WorkerPool, workers: number): Promise<Result> {
    const serialCycleUs = await this.#warmUp(space, pool);
    this.#throwIfKilled();
    const startedAtMs = wallClock.epoch();
    const durationMs = await this.#load(space, pool);
    this.#throwIfKilled();
    this.#observer.phase('draining the queue');
    const drained = await drain(pool, space, DRAIN_LIMIT_MS, this.#interrupts.kill).catch(() => false);
    this.#throwIfKilled();
    this.#observer.phase('auditing');
    const stores = await readStores(space);
    const reports = await pool.reports();
    const measured = mergeAll(reports.map(({ snapshot }) => snapshot));
    const evidence = assembleEvidence(this.#scenario, stores, reports, workers, measured, drained);
    return buildResult({
      request: this.#request,
      runId: this.#id,
      endpoints: this.#provisioned.endpoints,
      notes: this.#provisioned.notes,
      startedAtMs,
      durationMs,
      measured,
      reports,
      evidence,
      audited: audit(evidence),
      serialCycleUs,
      timeline: this.#watch.timeline(),
      lostServices: this.#watch.lostServices(),
      interrupted: this.#interrupts.stop.aborted,
    });
  }

  /** Measures the serial cycle and warms up; whatever that left in the space is taken out again. */
  async #warmUp(space: OpenSpace, pool: WorkerPool): Promise<number | undefined> {
    const { load, engine } = this.#scenario;
    const serialCycleUs = engine.lock.name === 'none' ? undefined : await space.serialCycleUs();
    if (load.warmupMs > 0 && !this.#interrupts.stop.aborted) {
      this.#observer.phase('warming up');
      await this.#phase(pool, 'warm-up');
    }
    await drain(pool, space, DRAIN_LIMIT_MS, this.#interrupts.kill);
    await space.reset();
    return serialCycleUs;
  }

  /** Runs the load; gives its length. A lost service ends it early. */
  async #load(space: OpenSpace, pool: WorkerPool): Promise<number> {
    const lost = new AbortController();
    const stopWatching = this.#watch.begin(space, lost);
    const startedMs = wallClock.now() + START_IN_MS;
    try {
      await this.#phase(pool, 'load', lost.signal);
    } finally {
      await stopWatching();
    }
    return wallClock.now() - startedMs;
  }

  async #phase(pool: WorkerPool, phase: 'warm-up' | 'load', lost?: AbortSignal): Promise<void> {
    const { stop, kill } = this.#interrupts;
    const gracefully = lost ? AbortSignal.any([stop, lost]) : stop;
    const onStop = () => pool.stopGracefully();
    const onKill = () => pool.stopAtOnce();
    gracefully.addEventListener('abort', onStop, { once: true });
    kill.addEventListener('abort', onKill, { once: true });
    if (gracefully.aborted) onStop();
    if (kill.aborted) onKill();
    try {
      await pool.phase(phase, wallClock.epoch() + START_IN_MS);
    } finally {
      gracefully.removeEventListener('abort', onStop);
      kill.removeEventListener('abort', onKill);
    }
  }

  #throwIfKilled(): void {
    if (this.#interrupts.kill.aborted)
      throw new TradeSimError(ExitCode.interrupted, 'stopped at once; there is no result');
  }
}

interface Finished {
  readonly result: Result;
  /** Nothing of the run is left in its services. */
  readonly clean: boolean;
}

/** Eight lower-case letters and digits. */
const newRunId = (): string => randomBytes(8).toString('hex').slice(0, 8);

const urlsOf = (endpoints: Endpoints, wanted: (endpoint: Endpoint) => boolean = () => true) =>
  Object.fromEntries(
    SERVICE_NAMES.flatMap((name) => {
      const { url } = endpoints[name];
      return url !== undefined && wanted(endpoints[name]) ? [[name, url]] : [];
    }),
  ) as { [Service in ServiceName]?: string };

const anySimulated = (urls: ServiceUrls): boolean => SERVICE_NAMES.some((name) => urls[name] === undefined);

/** One worker per node; all nodes in one where they share simulated services. */
const segmentsOf = (runId: string, scenario: Scenario, services: ServiceUrls): Segment[] => {
  const nodes = Array.from({ length: scenario.engine.nodes }, (_, node) => node);
  const segment = { runId, scenario, services };
  return anySimulated(services)
    ? [{ ...segment, nodes, hostsSpace: true }]
    : nodes.map((node) => ({ ...segment, nodes: [node], hostsSpace: false }));
};

const describeServices = (endpoints: Endpoints): string =>
  SERVICE_NAMES.map((name) => `${name} ${endpoints[name].version} (${endpoints[name].origin})`).join(' · ');
