import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import { usageError } from '../kernel/errors.ts';
import { formatDuration } from '../kernel/units.ts';
import type { IntervalMessage, Request, Segment, ToMain } from './protocol.ts';
import { received } from './sent-error.ts';
import type { WorkerThreads } from './threads.ts';

const LOOK_MS = 1_000;
/** A worker gives a sign of life every second. Looks are counted, since a machine may have slept meanwhile. */
const SILENT_LOOKS_MAX = 30;

const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

const outOfMemory = (cause: Error): Error =>
  usageError(
    'a worker thread ran out of memory',
    'Run with fewer virtual users, for a shorter time, on real services, or with NODE_OPTIONS=--max-old-space-size=MB.',
    cause,
  );

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A worker thread and its one task, from outside. When the thread ends, everything asked of it rejects. */
export class RemoteWorker {
  readonly #port: MessagePort;
  readonly #task: Promise<void>;
  readonly #pending = new Map<number, Waiting>();
  #lastId = 0;
  #signsOfLife = 0;
  #ended: Error | undefined;

  constructor(
    threads: Pick<WorkerThreads, 'run'>,
    segment: Segment,
    stop: SharedArrayBuffer,
    onInterval: (message: IntervalMessage) => void,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: ToMain) => {
      this.#signsOfLife += 1;
      if (message.kind === 'interval') onInterval(message);
      else if (message.kind !== 'alive') this.#settle(message);
    });
    this.#task = threads.run({ segment, port: port2, stop }, { transferList: [port2] }).then(
      () => this.#end(new Error('a worker thread has finished')),
      (error: NodeJS.ErrnoException) => this.#end(error.code === OUT_OF_MEMORY ? outOfMemory(error) : error),
    );
  }

  /** Resolves with the worker's answer. Rejects with its error, and when there is no answer within `limitMs`. */
  async ask(request: Request, limitMs: number): Promise<unknown> {
    const { id, answer } = this.#post(request);
    try {
      return await withDeadline(
        wallClock,
        answer,
        limitMs,
        () => new Error(`a worker thread did not answer "${request.kind}" within ${formatDuration(limitMs)}`),
      );
    } finally {
      this.#pending.delete(id);
    }
  }

  /** For a request that may take any time: rejects only when the worker shows no sign of life any more. */
  async follow(request: Request): Promise<unknown> {
    const { id, answer } = this.#post(request);
    let seen = this.#signsOfLife;
    let silentLooks = 0;
    const timer = setInterval(() => {
      silentLooks = this.#signsOfLife === seen ? silentLooks + 1 : 0;
      seen = this.#signsOfLife;
      if (silentLooks >= SILENT_LOOKS_MAX)
        this.#pending.get(id)?.reject(new Error(`a worker thread hangs in "${request.kind}"`));
    }, LOOK_MS);
    try {
      return await answer;
    } finally {
      clearInterval(timer);
      this.#pending.delete(id);
    }
  }

  /** Resolves when the worker has disconnected and its thread is free. */
  finish(): Promise<void> {
    this.#port.postMessage({ id: 0, request: { kind: 'finish' } });
    return this.#task;
  }

  #post(request: Request): { readonly id: number; readonly answer: Promise<unknown> } {
    this.#lastId += 1;
    const id = this.#lastId;
    if (this.#ended) return { id, answer: Promise.reject(this.#ended) };
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#port.postMessage({ id, request });
    return { id, answer };
  }

  #settle(message: Extract<ToMain, { kind: 'answer' | 'error' }>): void {
    const waiting = this.#pending.get(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(received(message.error));
  }

  #end(error: Error): void {
    this.#ended = error;
    for (const waiting of this.#pending.values()) waiting.reject(error);
    this.#port.close();
  }
}
