import { wallClock, withDeadline } from '../kernel/clock.ts';
import { tickOnGrid } from '../kernel/ticker.ts';
import type { WorkerPool } from '../load/pool.ts';
import type { IntervalMessage } from '../load/protocol.ts';
import type { OpenSpace } from '../load/space.ts';
import { History, type TimelineRow } from '../measure/history.ts';
import { MachineMonitor } from '../measure/machine.ts';
import { EMPTY_SNAPSHOT, mergeSnapshots, type Snapshot } from '../measure/snapshot.ts';
import { ThresholdWatch } from '../measure/threshold-watch.ts';
import type { Figures, ThresholdResult } from '../measure/thresholds.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { MemoryGuard } from './memory-guard.ts';
import { queueDepth } from './queue-depth.ts';
import type { Observer } from './request.ts';

const LOOK_MS = 1_000;
const LOOK_LIMIT_MS = 3_000;
/** Reading more levels than this every second would be a load of its own. */
const MAX_WATCHED_SKUS = 100;

/** Watches a load from outside: the timeline, the thresholds that look at its seconds, and the live figures. */
export class Watch {
  readonly #runId: string;
  readonly #scenario: Scenario;
  readonly #observer: Observer;
  readonly #history = new History({ iterations: 'iterations.completed', accepted: 'orders.accepted' });
  readonly #inFlight = new Map<number, number>();
  readonly #thresholds: ThresholdWatch;
  readonly #missed = new AbortController();
  readonly #memory = new MemoryGuard();
  readonly #full = new AbortController();
  #shortage: string | undefined;
  #machine = EMPTY_SNAPSHOT;
  #startedMs = 0;
  #stockLeft: number | null = null;
  #queueDepth: number | null = null;
  #iterations = 0;
  #shown = { iterations: 0, elapsedMs: 0 };

  constructor(runId: string, scenario: Scenario, workers: number, observer: Observer) {
    this.#runId = runId;
    this.#scenario = scenario;
    this.#observer = observer;
    this.#thresholds = new ThresholdWatch(scenario.thresholds, workers, scenario.load.durationMs ?? Infinity);
  }

  /** Aborts when a threshold was missed that is to end the load. */
  get missed(): AbortSignal {
    return this.#missed.signal;
  }

  /** Aborts when there is no memory for more. */
  get full(): AbortSignal {
    return this.#full.signal;
  }

  /** What memory there was none for, and ended the load. */
  get shortage(): string | undefined {
    return this.#shortage;
  }

  /** A worker's figures of the last second. */
  interval(worker: number, { atMs, interval, inFlight, memory }: IntervalMessage): void {
    this.#history.add(atMs, interval);
    this.#memory.note(worker, memory);
    this.#iterations += interval.counters['iterations.completed'] ?? 0;
    this.#inFlight.set(worker, inFlight);
    this.#observer.measured?.(this.#runId, interval);
    this.#thresholds.add(worker, atMs, interval);
    this.#endIfMissed();
  }

  /** Looks at stock and queue every second and shows how the load goes. Gives a function that ends it. */
  begin(space: OpenSpace, pool: WorkerPool): () => Promise<void> {
    this.#startedMs = wallClock.now();
    let looking: Promise<void> | undefined;
    this.#observer.phase('load');
    const machine = new MachineMonitor();
    const lookAtMachine = (elapsedMs: number) => {
      const interval = machine.interval();
      this.#machine = mergeSnapshots(this.#machine, interval);
      this.#thresholds.add('main', elapsedMs - LOOK_MS, interval);
    };
    const cancel = tickOnGrid(wallClock, this.#startedMs, LOOK_MS, () => {
      const elapsedMs = wallClock.now() - this.#startedMs;
      lookAtMachine(elapsedMs);
      this.#endIfMissed();
      this.#endIfFull();
      this.#show(elapsedMs);
      looking ??= this.#look(space, pool, elapsedMs).finally(() => {
        looking = undefined;
      });
    });
    return async () => {
      cancel();
      lookAtMachine(wallClock.now() - this.#startedMs);
      await looking;
    };
  }

  /** What was counted of the machine during the load. */
  machine(): Snapshot {
    return this.#machine;
  }

  timeline(): readonly TimelineRow[] {
    return this.#history.rows();
  }

  /** How the thresholds of the scenario ended, after a load that has come to this in all. */
  thresholds(whole: Figures): ThresholdResult[] {
    return this.#thresholds.finish(whole);
  }

  #endIfMissed(): void {
    if (this.#missed.signal.aborted) return;
    const miss = this.#thresholds.advance(wallClock.now() - this.#startedMs);
    if (miss === undefined) return;
    this.#observer.say(
      `Ending: threshold ${miss.text} was missed; what is under way is drained and audited.`,
    );
    this.#missed.abort();
  }

  #endIfFull(): void {
    this.#shortage ??= this.#memory.shortage(process.availableMemory());
    if (this.#shortage === undefined || this.#full.signal.aborted) return;
    this.#observer.say(`Ending: ${this.#shortage}. What is under way is drained and audited.`);
    this.#full.abort();
  }

  async #look(space: OpenSpace, pool: WorkerPool, elapsedMs: number): Promise<void> {
    [this.#stockLeft, this.#queueDepth] = await Promise.all([
      this.#lookAtStock(space),
      queueDepth(pool, space, LOOK_LIMIT_MS),
    ]);
    this.#history.addLook(elapsedMs, { stockLeft: this.#stockLeft, queueDepth: this.#queueDepth });
  }

  async #lookAtStock(space: OpenSpace): Promise<number | null> {
    if (this.#scenario.catalog.skus > MAX_WATCHED_SKUS) return null;
    const noAnswer = () => new Error('no answer in time');
    const levels = await withDeadline(wallClock, space.levels(), LOOK_LIMIT_MS, noAnswer).catch(
      () => undefined,
    );
    return levels ? levels.reduce((sum, units) => sum + units, 0) : null;
  }

  #show(elapsedMs: number): void {
    const row = this.#history.latest();
    const { iterations, elapsedMs: shownMs } = this.#shown;
    this.#shown = { iterations: this.#iterations, elapsedMs };
    this.#observer.update({
      elapsedMs,
      totalMs: this.#scenario.load.durationMs ?? null,
      iterationsPerSecond: ((this.#iterations - iterations) * 1_000) / (elapsedMs - shownMs),
      p99Us: row?.p99 ?? null,
      stockLeft: this.#stockLeft,
      cacheHitRatio: row?.cacheHitRatio ?? null,
      queueDepth: this.#queueDepth,
      inFlight: [...this.#inFlight.values()].reduce((sum, n) => sum + n, 0),
    });
  }
}
