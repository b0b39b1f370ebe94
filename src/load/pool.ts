import { wallClock, withDeadline } from '../kernel/clock.ts';
import {
  StopLevel,
  type Flow,
  type IntervalMessage,
  type Phase,
  type Request,
  type Segment,
  type WorkerReport,
} from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';
import type { OpenSpace } from './space.ts';
import type { WorkerThreads } from './threads.ts';

/** Beyond every bound of the connections themselves: an answer this late will not come. */
const ANSWER_LIMIT_MS = 60_000;
const CLOSE_LIMIT_MS = 5_000;

/** The workers of a run, a thread each, spoken to over message ports. */
export class WorkerPool {
  readonly #threads: WorkerThreads;
  readonly #stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #workers: readonly RemoteWorker[];

  /** `threads` are as many as there are segments, or more; `open` connects the workers. */
  constructor(
    threads: WorkerThreads,
    segments: readonly Segment[],
    onInterval: (worker: number, message: IntervalMessage) => void,
  ) {
    this.#threads = threads;
    this.#workers = segments.map(
      (segment, index) =>
        new RemoteWorker(threads, segment, this.#stop, (message) => onInterval(index, message)),
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

  /** Iterations a second at most, over all workers at once, when customers ask for nothing. */
  async ceilingPerSecond(): Promise<number> {
    const ceilings = (await this.#askAll({ kind: 'ceiling' })) as number[];
    return ceilings.reduce((sum, ceiling) => sum + ceiling, 0);
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

  /** Resolves when no change of a page is on its way to the database any more. */
  async settle(): Promise<void> {
    await this.#askAll({ kind: 'settle' });
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

  /** Frees the threads; those that do not come to an end are ended, with all others. */
  async close(): Promise<void> {
    try {
      await withDeadline(
        wallClock,
        Promise.all(this.#workers.map((worker) => worker.finish())),
        CLOSE_LIMIT_MS,
        () => new Error('a worker did not end in time'),
      );
    } catch {
      await this.#threads.end();
    }
  }

  #askAll(request: Request): Promise<unknown[]> {
    return Promise.all(this.#workers.map((worker) => worker.ask(request, ANSWER_LIMIT_MS)));
  }
}
