import { Piscina } from 'piscina';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import {
  StopLevel,
  type Flow,
  type IntervalMessage,
  type Phase,
  type Request,
  type Segment,
  type WorkerReport,
  type WorkerTask,
} from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';
import type { OpenSpace } from './space.ts';

/** Beyond every bound of the connections themselves: an answer this late will not come. */
const ANSWER_LIMIT_MS = 60_000;
const CLOSE_LIMIT_MS = 5_000;

/**
 * Room for what a moment's orders allocate. With the engine's default, hundreds of orders under way outlive each
 * collection and are copied again and again: twice the time in collections, measured at 2 x 500 virtual users.
 */
const YOUNG_GENERATION_MB = 192;

/** The worker threads of a run, one task each, spoken to over message ports. */
export class WorkerPool {
  readonly #piscina: Piscina<WorkerTask, void>;
  readonly #stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #workers: readonly RemoteWorker[];

  /** The threads start at once and load what they need; `open` connects them. */
  constructor(segments: readonly Segment[], onInterval: (worker: number, message: IntervalMessage) => void) {
    this.#piscina = new Piscina<WorkerTask, void>({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: segments.length,
      maxThreads: segments.length,
      concurrentTasksPerWorker: 1,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#workers = segments.map(
      (segment, index) =>
        new RemoteWorker(this.#piscina, segment, this.#stop, (message) => onInterval(index, message)),
    );
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Resolves when every worker's nodes are connected and consume. Rejects with the first failure. */
  async open(): Promise<void> {
    await this.#askAll({ kind: 'open' });
  }

  /** Runs a phase of load on all workers, from one moment on; gives its length in ms. One that fails ends it for all. */
  async phase(phase: Phase, startAtMs: number): Promise<number> {
    const ends = this.#workers.map((worker) => worker.follow({ kind: 'phase', phase, startAtMs }));
    try {
      return Math.max(
        0,
        ...((await Promise.all(ends)) as number[]).map((endedAtMs) => endedAtMs - startAtMs),
      );
    } catch (error) {
      this.stopAtOnce();
      await Promise.allSettled(ends);
      throw error;
    }
  }

  async flow(): Promise<Flow> {
    const flows = (await this.#askAll({ kind: 'flow' })) as Flow[];
    return flows.reduce((a, b) => ({
      confirmed: a.confirmed + b.confirmed,
      unknown: a.unknown + b.unknown,
      delivered: a.delivered + b.delivered,
      settled: a.settled + b.settled,
    }));
  }

  /** The run's space inside the one worker that hosts it. */
  space(): OpenSpace {
    const [host] = this.#workers;
    const remote =
      <Method extends keyof OpenSpace>(method: Method) =>
      (...args: Parameters<OpenSpace[Method]>) =>
        host!.ask({ kind: 'space', call: { method, args } }, ANSWER_LIMIT_MS) as ReturnType<
          OpenSpace[Method]
        >;
    return {
      prepare: remote('prepare'),
      reset: remote('reset'),
      levels: remote('levels'),
      backlog: remote('backlog'),
      ledgerPage: remote('ledgerPage'),
      probe: remote('probe'),
      serialCycleUs: remote('serialCycleUs'),
      remove: remote('remove'),
      close: remote('close'),
    };
  }

  /** No new iterations; those under way end by themselves. */
  stopGracefully(): void {
    Atomics.compareExchange(new Int32Array(this.#stop), 0, StopLevel.run, StopLevel.gracefully);
  }

  /** Iterations under way are given up; their orders are unknown. */
  stopAtOnce(): void {
    Atomics.store(new Int32Array(this.#stop), 0, StopLevel.atOnce);
  }

  /** What each worker that still lives has to show. */
  async reports(): Promise<WorkerReport[]> {
    const reports = await Promise.allSettled(
      this.#workers.map((worker) => worker.ask({ kind: 'report' }, ANSWER_LIMIT_MS)),
    );
    return reports.flatMap((report) => (report.status === 'fulfilled' ? [report.value as WorkerReport] : []));
  }

  /** Takes the engine nodes off their services: from then on nothing more is written, as far as they can be reached. */
  async disconnect(): Promise<void> {
    await Promise.allSettled(
      this.#workers.map((worker) => worker.ask({ kind: 'disconnect' }, CLOSE_LIMIT_MS)),
    );
  }

  /** Ends the threads, whatever they do. */
  async close(): Promise<void> {
    await withDeadline(
      wallClock,
      Promise.all(this.#workers.map((worker) => worker.finish())),
      CLOSE_LIMIT_MS,
      () => new Error('a worker did not end in time'),
    ).catch(() => {});
    await this.#piscina.destroy();
  }

  #askAll(request: Request): Promise<unknown[]> {
    return Promise.all(this.#workers.map((worker) => worker.ask(request, ANSWER_LIMIT_MS)));
  }
}
