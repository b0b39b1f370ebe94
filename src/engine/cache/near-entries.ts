import type { Clock } from '../../kernel/clock.ts';
import type { Sku } from '../types.ts';
import type { Entry } from './entries.ts';

interface Kept {
  readonly entry: Entry;
  readonly untilMs: number;
}

/** Reads of one product that are on their way, and whether it has changed since the first of them began. */
interface Reading {
  readers: number;
  changed: boolean;
}

/** Product pages in a node's own memory: bounded, the least recently read goes first, none lives longer than `ttlMs`. */
export class NearEntries {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #ttlMs: number;
  /** In the order of their last reading. */
  readonly #kept = new Map<Sku, Kept>();
  /** The last one in that order, if nothing was put behind it since it was read. */
  #lastRead: Sku | undefined;
  readonly #reading = new Map<Sku, Reading>();

  constructor(clock: Clock, { capacity, ttlMs }: { readonly capacity: number; readonly ttlMs: number }) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#ttlMs = ttlMs;
  }

  find(sku: Sku): Entry | undefined {
    const kept = this.#kept.get(sku);
    if (kept === undefined) return undefined;
    if (kept.untilMs <= this.#clock.now()) {
      this.#kept.delete(sku);
      return undefined;
    }
    if (sku !== this.#lastRead) {
      this.#kept.delete(sku);
      this.#kept.set(sku, kept);
      this.#lastRead = sku;
    }
    return kept.entry;
  }

  /** Reads an entry from afar and keeps it, unless the product changes while it is on its way. */
  async fetch(sku: Sku, read: () => Promise<Entry | undefined>): Promise<Entry | undefined> {
    const reading = this.#begin(sku);
    try {
      const entry = await read();
      if (entry !== undefined && !reading.changed) this.#keep(sku, entry);
      return entry;
    } finally {
      reading.readers -= 1;
      if (reading.readers === 0 && this.#reading.get(sku) === reading) this.#reading.delete(sku);
    }
  }

  /** The product has changed: what is kept, and what is on its way, is not to be relied on. */
  drop(sku: Sku): void {
    this.#kept.delete(sku);
    const reading = this.#reading.get(sku);
    if (reading !== undefined) reading.changed = true;
    this.#reading.delete(sku);
  }

  dropAll(): void {
    this.#kept.clear();
    for (const reading of this.#reading.values()) reading.changed = true;
    this.#reading.clear();
  }

  #begin(sku: Sku): Reading {
    const present = this.#reading.get(sku);
    const reading = present ?? { readers: 0, changed: false };
    if (present === undefined) this.#reading.set(sku, reading);
    reading.readers += 1;
    return reading;
  }

  #keep(sku: Sku, entry: Entry): void {
    this.#lastRead = undefined;
    this.#kept.delete(sku);
    this.#kept.set(sku, { entry, untilMs: this.#clock.now() + this.#ttlMs });
    if (this.#kept.size <= this.#capacity) return;
    const [oldest] = this.#kept.keys();
    this.#kept.delete(oldest!);
  }
}
