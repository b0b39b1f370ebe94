import type { ServiceName } from '../backends/ports.ts';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import type { IntervalMessage } from '../load/pool.ts';
import type { OpenSpace } from '../load/space.ts';
import { History, type TimelineRow } from '../measure/history.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { SERVICE_NAMES } from '../services/types.ts';
import type { Observer } from './request.ts';

const LOOK_MS = 1_000;
const LOOK_LIMIT_MS = 3_000;
/** A service that fails this many looks in a row is lost. */
const LOST_AFTER_LOOKS = 3;
/** Reading more levels than this every second would be a load of its own. */
const MAX_WATCHED_SKUS = 100;

/** Watches a load from outside: the timeline, the live figures, and whether the services are still there. */
export class Watch {
  readonly #scenario: Scenario;
  readonly #observer: Observer;
  readonly #history = new History({ iterations: 'iterations.completed', accepted: 'orders.accepted' });
  readonly #inFlight = new Map<number, number>();
  readonly #failedLooks = new Map<ServiceName, number>();
  readonly #lost = new Set<ServiceName>();
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

  /** Looks at the space every second; aborts `lost` when a service has gone. Gives a function that ends the watch. */
  begin(space: OpenSpace, lost: AbortController): () => Promise<void> {
    const startedMs = wallClock.now();
    let looking: Promise<void> | undefined;
    this.#observer.phase('load');
    const timer = setInterval(() => {
      const elapsedMs = wallClock.now() - startedMs;
      this.#show(elapsedMs);
      looking ??= this.#look(space, elapsedMs).finally(() => {
        looking = undefined;
        if (this.#lost.size > 0) lost.abort();
      });
    }, LOOK_MS);
    return async () => {
      clearInterval(timer);
      await looking;
    };
  }

  timeline(): readonly TimelineRow[] {
    return this.#history.rows();
  }

  lostServices(): readonly ServiceName[] {
    return [...this.#lost];
  }

  async #look(space: OpenSpace, elapsedMs: number): Promise<void> {
    const limited = <T>(work: Promise<T>) =>
      withDeadline(wallClock, work, LOOK_LIMIT_MS, () => new Error('no answer in time'));
    if (this.#scenario.catalog.skus <= MAX_WATCHED_SKUS) {
      const levels = await limited(space.levels()).catch(() => undefined);
      this.#stockLeft = levels ? levels.reduce((sum, units) => sum + units, 0) : null;
      if (this.#stockLeft !== null) this.#history.addStock(elapsedMs, this.#stockLeft);
    }
    const unreachable = await limited(space.unreachable()).catch((): readonly ServiceName[] => []);
    for (const service of SERVICE_NAMES) {
      const failed = unreachable.includes(service) ? (this.#failedLooks.get(service) ?? 0) + 1 : 0;
      this.#failedLooks.set(service, failed);
      if (failed >= LOST_AFTER_LOOKS) this.#lost.add(service);
    }
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
