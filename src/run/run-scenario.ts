import { randomBytes } from 'node:crypto';
import { audit } from '../audit/check.ts';
import { SERVICE_NAMES } from '../services/types.ts';
import { provision } from '../services/provision.ts';
import { recordRun } from '../services/run-registry.ts';
import type { Endpoints, Provisioned } from '../services/types.ts';
import { namespaceOf } from '../engine/namespace.ts';
import { wallClock } from '../kernel/clock.ts';
import { TradeSimError } from '../kernel/errors.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import { SeededRandom } from '../kernel/random.ts';
import { connector } from '../load/connect.ts';
import { WorkerPool } from '../load/pool.ts';
import type { Segment, ServiceUrls } from '../load/protocol.ts';
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
  readonly #pool: WorkerPool;
  readonly #workers: number;

  constructor(request: RunRequest, provisioned: Provisioned, interrupts: Interrupts, observer: Observer) {
    this.#request = request;
    this.#scenario = request.scenario;
    this.#provisioned = provisioned;
    this.#interrupts = interrupts;
    this.#observer = observer;
    this.#watch = new Watch(request.scenario, observer);
    const segments = segmentsOf(this.#id, request.scenario, urlsOf(provisioned.endpoints));
    this.#workers = segments.length;
    this.#pool = new WorkerPool(segments, (worker, message) => this.#watch.interval(worker, message));
  }

  async whole(): Promise<Result> {
    const record = await recordRun({ runId: this.#id, urls: urlsOf(this.#provisioned.endpoints) });
    let space: OpenSpace | undefined;
    try {
      this.#observer.phase('preparing the catalogue');
      space = await this.#openSpace();
      return await this.#inSpace(space);
    } finally {
      this.#observer.phase('cleaning up');
      if (space && !this.#request.keep) await space.remove().catch(() => {});
      await space?.close().catch(() => {});
      await this.#pool.close();
      if (!this.#request.keep) await record.forget();
    }
  }

  /** Simulated services live in a worker, and the space with them; real ones are reached from here. */
  async #openSpace(): Promise<OpenSpace> {
    const urls = urlsOf(this.#provisioned.endpoints);
    if (anySimulated(urls)) {
      await this.#pool.ready();
      return this.#pool.space();
    }
    const space = await openSpace(
      this.#id,
      this.#scenario,
      connector(urls, namespaceOf(this.#id), new SeededRandom(this.#scenario.seed)),
    );
    await space.prepare();
    await this.#pool.ready();
    return space;
  }

  async #inSpace(space: OpenSpace): Promise<Result> {
    const serialCycleUs = await this.#warmUp(space);
    this.#throwIfKilled();
    const startedAtMs = wallClock.epoch();
    const durationMs = await this.#load(space);
    this.#throwIfKilled();
    this.#observer.phase('draining the queue');
    const drained = await drain(this.#pool, space, DRAIN_LIMIT_MS, this.#interrupts.kill).catch(() => false);
    this.#throwIfKilled();
    this.#observer.phase('auditing');
    const stores = await readStores(space);
    const reports = await this.#pool.reports();
    const measured = mergeAll(reports.map(({ snapshot }) => snapshot));
    const evidence = assembleEvidence(this.#scenario, stores, reports, this.#workers, measured, drained);
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
  async #warmUp(space: OpenSpace): Promise<number | undefined> {
    const { load, engine } = this.#scenario;
    const serialCycleUs = engine.lock.name === 'none' ? undefined : await space.serialCycleUs();
    if (load.warmupMs > 0 && !this.#interrupts.stop.aborted) {
      this.#observer.phase('warming up');
      await this.#phase('warm-up');
    }
    await drain(this.#pool, space, DRAIN_LIMIT_MS, this.#interrupts.kill);
    await space.reset();
    return serialCycleUs;
  }

  /** Runs the load; gives its length. A lost service ends it early. */
  async #load(space: OpenSpace): Promise<number> {
    const lost = new AbortController();
    const stopWatching = this.#watch.begin(space, lost);
    const startedMs = wallClock.now() + START_IN_MS;
    try {
      await this.#phase('load', lost.signal);
    } finally {
      await stopWatching();
    }
    return wallClock.now() - startedMs;
  }

  async #phase(phase: 'warm-up' | 'load', lost?: AbortSignal): Promise<void> {
    const { stop, kill } = this.#interrupts;
    const gracefully = lost ? AbortSignal.any([stop, lost]) : stop;
    const onStop = () => this.#pool.stopGracefully();
    const onKill = () => this.#pool.stopAtOnce();
    gracefully.addEventListener('abort', onStop, { once: true });
    kill.addEventListener('abort', onKill, { once: true });
    if (gracefully.aborted) onStop();
    if (kill.aborted) onKill();
    try {
      await this.#pool.phase(phase, wallClock.epoch() + START_IN_MS);
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

/** Eight lower-case letters and digits. */
const newRunId = (): string => randomBytes(8).toString('hex').slice(0, 8);

const urlsOf = (endpoints: Endpoints): ServiceUrls => {
  const urls: Record<string, string> = {};
  for (const name of SERVICE_NAMES) {
    const { url } = endpoints[name];
    if (url !== undefined) urls[name] = url;
  }
  return urls;
};

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
