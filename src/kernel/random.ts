/** Chance as the engine, the scenarios and the simulated services see it. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A uniform integer in [0, below), for `below` up to 2^32. */
  integer(below: number): number;
}

/** A 32-bit mix of `hash` and `value`. Finalizer of MurmurHash3 (Appleby, public domain), applied per word. */
const mix = (hash: number, value: number): number => {
  let h = Math.imul(hash ^ value, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** A 32-bit hash of any number of safe integers; both halves of each count. */
const hashIntegers = (...values: number[]): number => {
  let hash = 0x9e3779b9;
  for (const value of values) {
    hash = mix(hash, value | 0);
    hash = mix(hash, Math.floor(value / 0x1_0000_0000) | 0);
  }
  return hash;
};

/** sfc32, Doty-Humphrey's small fast counting generator (PractRand): 128 bits of state, period at least 2^32. */
export class SeededRandom implements Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  constructor(...seed: number[]) {
    this.reseed(...seed);
  }

  /** Starts the sequence that belongs to `seed`: the same integers always give the same sequence. */
  reseed(...seed: number[]): void {
    const hash = hashIntegers(...seed);
    this.#a = hash;
    this.#b = mix(hash, 0x51ed270b);
    this.#c = mix(hash, 0x2545f491);
    this.#counter = 1;
    for (let round = 0; round < 8; round += 1) this.#word();
  }

  next(): number {
    return this.#word() / 0x1_0000_0000;
  }

  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  #word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }
}
