import type { MessagePort } from 'node:worker_threads';
import { namespaceOf } from '../engine/namespace.ts';
import { wallClock } from '../kernel/clock.ts';
import { SeededRandom } from '../kernel/random.ts';
import { tickOnGrid } from '../kernel/ticker.ts';
import { SaturationMonitor } from '../measure/saturation.ts';
import { watchedMetrics } from '../measure/threshold-watch.ts';
import { ceilingPerSecond } from './ceiling.ts';
import { connector, type Connect } from './connect.ts';
import { oldGeneration } from './heap.ts';
import { Metronome } from './metronome.ts';
import { newRecorder, startNode, type LoadRecorder, type RunningNode } from './node.ts';
import { startPhase, type RunningPhase } from './phase.ts';
import {
  StopLevel,
  type Flow,
  type Phase,
  type Request,
  type Segment,
  type ToMain,
  type ToWorker,
  type WorkerMemory,
  type WorkerReport,
  type WorkerTask,
} from './protocol.ts';
import { sendable } from './sent-error.ts';
import { openSpace, type OpenSpace } from './space.ts';

const SECOND_MS = 1_000;
/** How soon a stop at once is noticed by what does not look at the shared flag itself. */
const STOP_POLL_MS = 20;

/** A worker's one long task: it hosts its nodes and answers requests until it is told to finish. */
export default async function work({ segment, port, stop }: WorkerTask): Promise<void> {
  const worker = new LoadWorker(segment, port, new Int32Array(stop));
  try {
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
  readonly #recorder: LoadRecorder;
  readonly #monitor: SaturationMonitor;
  readonly #connect: Connect;
  readonly #abort = new AbortController();
  #nodes: RunningNode[] = [];
  #space: Promise<OpenSpace> | undefined;
  #soldOutAtMs: number | undefined;
  #phaseStartedMs = 0;
  #lastTickMs = 0;

  constructor(segment: Segment, port: MessagePort, stop: Int32Array) {
    this.#segment = segment;
    this.#recorder = newRecorder(watchedMetrics(segment.scenario.thresholds));
    this.#monitor = new SaturationMonitor(this.#recorder);
    this.#port = port;
    this.#stop = stop;
    this.#connect = connector(
      segment.services,
      namespaceOf(segment.runId),
      new SeededRandom(segment.scenario.seed, -1),
    );
  }

  /** Answers requests until `finish`. */
  serve(): Promise<void> {
    return new Promise((resolve, reject) => {
      const watch = setInterval(() => {
        if (Atomics.load(this.#stop, 0) === StopLevel.atOnce) this.#abort.abort();
      }, STOP_POLL_MS);
      const pulse = setInterval(() => this.#send({ kind: 'alive' }), SECOND_MS);
      const settle = (end: () => void) => {
        clearInterval(watch);
        clearInterval(pulse);
        end();
      };
      this.#port.on('message', ({ id, request }: ToWorker) => {
        if (request.kind === 'finish') {
          settle(resolve);
          return;
        }
        this.#answer(request).then(
          (value) => this.#send({ kind: 'answer', id, value }),
          (error: unknown) => this.#send({ kind: 'error', id, error: sendable(error) }),
        );
      });
      this.#port.once('close', () => settle(() => reject(new Error('the main thread has gone'))));
    });
  }

  async close(): Promise<void> {
    this.#monitor.stop();
    await this.#disconnect();
    const space = await this.#space?.catch(() => undefined);
    await space?.close();
    this.#recorder.destroy();
  }

  async #answer(request: Exclude<Request, { kind: 'finish' }>): Promise<unknown> {
    switch (request.kind) {
      case 'open':
        return this.#connectNodes();
      case 'phase':
        return this.#runPhase(request.phase, request.startAtMs);
      case 'ceiling':
        return ceilingPerSecond();
      case 'flow':
        return this.#flow();
      case 'settle':
        await Promise.all(this.#nodes.map((node) => node.settle()));
        return;
      case 'report':
        return this.#report();
      case 'space': {
        const space = await this.#openSpace();
        const method = space[request.call.method] as (...args: unknown[]) => Promise<unknown>;
        return method(...request.call.args);
      }
      case 'disconnect':
        return this.#disconnect();
    }
  }

  #openSpace(): Promise<OpenSpace> {
    const { runId, scenario } = this.#segment;
    return (this.#space ??= openSpace(runId, scenario, this.#connect));
  }

  async #connectNodes(): Promise<void> {
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

  async #disconnect(): Promise<void> {
    const nodes = this.#nodes;
    this.#nodes = [];
    await Promise.allSettled(nodes.map((node) => node.close()));
  }

  /** Gives the epoch time at which the phase was over. */
  async #runPhase(phase: Phase, startAtMs: number): Promise<number> {
    if (phase === 'load') this.#startMeasuring(startAtMs);
    const startMs = wallClock.now() + startAtMs - wallClock.epoch();
    const running = startPhase({
      phase,
      scenario: this.#segment.scenario,
      feeds: this.#segment.feeds,
      nodes: this.#nodes,
      clock: wallClock,
      startMs,
      recorder: this.#recorder,
      openPacer: () => new Metronome(wallClock),
      stopped: () => Atomics.load(this.#stop, 0) !== StopLevel.run,
      signal: this.#abort.signal,
    });
    const tick = () => this.#tick(running);
    const stopTicking = phase === 'load' ? tickOnGrid(wallClock, startMs, SECOND_MS, tick) : () => {};
    try {
      await running.done;
      return wallClock.epoch();
    } finally {
      stopTicking();
      for (const { target } of this.#nodes) target.giveUp();
      if (phase === 'load') {
        this.#monitor.stop();
        this.#tickLast(running);
      }
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
    this.#monitor.sample();
    this.#send({
      kind: 'interval',
      atMs: this.#lastTickMs - this.#phaseStartedMs,
      interval: this.#recorder.interval(),
      inFlight: running.inFlight(),
      memory: this.#memory(),
    });
    this.#lastTickMs = wallClock.epoch();
  }

  /** What ends a moment after the last whole second is no second of its own: it would look like a stall. */
  #tickLast(running: RunningPhase): void {
    if (wallClock.epoch() - this.#lastTickMs < SECOND_MS / 2)
      this.#lastTickMs = Math.max(this.#phaseStartedMs, this.#lastTickMs - SECOND_MS);
    this.#tick(running);
  }

  #memory(): WorkerMemory {
    const receipts = this.#nodes.reduce((sum, { target }) => sum + target.receipts.length, 0);
    return { ...oldGeneration(), receipts };
  }

  #flow(): Flow {
    const counters = this.#recorder.counters();
    return {
      confirmed: counters['queue.confirmed']!,
      unknown: counters['queue.unknown']!,
      delivered: counters['queue.delivered']!,
      settled: counters['queue.settled']!,
    };
  }

  #report(): WorkerReport {
    return {
      snapshot: this.#recorder.total(),
      receipts: this.#nodes.map(({ target }) => target.receipts.data()),
      failures: this.#nodes.flatMap(({ target }) => target.failures()),
      soldOutAtMs: this.#soldOutAtMs === undefined ? undefined : this.#soldOutAtMs - this.#phaseStartedMs,
    };
  }

  #send(message: ToMain): void {
    this.#port.postMessage(message);
  }
}
