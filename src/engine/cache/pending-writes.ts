import { BackendError } from '../../backends/ports.ts';
import { sleep } from '../../kernel/clock.ts';
import type { EngineContext } from '../strategy.ts';
import type { ProductView, Sku } from '../types.ts';
import type { PageDatabase } from './port.ts';

/** A change that was acknowledged, and is not in the database yet. */
export interface PendingWrite {
  /** The page with the change. */
  readonly view: ProductView;
  /** Of the entry that shows it; `undefined`: the entry that was there did so already. */
  readonly token: string | undefined;
  readonly commit: PageDatabase['commit'];
}

interface Tried extends PendingWrite {
  failures: number;
}

interface PendingOptions {
  readonly flushMs: number;
  readonly tries: number;
  readonly maxPending: number;
}

/** Called when a change is committed, with what the database gave, or when it is lost, with nothing. */
type OnEnd = (write: PendingWrite, committed: ProductView | undefined) => Promise<void>;

/** What a node has still to write: of each product the last change, `flushMs` after the first. */
export class PendingWrites {
  readonly #context: Pick<EngineContext, 'clock' | 'telemetry'>;
  readonly #options: PendingOptions;
  readonly #onEnd: OnEnd;
  readonly #latest = new Map<Sku, Tried>();
  readonly #flushes = new Map<Sku, Promise<void>>();

  constructor(context: Pick<EngineContext, 'clock' | 'telemetry'>, options: PendingOptions, onEnd: OnEnd) {
    this.#context = context;
    this.#options = options;
    this.#onEnd = onEnd;
  }

  find(sku: Sku): PendingWrite | undefined {
    return this.#latest.get(sku);
  }

  /** Takes the place of an earlier change of the product; waits while as many products as may be have one. */
  async add(write: PendingWrite): Promise<void> {
    const { sku } = write.view;
    while (!this.#flushes.has(sku) && this.#flushes.size >= this.#options.maxPending) {
      const [oldest] = this.#flushes.values();
      await oldest;
    }
    this.#latest.set(sku, { ...write, failures: 0 });
    if (!this.#flushes.has(sku)) this.#begin(sku);
  }

  /** Resolves when nothing is pending. */
  async settled(): Promise<void> {
    while (this.#flushes.size > 0) await Promise.all(this.#flushes.values());
  }

  #begin(sku: Sku): void {
    this.#flushes.set(sku, this.#flush(sku));
  }

  async #flush(sku: Sku): Promise<void> {
    await sleep(this.#context.clock, this.#options.flushMs);
    await this.#attempt(this.#latest.get(sku)!);
    this.#flushes.delete(sku);
    if (this.#latest.has(sku)) this.#begin(sku);
  }

  async #attempt(write: Tried): Promise<void> {
    const { sku } = write.view;
    let committed: ProductView | undefined;
    try {
      committed = await write.commit();
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      write.failures += 1;
      if (write.failures < this.#options.tries || this.#latest.get(sku) !== write) return;
      this.#context.telemetry.count('cache.lost-writes');
    }
    await this.#onEnd(write, committed);
    if (this.#latest.get(sku) === write) this.#latest.delete(sku);
  }
}
