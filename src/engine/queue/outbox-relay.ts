import { BackendError } from '../../backends/ports.ts';
import { sleep } from '../../kernel/clock.ts';
import type { EngineContext } from '../strategy.ts';
import type { EventPublishOutcome } from './port.ts';

interface RelayOptions {
  readonly table: string;
  readonly relayBatch: number;
  readonly pollMs: number;
}

/** Moves rows of the outbox to the broker, the oldest first, batch by batch. Relays of other nodes take other rows. */
export class OutboxRelay {
  readonly #context: Pick<EngineContext, 'postgres' | 'clock'>;
  readonly #options: RelayOptions;
  readonly #send: (body: string) => Promise<EventPublishOutcome>;
  /** There may be rows that the last look did not find. */
  #nudged = false;
  #idle: AbortController | undefined;

  constructor(
    context: Pick<EngineContext, 'postgres' | 'clock'>,
    options: RelayOptions,
    send: (body: string) => Promise<EventPublishOutcome>,
  ) {
    this.#context = context;
    this.#options = options;
    this.#send = send;
  }

  /** A row was added: an idle relay looks at once. */
  nudge(): void {
    this.#nudged = true;
    this.#idle?.abort();
  }

  /** Gives the function that ends it after the batch in hand. */
  start(): () => Promise<void> {
    const stopping = new AbortController();
    const running = this.#run(stopping.signal);
    return async () => {
      stopping.abort();
      this.#idle?.abort();
      await running;
    };
  }

  async #run(stopped: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const { pollMs } = this.#options;
    while (!stopped.aborted) {
      this.#nudged = false;
      const moved = await this.#moveOrFail();
      // Against a broker that is down, nudges are no reason to hurry.
      if (moved === 'failed') await sleep(clock, pollMs, stopped);
      else if (moved === 'empty' && !this.#nudged && !stopped.aborted) {
        this.#idle = new AbortController();
        await sleep(clock, pollMs, this.#idle.signal);
        this.#idle = undefined;
      }
    }
  }

  async #moveOrFail(): Promise<'moved' | 'empty' | 'failed'> {
    try {
      return await this.#moveBatch();
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      return 'failed';
    }
  }

  #moveBatch(): Promise<'moved' | 'empty' | 'failed'> {
    const { table, relayBatch } = this.#options;
    return this.#context.postgres.transaction(async (query) => {
      const { rows } = await query({
        kind: 'select',
        table,
        columns: ['seq', 'body'],
        where: [],
        orderBy: ['seq'],
        limit: relayBatch,
        lock: 'update-skip-locked',
      });
      if (rows.length === 0) return 'empty';
      const taken = await Promise.all(rows.map(({ body }) => this.#isTaken(body as string)));
      const sent = rows.filter((_, i) => taken[i] === true).map(({ seq }) => seq!);
      if (sent.length === 0) return 'failed';
      await query({ kind: 'delete', table, where: [['seq', 'in', sent]] });
      return 'moved';
    });
  }

  /** What was refused, or may be lost, stays in the outbox. */
  async #isTaken(body: string): Promise<boolean> {
    try {
      return (await this.#send(body)).kind === 'accepted';
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      return false;
    }
  }
}
