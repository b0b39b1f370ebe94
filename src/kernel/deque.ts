const INITIAL_CAPACITY = 16;

/** A queue open at both ends, in a ring that doubles when it is full: every operation is O(1), amortised. */
export class Deque<T> {
  #ring: (T | undefined)[] = Array.from<T | undefined>({ length: INITIAL_CAPACITY });
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = value;
    this.#length += 1;
  }

  unshift(value: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#ring.length - 1);
    this.#ring[this.#head] = value;
    this.#length += 1;
  }

  /** The value at the head, which stays. */
  first(): T | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head];
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length -= 1;
    return value;
  }

  clear(): void {
    this.#ring = Array.from<T | undefined>({ length: INITIAL_CAPACITY });
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#ring;
    this.#ring = [...old.slice(this.#head), ...old.slice(0, this.#head)];
    this.#ring.length = old.length * 2;
    this.#head = 0;
  }
}
