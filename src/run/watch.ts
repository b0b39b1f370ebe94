import { wallClock, withDeadline } from '../kernel/clock.ts';
import { tickOnGrid } from '../kernel/ticker.ts';
import type { IntervalMessage } from '../load/protocol.ts';
import type { OpenSpace } from '../load/space.ts';
import { History, type TimelineRow } from '../measure/history.ts';
import type { Scenario } from '../scenarios/schema.ts';
import type { Observer } from './request.ts';

const LOOK_MS = 1_000;
const LOOK_LIMIT_MS = 3_000;
/** Reading more levels than this every second would be a load of its own. */
const MAX_WATCHED_SKUS = 100;

/** Watches a load from outside: the timeline, and the live figures. */
export class Watch {
  readonly #scenario: Scenario;
  readonly #observer: Observer;
  readonly #history = new History({ iterations: 'iterations.completed', accepted: 'orders.accepted' });
  readonly #inFlight = new Map<number, number>();
  #stockLeft: number | null = null;

  constructor(scenario: Scenario, observer: Observer) {
    this.#scenario = scenario;
    this.#observer = observer;
  }

  /** A worker's figures of the last second. */
  interval(worker: number, { atMs, interval, inFlight }: IntervalMessage): void {
    this.#history.add(atMs, interval);
    this.#inFlight.set(worker, inFlight);
  }

  /** Looks at the stock every second and shows how the load goes. Gives a function that ends it. */
  begin(space: OpenSpace): () => Promise<void> {
    const startedMs = wallClock.now();
    let looking: Promise<void> | undefined;
    this.#observer.phase('load');
    const cancel = tickOnGrid(wallClock, startedMs, LOOK_MS, () => {
      const elapsedMs = wallClock.now() - startedMs;
      this.#show(elapsedMs);
      looking ??= this.#lookAtStock(space, elapsedMs).finally(() => {
        looking = undefined;
      });
    });
    return async () => {
      cancel();
      await looking;
    };
  }

  timeline(): readonly TimelineRow[] {
    return this.#history.rows();
  }

  async #lookAtStock(space: OpenSpace, elapsedMs: number): Promise<void> {
    if (this.#scenario.catalog.skus > MAX_WATCHED_SKUS) return;
    const noAnswer = () => new Error('no answer in time');
    const levels = await withDeadline(wallClock, space.levels(), LOOK_LIMIT_MS, noAnswer).catch(
      () => undefined,
    );
    this.#stockLeft = levels ? levels.reduce((sum, units) => sum + units, 0) : null;
    if (this.#stockLeft !== null) this.#history.addStock(elapsedMs, this.#stockLeft);
  }

  #show(elapsedMs: number): void {
    const row = this.#history.latest();
    this.#observer.update({
      elapsedMs,
      totalMs: this.#scenario.load.durationMs ?? null,
      iterationsPerSecond: row?.iterations ?? 0,
      p99Us: row?.p99 ?? null,
      stockLeft: this.#stockLeft,
      inFlight: [...this.#inFlight.values()].reduce((sum, n) => sum + n, 0),
    });
  }
}
