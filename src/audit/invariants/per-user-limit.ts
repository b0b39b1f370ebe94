import { formatCount } from '../../kernel/units.ts';
import { NumberIndex } from '../number-index.ts';
import { Fact, orderBookOf, type OrderBook } from '../order-book.ts';
import { counted, gapIn, held, invariant, Offenders, unknown, violated } from '../verdicts.ts';

/** Not asked when the scenario sets no limit: see `audit`. */
export const perUserLimit = invariant(
  'per-user-limit',
  'Per user and SKU, units placed less units cancelled never exceed the limit, at any point of the ledger and by the receipts.',
  (evidence) => {
    const { limitPerUser } = evidence.catalogue;
    const holdings = holdingsOf(orderBookOf(evidence));
    const offenders = new Offenders();
    for (const { user, sku, peakUnits } of holdings.above(limitPerUser)) {
      offenders.add(() => `user ${user}: ${counted(peakUnits, 'unit')} of sku-${sku}, limit ${limitPerUser}`);
    }
    const pairs = `${counted(holdings.count, 'pair')} of user and SKU`;
    const limit = counted(limitPerUser, 'unit');
    if (offenders.count > 0) {
      return violated(`${formatCount(offenders.count)} of ${pairs} above the limit of ${limit}`, offenders);
    }
    const doubt = gapIn(evidence, 'ledger', 'receipts', 'drained queue');
    if (doubt !== undefined) return unknown(doubt);
    if (holdings.count === 0) return unknown('no order was accepted');
    return held(`${pairs}, none above the limit of ${limit}`);
  },
);

interface Holding {
  readonly user: number;
  readonly sku: number;
  readonly peakUnits: number;
}

/** What each user held of each SKU at the most. */
class Holdings {
  readonly #book: OrderBook;
  readonly #users: NumberIndex;
  readonly #pairs: NumberIndex;
  readonly #units: Int32Array;
  readonly #peaks: Int32Array;
  /** A line by which each pair was first seen. */
  readonly #lines: Int32Array;
  readonly #skuSpan: number;

  constructor(book: OrderBook) {
    const { lineCount } = book;
    this.#book = book;
    this.#users = new NumberIndex(lineCount);
    this.#pairs = new NumberIndex(lineCount);
    this.#units = new Int32Array(lineCount);
    this.#peaks = new Int32Array(lineCount);
    this.#lines = new Int32Array(lineCount);
    this.#skuSpan = book.lineSku.subarray(0, lineCount).reduce((span, sku) => Math.max(span, sku + 1), 1);
  }

  get count(): number {
    return this.#pairs.size;
  }

  /** `direction`: 1 takes the line's units, -1 gives them back. */
  move(line: number, direction: number): void {
    const user = this.#users.add(this.#book.orderUser[this.#book.lineOrder[line]!]!);
    const pair = this.#pairs.add(user * this.#skuSpan + this.#book.lineSku[line]!);
    this.#lines[pair] = line;
    this.#units[pair]! += direction * this.#book.lineUnits[line]!;
    this.#peaks[pair] = Math.max(this.#peaks[pair]!, this.#units[pair]!);
  }

  *above(limit: number): Generator<Holding> {
    for (let pair = 0; pair < this.#pairs.size; pair += 1) {
      const peakUnits = this.#peaks[pair]!;
      if (peakUnits <= limit) continue;
      const line = this.#lines[pair]!;
      const user = this.#book.orderUser[this.#book.lineOrder[line]!]!;
      yield { user, sku: this.#book.lineSku[line]!, peakUnits };
    }
  }
}

const holdingsOf = (book: OrderBook): Holdings => {
  const holdings = new Holdings(book);
  book.forEachMovement((line, direction) => holdings.move(line, direction));
  for (let line = 0; line < book.lineCount; line += 1) {
    if (book.isOpen(line) && !(book.lineFacts[line]! & Fact.ledgerPlaced)) holdings.move(line, 1);
  }
  return holdings;
};
