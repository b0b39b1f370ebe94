/** A list that is cheap at both ends. */
export class Deque {
  /** The elements are those from `#head` on. */
  #slots: string[] = [];
  #head = 0;

  get length(): number {
    return this.#slots.length - this.#head;
  }

  pushBack(item: string): void {
    this.#slots.push(item);
  }

  pushFront(item: string): void {
    if (this.#head === 0) this.#makeRoom();
    this.#head -= 1;
    this.#slots[this.#head] = item;
  }

  popFront(): string | undefined {
    if (this.length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = '';
    this.#head += 1;
    if (this.#head * 2 > this.#slots.length) this.#trim();
    return item;
  }

  popBack(): string | undefined {
    return this.length === 0 ? undefined : this.#slots.pop();
  }

  /** The elements from `start` up to, not with, `end`. */
  slice(start: number, end: number): string[] {
    return this.#slots.slice(this.#head + start, this.#head + end);
  }

  replaceAll(items: string[]): void {
    this.#slots = items;
    this.#head = 0;
  }

  /** As much room in front as there are elements: pushing in front then costs the same as behind, on average. */
  #makeRoom(): void {
    this.#head = this.#slots.length + 1;
    this.#slots = [...Array.from<string>({ length: this.#head }).fill(''), ...this.#slots];
  }

  #trim(): void {
    this.#slots = this.#slots.slice(this.#head);
    this.#head = 0;
  }
}
