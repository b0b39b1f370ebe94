import type { MessagePort } from 'node:worker_threads';
import { namespaceOf } from '../engine/namespace.ts';
import { wallClock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { SeededRandom } from '../kernel/random.ts';
import { SaturationMonitor } from '../measure/saturation.ts';
import { connector, type Connect } from './connect.ts';
import { newRecorder, startNode, type RunningNode } from './node.ts';
import { startPhase, type RunningPhase } from './phase.ts';
import {
  StopLevel,
  type Flow,
  type Phase,
  type Request,
  type Segment,
  type ToMain,
  type ToWorker,
  type WorkerReport,
  type WorkerTask,
} from './protocol.ts';
import { newReceiptLog } from './receipts.ts';
import { openSpace, type OpenSpace } from './space.ts';

const INTERVAL_MS = 1_000;
/** How soon a stop at once is noticed by what does not look at the shared flag itself. */
const STOP_POLL_MS = 20;

/** A worker's one long task: it hosts its nodes and answers requests until it is told to finish. */
export default async function work({ segment, port, stop }: WorkerTask): Promise<void> {
  const worker = new LoadWorker(segment, port, new Int32Array(stop));
  try {
    await worker.open();
    await worker.serve();
  } finally {
    await worker.close();
    port.close();
  }
}

class LoadWorker {
  readonly #segment: Segment;
  readonly #port: MessagePort;
  readonly #stop: Int32Array;
  readonly #recorder = newRecorder();
  readonly #monitor = new SaturationMonitor();
  readonly #connect: Connect;
  readonly #abort = new AbortController();
  #nodes: RunningNode[] = [];
  #space: OpenSpace | undefined;
  #soldOutAtMs: number | undefined;
  #phaseStartedMs = 0;
  #lastTickMs = 0;

  constructor(segment: Segment, port: MessagePort, stop: Int32Array) {
    this.#segment = segment;
    this.#port = port;
    this.#stop = stop;
    this.#connect = connector(
      segment.services,
      namespaceOf(segment.runId),
      new SeededRandom(segment.scenario.seed, -1),
    );
  }

  /** Where the run's space lives in this worker, it is made before the nodes that need it. */
  async open(): Promise<void> {
    if (this.#segment.hostsSpace) {
      this.#space = await openSpace(this.#segment.runId, this.#segment.scenario, this.#connect);
      await this.#space.prepare();
    }
    const { runId, scenario, nodes } = this.#segment;
    for (const index of nodes) {
      const node = await startNode(index, {
        connect: this.#connect,
        namespace: namespaceOf(runId),
        scenario,
        recorder: this.#recorder,
        onSoldOut: () => {
          this.#soldOutAtMs ??= wallClock.epoch();
        },
      });
      this.#nodes.push(node);
    }
  }

  /** Answers requests until `finish`. */
  serve(): Promise<void> {
    return new Promise((resolve, reject) => {
      const watch = setInterval(() => {
        if (Atomics.load(this.#stop, 0) === StopLevel.atOnce) this.#abort.abort();
      }, STOP_POLL_MS);
      const settle = (end: () => void) => {
        clearInterval(watch);
        end();
      };
      this.#port.on('message', ({ id, request }: ToWorker) => {
        if (request.kind === 'finish') {
          settle(resolve);
          return;
        }
        this.#answer(request).then(
          (value) => this.#send({ kind: 'answer', id, value }),
          (error: unknown) => this.#send({ kind: 'error', id, message: messageOf(error) }),
        );
      });
      this.#port.once('close', () => settle(() => reject(new Error('the main thread has gone'))));
      this.#send({ kind: 'ready' });
    });
  }

  async close(): Promise<void> {
    this.#monitor.stop();
    await Promise.allSettled([...this.#nodes.map((node) => node.close()), this.#space?.close()]);
    this.#recorder.destroy();
  }

  async #answer(request: Exclude<Request, { kind: 'finish' }>): Promise<unknown> {
    switch (request.kind) {
      case 'phase':
        return this.#runPhase(request.phase, request.startAtMs);
      case 'flow':
        return this.#flow();
      case 'report':
        return this.#report();
      case 'space': {
        const method = this.#space![request.call.method] as (...args: unknown[]) => Promise<unknown>;
        return method(...request.call.args);
      }
    }
  }

  async #runPhase(phase: Phase, startAtMs: number): Promise<void> {
    if (phase === 'load') this.#startMeasuring(startAtMs);
    const running = startPhase({
      phase,
      scenario: this.#segment.scenario,
      nodes: this.#nodes,
      clock: wallClock,
      startMs: wallClock.now() + startAtMs - wallClock.epoch(),
      recorder: this.#recorder,
      stopped: () => Atomics.load(this.#stop, 0) !== StopLevel.run,
      signal: this.#abort.signal,
    });
    const ticker = phase === 'load' ? setInterval(() => this.#tick(running), INTERVAL_MS) : undefined;
    try {
      await running.done;
    } finally {
      clearInterval(ticker);
      if (phase === 'load') this.#tick(running);
      for (const { target } of this.#nodes) target.giveUp();
    }
  }

  /** What the warm-up left is forgotten. */
  #startMeasuring(startAtMs: number): void {
    this.#recorder.reset();
    for (const { target } of this.#nodes) target.forget();
    this.#soldOutAtMs = undefined;
    this.#phaseStartedMs = startAtMs;
    this.#lastTickMs = startAtMs;
    this.#monitor.start();
  }

  #tick(running: RunningPhase): void {
    this.#send({
      kind: 'interval',
      atMs: this.#lastTickMs - this.#phaseStartedMs,
      interval: this.#recorder.interval(),
      inFlight: running.inFlight(),
    });
    this.#lastTickMs = wallClock.epoch();
  }

  #flow(): Flow {
    const { counters } = this.#recorder.total();
    return {
      confirmed: counters['queue.confirmed']!,
      unknown: counters['queue.unknown']!,
      delivered: counters['queue.delivered']!,
      settled: counters['queue.settled']!,
    };
  }

  #report(): WorkerReport {
    const receipts = newReceiptLog();
    for (const { target } of this.#nodes) receipts.append(target.receipts.data());
    return {
      snapshot: this.#recorder.total(),
      receipts: receipts.data(),
      receiptsDropped:
        receipts.dropped + this.#nodes.reduce((sum, { target }) => sum + target.receipts.dropped, 0),
      failures: this.#nodes.flatMap(({ target }) => target.failures()),
      soldOutAtMs: this.#soldOutAtMs === undefined ? undefined : this.#soldOutAtMs - this.#phaseStartedMs,
      health: this.#monitor.read(),
    };
  }

  #send(message: ToMain): void {
    this.#port.postMessage(message);
  }
}
