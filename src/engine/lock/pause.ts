import type { Clock } from '../../kernel/clock.ts';

/** A pause that a wake-up ends early; a wake-up that came just before it counts as well. */
export class Pause {
  readonly #clock: Clock;
  #woken = false;
  #finish: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  end(): void {
    if (this.#finish) this.#finish();
    else this.#woken = true;
  }

  async wait(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#woken && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const finish = () => {
          cancel();
          signal?.removeEventListener('abort', finish);
          this.#finish = undefined;
          resolve();
        };
        const cancel = this.#clock.schedule(pauseMs, finish);
        signal?.addEventListener('abort', finish, { once: true });
        this.#finish = finish;
      });
    }
    this.#woken = false;
  }
}
