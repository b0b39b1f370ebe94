import { BackendError, type Postgres } from '../../backends/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { EngineContext } from '../strategy.ts';
import type { HeldLock, LockOutcome, LockPort, LockRequest } from './port.ts';
import { Turns } from './turns.ts';

/** A wait in the database is no longer than this at a time: then the signal is looked at. */
const LOOK_MS = 250;

/** Has a transaction rolled back. Made once: nobody reads its stack trace, which would be drawn for every wait. */
const NOT_HAD = new Error('the locks were not had in time');

type Hold = Pick<HeldLock, 'fence' | 'release'>;

/** One node's transactions that hold advisory locks, each on a connection apart, and the queues before them. */
export class AdvisoryTransactions implements LockPort {
  readonly #clock: Clock;
  readonly #postgres: Postgres;
  readonly #probe: string;
  readonly #keys: Turns;
  readonly #connections: Turns;

  constructor({ postgres, clock, namespace }: EngineContext, connections: number) {
    this.#clock = clock;
    this.#postgres = postgres.apart(connections);
    this.#probe = namespace.key('lock-probe');
    this.#keys = new Turns(clock);
    this.#connections = new Turns(clock, connections);
  }

  async acquire({ keys, waitMs, signal }: LockRequest): Promise<LockOutcome> {
    const startedMs = this.#clock.now();
    const deadlineMs = startedMs + waitMs;
    const entered: (() => void)[] = [];
    const leave = () => {
      for (const each of entered) each();
    };
    // A connection comes last: who waits for a task of the same node needs none.
    const queues = [...keys.map((key) => [this.#keys, key] as const), [this.#connections, ''] as const];
    let hold: Hold | undefined;
    try {
      for (const [turns, key] of queues) {
        if (!(await turns.enter(key, { waitMs: deadlineMs - this.#clock.now(), signal }))) break;
        entered.push(() => turns.leave(key));
      }
      if (entered.length === queues.length) hold = await this.#wait(keys, deadlineMs, signal);
    } catch (error) {
      leave();
      throw error;
    }
    if (hold === undefined) {
      leave();
      return { kind: 'contended', waitedMs: this.#clock.now() - startedMs };
    }
    const { fence, release } = hold;
    return { kind: 'held', fence, validForMs: Infinity, release: () => release().finally(leave) };
  }

  async #wait(
    keys: readonly string[],
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Hold | undefined> {
    const aborted = () => signal?.aborted === true;
    while (!aborted()) {
      const leftMs = deadlineMs - this.#clock.now();
      const hold = await this.#begin(keys, Math.max(0, Math.min(leftMs, LOOK_MS)));
      if (hold !== undefined || leftMs <= LOOK_MS) return hold;
    }
    return undefined;
  }

  /** Begins a transaction that ends with the release, or at once if the locks are not had. */
  #begin(keys: readonly string[], waitMs: number): Promise<Hold | undefined> {
    return new Promise((resolve, reject) => {
      const transaction = this.#postgres.transaction(async (query) => {
        const { rows } = await query({ kind: 'advisory-lock', keys, waitMs });
        const [had] = rows;
        if (had === undefined) throw NOT_HAD;
        await new Promise<void>((end) => {
          const release = () => {
            end();
            return this.#outcomeOf(transaction);
          };
          resolve({ fence: Number(had['fence']), release });
        });
      });
      transaction.catch((error: unknown) =>
        error === NOT_HAD ? resolve(undefined) : reject(error as Error),
      );
    });
  }

  /** A transaction that cannot be committed has lost its locks, if the server is still there to free them. */
  async #outcomeOf(transaction: Promise<void>): Promise<'released' | 'expired'> {
    try {
      await transaction;
      return 'released';
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      await this.#postgres.query({ kind: 'advisory-lock', keys: [this.#probe], waitMs: 0 });
      return 'expired';
    }
  }
}
