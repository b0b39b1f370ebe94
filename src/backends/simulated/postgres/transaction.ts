/** What a transaction keeps to its end: a row's lock and version, or a lock on a name. */
export interface Holding {
  settle(commit: boolean): void;
}

/** One transaction: what it holds and who waits for its end. */
export class Transaction {
  /** The transaction whose end this one waits for. */
  blockedBy: Transaction | undefined = undefined;
  /** While it waits: has its statement fail. */
  interrupt: ((failure: Error) => void) | undefined = undefined;
  /** Of its waits from now on; `undefined`: the server's. */
  lockTimeoutMs: number | undefined = undefined;
  /** In the order in which they came. */
  readonly waiters = new Set<() => void>();
  readonly #holdings: Holding[] = [];
  #isOpen = true;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  keep(holding: Holding): void {
    this.#holdings.push(holding);
  }

  /** Settles all it holds. */
  end(how: 'committed' | 'rolled-back'): void {
    this.#isOpen = false;
    for (const holding of this.#holdings) holding.settle(how === 'committed');
    this.#holdings.length = 0;
  }
}
