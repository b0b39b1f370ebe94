import { BackendError } from '../../backends/ports.ts';
import { Deque } from '../../kernel/deque.ts';

interface Request<In, Out> {
  readonly asked: In;
  readonly resolve: (answer: Out) => void;
  readonly reject: (error: unknown) => void;
}

export interface CombinerLimits {
  /** Requests in one call at most. */
  readonly maxBatch: number;
  /** Calls under way at once. */
  readonly maxCalls: number;
  /** Requests that may wait for a call. */
  readonly maxWaiting: number;
}

/**
 * Sends requests together, as a database commits a group of transactions together: who comes while the calls are under
 * way waits for the next one, so that batches grow with the load and a lone request waits for nobody.
 */
export class Combiner<In, Out> {
  readonly #send: (batch: readonly In[]) => Promise<readonly Out[]>;
  readonly #limits: CombinerLimits;
  readonly #waiting = new Deque<Request<In, Out>>();
  #calls = 0;

  /** `send` gives one answer per request, in their order; when it rejects, so does every request of the batch. */
  constructor(send: (batch: readonly In[]) => Promise<readonly Out[]>, limits: CombinerLimits) {
    this.#send = send;
    this.#limits = limits;
  }

  /** Rejects with a BackendError without effect when too many wait already. */
  ask(asked: In): Promise<Out> {
    if (this.#waiting.length >= this.#limits.maxWaiting) {
      const message = `${this.#limits.maxWaiting} requests wait for a call already`;
      return Promise.reject(new BackendError('redis', 'none', message));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ asked, resolve, reject });
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#calls < this.#limits.maxCalls && this.#waiting.length > 0) {
      const size = Math.min(this.#waiting.length, this.#limits.maxBatch);
      const batch = Array.from({ length: size }, () => this.#waiting.shift()!);
      this.#calls += 1;
      void this.#settle(batch);
    }
  }

  async #settle(batch: readonly Request<In, Out>[]): Promise<void> {
    try {
      const answers = await this.#send(batch.map(({ asked }) => asked));
      for (const [i, { resolve }] of batch.entries()) resolve(answers[i]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#calls -= 1;
    this.#flush();
  }
}
