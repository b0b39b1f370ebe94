import { Deque } from './deque.ts';
import { wrongType } from './reply.ts';
import { SortedSet } from './sorted-set.ts';

interface Values {
  string: string;
  hash: Map<string, string>;
  list: Deque;
  set: Set<string>;
  zset: SortedSet;
}

type ValueType = keyof Values;
type ContainerType = Exclude<ValueType, 'string'>;

interface Entry {
  readonly type: ValueType;
  value: Values[ValueType];
  /** Milliseconds since the Unix epoch; Infinity: it stays. */
  expiresAtMs: number;
  /** Grows with every new key, so that a scan finds its place again. */
  readonly sequence: number;
}

/** Somebody who has to know that a key was changed: a transaction that watches it. */
export interface Watcher {
  touched: boolean;
}

/** Somebody who is told of every change to the keys that begin so. */
export interface Tracker {
  readonly prefix: string;
  readonly changed: (key: string) => void;
}

const EMPTY = {
  hash: () => new Map<string, string>(),
  list: () => new Deque(),
  set: () => new Set<string>(),
  zset: () => new SortedSet(),
};

/** Keys whose time is checked on one occasion at most. */
const ACTIVE_EXPIRY_KEYS = 3;

/** The data of a Redis server: typed values under keys, with times of expiry. */
export class Keyspace {
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #trackers = new Set<Tracker>();
  readonly #mortal = new Set<string>();
  #mortalCursor = this.#mortal.values();
  #sequence = 0;
  #nowMs = 0;
  /** Lists that got an element since somebody last looked. */
  readonly pushedLists = new Set<string>();

  /** The time at which the present command is executed: whole milliseconds since the Unix epoch. */
  get nowMs(): number {
    return this.#nowMs;
  }

  advanceTo(epochMs: number): void {
    this.#nowMs = Math.floor(epochMs);
  }

  /** The value of a key, or undefined. Throws WRONGTYPE when there is another type under the key. */
  find<T extends ValueType>(key: string, type: T): Values[T] | undefined {
    const entry = this.#live(key);
    if (entry === undefined) return undefined;
    if (entry.type !== type) throw wrongType();
    return entry.value as Values[T];
  }

  /** The container under a key, a new one where there is none. */
  obtain<T extends ContainerType>(key: string, type: T): Values[T] {
    const present = this.find(key, type);
    if (present !== undefined) return present;
    const value = EMPTY[type]() as Values[T];
    this.#insert(key, type, value, Number.POSITIVE_INFINITY);
    return value;
  }

  /** Puts a string under a key, whatever was there. */
  putString(key: string, value: string, expiresAtMs = Number.POSITIVE_INFINITY): void {
    const entry = this.#live(key);
    if (entry?.type === 'string') {
      entry.value = value;
      this.#setExpiry(key, entry, expiresAtMs);
    } else {
      if (entry !== undefined) this.#remove(key);
      this.#insert(key, 'string', value, expiresAtMs);
    }
    this.touch(key);
  }

  /** Says that a value was changed in place. An empty container leaves the keyspace, as in Redis. */
  changed(key: string): void {
    const value = this.#entries.get(key)?.value;
    if (value !== undefined && sizeOf(value) === 0) this.#remove(key);
    this.touch(key);
  }

  delete(key: string): boolean {
    if (this.#live(key) === undefined) return false;
    this.#remove(key);
    this.touch(key);
    return true;
  }

  typeOf(key: string): ValueType | undefined {
    return this.#live(key)?.type;
  }

  /** When the key expires; Infinity: never; undefined: there is no such key. */
  expiryOf(key: string): number | undefined {
    return this.#live(key)?.expiresAtMs;
  }

  /** A time that is past removes the key. Says whether there was one. */
  expireAt(key: string, atMs: number): boolean {
    const entry = this.#live(key);
    if (entry === undefined) return false;
    if (atMs <= this.#nowMs) this.#remove(key);
    else this.#setExpiry(key, entry, atMs);
    this.touch(key);
    return true;
  }

  /** Up to `count` keys that are newer than `cursor`, and the cursor to go on with (0: that was all). */
  scan(cursor: number, count: number): { readonly keys: string[]; readonly cursor: number } {
    const keys: string[] = [];
    let last = 0;
    for (const [key, entry] of this.#entries) {
      if (entry.sequence <= cursor) continue;
      if (keys.length === count) return { keys: keys.filter((k) => this.#live(k)), cursor: last };
      keys.push(key);
      last = entry.sequence;
    }
    return { keys: keys.filter((key) => this.#live(key)), cursor: 0 };
  }

  watch(key: string, watcher: Watcher): void {
    this.#live(key);
    const watchers = this.#watchers.get(key);
    if (watchers === undefined) this.#watchers.set(key, new Set([watcher]));
    else watchers.add(watcher);
  }

  unwatch(key: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(key);
    if (watchers?.delete(watcher) && watchers.size === 0) this.#watchers.delete(key);
  }

  track(tracker: Tracker): void {
    this.#trackers.add(tracker);
  }

  untrack(tracker: Tracker): void {
    this.#trackers.delete(tracker);
  }

  touch(key: string): void {
    for (const { prefix, changed } of this.#trackers) if (key.startsWith(prefix)) changed(key);
    if (this.#watchers.size === 0) return;
    for (const watcher of this.#watchers.get(key) ?? []) watcher.touched = true;
  }

  /** Removes some of the keys whose time is past, so that those nobody asks for go too. */
  expireSome(): void {
    const checks = Math.min(ACTIVE_EXPIRY_KEYS, this.#mortal.size);
    for (let check = 0; check < checks; check += 1) {
      const next = this.#mortalCursor.next();
      if (next.done) {
        this.#mortalCursor = this.#mortal.values();
        return;
      }
      this.#live(next.value);
    }
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAtMs > this.#nowMs) return entry;
    this.#remove(key);
    this.touch(key);
    return undefined;
  }

  #insert(key: string, type: ValueType, value: Values[ValueType], expiresAtMs: number): void {
    this.#sequence += 1;
    const entry = { type, value, expiresAtMs: Number.POSITIVE_INFINITY, sequence: this.#sequence };
    this.#entries.set(key, entry);
    this.#setExpiry(key, entry, expiresAtMs);
  }

  #setExpiry(key: string, entry: Entry, atMs: number): void {
    if (entry.expiresAtMs === atMs) return;
    entry.expiresAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) this.#mortal.delete(key);
    else this.#mortal.add(key);
  }

  #remove(key: string): void {
    this.#entries.delete(key);
    this.#mortal.delete(key);
  }
}

/** Strings are never removed for being empty. */
const sizeOf = (value: Values[ValueType]): number => {
  if (typeof value === 'string') return 1;
  return value instanceof Deque ? value.length : value.size;
};
