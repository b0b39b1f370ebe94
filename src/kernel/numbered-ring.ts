const INITIAL_CAPACITY = 16;

/**
 * Values numbered 1, 2, 3… as they come, which leave in any order but mostly the oldest first: what waits for
 * numbered acknowledgements. A ring, so that adding and taking are O(1); the ring grows with `span`.
 */
export class NumberedRing<T> {
  #ring: (T | undefined)[] = Array.from<T | undefined>({ length: INITIAL_CAPACITY });
  #first = 1;
  #next = 1;
  #size = 0;

  /** Values present. */
  get size(): number {
    return this.#size;
  }

  /** From the oldest value present to the newest number given. At least `size`. */
  get span(): number {
    return this.#next - this.#first;
  }

  /** The number that the next value gets. */
  get next(): number {
    return this.#next;
  }

  add(value: T): number {
    if (this.span === this.#ring.length) this.#grow();
    this.#ring[this.#index(this.#next)] = value;
    this.#size += 1;
    this.#next += 1;
    return this.#next - 1;
  }

  get(number: number): T | undefined {
    return number < this.#first || number >= this.#next ? undefined : this.#ring[this.#index(number)];
  }

  take(number: number): T | undefined {
    const value = this.get(number);
    if (value === undefined) return undefined;
    this.#ring[this.#index(number)] = undefined;
    this.#size -= 1;
    while (this.#first < this.#next && this.#ring[this.#index(this.#first)] === undefined) this.#first += 1;
    return value;
  }

  /** Takes every value numbered up to and including `number`, the oldest first. */
  takeUpTo(number: number): T[] {
    const last = Math.min(number, this.#next - 1);
    const values: T[] = [];
    while (this.#first <= last) values.push(this.take(this.#first)!);
    return values;
  }

  /** The values present, the oldest first. */
  *values(): Generator<T> {
    for (let number = this.#first; number < this.#next; number += 1) {
      const value = this.#ring[this.#index(number)];
      if (value !== undefined) yield value;
    }
  }

  /** Takes all of them, the oldest first; numbers start again from 1. */
  takeAll(): T[] {
    const values = [...this.values()];
    this.#ring = Array.from<T | undefined>({ length: INITIAL_CAPACITY });
    this.#first = 1;
    this.#next = 1;
    this.#size = 0;
    return values;
  }

  #index(number: number): number {
    return number & (this.#ring.length - 1);
  }

  #grow(): void {
    const ring = Array.from<T | undefined>({ length: this.#ring.length * 2 });
    for (let number = this.#first; number < this.#next; number += 1) {
      ring[number & (ring.length - 1)] = this.#ring[this.#index(number)];
    }
    this.#ring = ring;
  }
}
