import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import type { Snapshot } from '../measure/snapshot.ts';
import {
  StopLevel,
  type Flow,
  type Phase,
  type Request,
  type Segment,
  type ToMain,
  type WorkerReport,
  type WorkerTask,
} from './protocol.ts';
import type { OpenSpace } from './space.ts';

const CLOSE_LIMIT_MS = 5_000;

export interface IntervalMessage {
  readonly atMs: number;
  readonly interval: Snapshot;
  readonly inFlight: number;
}

/** The worker threads of a run, one task each, spoken to over message ports. */
export class WorkerPool {
  readonly #piscina: Piscina<WorkerTask, void>;
  readonly #stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #workers: RemoteWorker[];

  constructor(segments: readonly Segment[], onInterval: (worker: number, message: IntervalMessage) => void) {
    this.#piscina = new Piscina<WorkerTask, void>({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: segments.length,
      maxThreads: segments.length,
      concurrentTasksPerWorker: 1,
      recordTiming: false,
    });
    this.#workers = segments.map(
      (segment, index) =>
        new RemoteWorker(this.#piscina, segment, this.#stop, (message) => onInterval(index, message)),
    );
  }

  /** Resolves when every worker's nodes are connected and consume. Rejects with the first failure. */
  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.ready));
  }

  /** Runs a phase of load on all workers, from one moment on. */
  async phase(phase: Phase, startAtMs: number): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.ask({ kind: 'phase', phase, startAtMs })));
  }

  async flow(): Promise<Flow> {
    const flows = await Promise.all(this.#workers.map((worker) => worker.ask({ kind: 'flow' })));
    return (flows as Flow[]).reduce((a, b) => ({
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
        host!.ask({ kind: 'space', call: { method, args } }) as ReturnType<OpenSpace[Method]>;
    return {
      prepare: remote('prepare'),
      reset: remote('reset'),
      levels: remote('levels'),
      backlog: remote('backlog'),
      ledgerPage: remote('ledgerPage'),
      unreachable: remote('unreachable'),
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
    const reports = await Promise.allSettled(this.#workers.map((worker) => worker.ask({ kind: 'report' })));
    return reports.flatMap((report) => (report.status === 'fulfilled' ? [report.value as WorkerReport] : []));
  }

  /** Lets the workers disconnect, then ends their threads, whatever they do. */
  async close(): Promise<void> {
    await withDeadline(
      wallClock,
      Promise.allSettled(this.#workers.map((worker) => worker.finish())),
      CLOSE_LIMIT_MS,
      () => new Error('a worker did not end in time'),
    ).catch(() => {});
    await this.#piscina.destroy();
  }
}

class RemoteWorker {
  readonly ready: Promise<void>;
  readonly #port: MessagePort;
  readonly #task: Promise<void>;
  readonly #pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #lastId = 0;
  #failure: Error | undefined;

  constructor(
    piscina: Piscina<WorkerTask, void>,
    segment: Segment,
    stop: SharedArrayBuffer,
    onInterval: (message: IntervalMessage) => void,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#task = piscina.run({ segment, port: port2, stop }, { transferList: [port2] });
    this.ready = new Promise((resolve, reject) => {
      port1.on('message', (message: ToMain) => {
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'interval') onInterval(message);
        else this.#settle(message);
      });
      this.#task.catch((error: Error) => {
        this.#failure = error;
        reject(error);
        for (const { reject: fail } of this.#pending.values()) fail(error);
        this.#pending.clear();
        port1.close();
      });
    });
    // Awaited by ready(); a failure before that must not count as unhandled.
    this.ready.catch(() => {});
  }

  async ask(request: Request): Promise<unknown> {
    if (this.#failure) throw this.#failure;
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#port.postMessage({ id, request });
    });
  }

  finish(): Promise<void> {
    this.#port.postMessage({ id: 0, request: { kind: 'finish' } });
    return this.#task;
  }

  #settle(message: Extract<ToMain, { kind: 'answer' | 'error' }>): void {
    const waiting = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.message));
  }
}
