import type { ServiceName } from '../backends/ports.ts';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import type { OpenSpace } from '../load/space.ts';
import { SERVICE_NAMES } from '../services/types.ts';

const LOOK_MS = 1_000;
const LOOK_LIMIT_MS = 3_000;
/** A service that fails this many looks in a row is lost: some ten seconds of silence, or three of refusal. */
const LOST_AFTER_LOOKS = 3;

/** Asks every service once a second, over connections that carry no load, whether it still serves the run. */
export class ServiceWatch {
  readonly #space: OpenSpace;
  readonly #failedLooks = new Map<ServiceName, number>();
  readonly #lost = new Set<ServiceName>();
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(space: OpenSpace) {
    this.#space = space;
  }

  /** Begins to look: the space has to be prepared. */
  begin(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  /** Aborts when the first service is lost. */
  get lost(): AbortSignal {
    return this.#controller.signal;
  }

  /** Those that were lost at any time, whether or not they came back. */
  lostServices(): readonly ServiceName[] {
    return SERVICE_NAMES.filter((service) => this.#lost.has(service));
  }

  /** A look under way ends by itself, within its bound. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    await Promise.all(SERVICE_NAMES.map((service) => this.#lookAt(service)));
    this.#isLooking = false;
    if (this.#lost.size > 0) this.#controller.abort();
  }

  async #lookAt(service: ServiceName): Promise<void> {
    try {
      const noAnswer = () => new Error('no answer in time');
      await withDeadline(wallClock, this.#space.probe(service), LOOK_LIMIT_MS, noAnswer);
      this.#failedLooks.delete(service);
    } catch {
      const failed = (this.#failedLooks.get(service) ?? 0) + 1;
      this.#failedLooks.set(service, failed);
      if (failed >= LOST_AFTER_LOOKS) this.#lost.add(service);
    }
  }
}
