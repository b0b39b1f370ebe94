import type { Cancel, Clock } from '../../kernel/clock.ts';
import type { Entry } from './grant-channel.ts';

/** How long a task may wait at its node for others. */
export const GATHER_MS = 10;
const LARGEST_PARTY = 64;

/** Tasks that stand in the queue with one ticket. */
export interface Party {
  /** `''`: the lock was free when they came. */
  readonly ticket: string;
  /** What the server's clock is ahead of this node's, at most. */
  readonly aheadMs: number;
  /** Those who have not given up. */
  staying: number;
}

/** Draws a ticket for tasks that arrive at one key; `undefined`: they were turned away. */
export type DrawTicket = (key: string, party: readonly Entry[]) => Promise<Party | undefined>;

interface Gathering {
  readonly entries: Entry[];
  readonly party: Promise<Party | undefined>;
  readonly send: () => void;
  readonly cancel: Cancel;
}

/** One node's arrivals at the queues: those for whom there is no hurry come as a party. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #draw: DrawTicket;
  readonly #gathering = new Map<string, Gathering>();

  constructor(clock: Clock, draw: DrawTicket) {
    this.#clock = clock;
    this.#draw = draw;
  }

  /** `inHurry`: goes alone and at once, right behind those who came before it. */
  enter(entry: Entry, inHurry: boolean): Promise<Party | undefined> {
    const { key } = entry;
    if (inHurry) {
      this.send(key);
      return this.#draw(key, [entry]);
    }
    const gathering = this.#gathering.get(key) ?? this.#gather(key);
    if (gathering.entries.push(entry) === LARGEST_PARTY) this.send(key);
    return gathering.party;
  }

  /** How many gather. */
  gathering(key: string): number {
    return this.#gathering.get(key)?.entries.length ?? 0;
  }

  /** Has those who gather draw their ticket now. */
  send(key: string): void {
    const gathering = this.#gathering.get(key);
    if (gathering === undefined) return;
    this.#gathering.delete(key);
    gathering.cancel();
    gathering.send();
  }

  #gather(key: string): Gathering {
    const entries: Entry[] = [];
    let send = () => {};
    const party = new Promise<Party | undefined>((resolve) => {
      send = () => resolve(this.#draw(key, entries));
    });
    const cancel = this.#clock.schedule(GATHER_MS, () => this.send(key));
    const gathering = { entries, party, send, cancel };
    this.#gathering.set(key, gathering);
    return gathering;
  }
}
