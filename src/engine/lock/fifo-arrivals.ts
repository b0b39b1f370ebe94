import type { Cancel, Clock } from '../../kernel/clock.ts';
import type { Entry } from './grant-channel.ts';

/** How long a ticket may wait at its node for others. */
const GATHER_MS = 1;
const MOST_AT_ONCE = 64;

export interface Arrival {
  readonly entry: Entry;
  readonly deadlineMs: number;
}

/** Where an arrival stands; `ticket` is `undefined` if it was turned away. */
export interface Place {
  readonly ticket: string | undefined;
  /** What the server's clock is ahead of this node's, at most. */
  readonly aheadMs: number;
}

/** Draws tickets for arrivals at one key, in their order. */
export type DrawTickets = (key: string, arrivals: readonly Arrival[]) => Promise<readonly Place[]>;

interface Batch {
  readonly arrivals: Arrival[];
  readonly places: Promise<readonly Place[]>;
  readonly send: () => void;
  readonly cancel: Cancel;
}

/** One node's arrivals at the queues: those for whom there is no hurry draw their tickets together. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #draw: DrawTickets;
  readonly #gathering = new Map<string, Batch>();

  constructor(clock: Clock, draw: DrawTickets) {
    this.#clock = clock;
    this.#draw = draw;
  }

  /** `inHurry`: its ticket is drawn at once, with those of all who came before it. */
  async enter(arrival: Arrival, inHurry: boolean): Promise<Place> {
    const { key } = arrival.entry;
    let batch = this.#gathering.get(key);
    if (inHurry && batch === undefined) return (await this.#draw(key, [arrival]))[0]!;
    batch ??= this.#gather(key);
    const index = batch.arrivals.push(arrival) - 1;
    if (inHurry || batch.arrivals.length === MOST_AT_ONCE) this.send(key);
    return (await batch.places)[index]!;
  }

  /** Has those who gather draw their tickets now. */
  send(key: string): void {
    const batch = this.#gathering.get(key);
    if (batch === undefined) return;
    this.#gathering.delete(key);
    batch.cancel();
    batch.send();
  }

  #gather(key: string): Batch {
    const arrivals: Arrival[] = [];
    let send = () => {};
    const places = new Promise<readonly Place[]>((resolve) => {
      send = () => resolve(this.#draw(key, arrivals));
    });
    const cancel = this.#clock.schedule(GATHER_MS, () => this.send(key));
    const batch = { arrivals, places, send, cancel };
    this.#gathering.set(key, batch);
    return batch;
  }
}
