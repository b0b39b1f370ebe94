import { RECEIPT_KINDS, type Receipts } from '../load/receipts.ts';
import { EVENT_KINDS } from '../engine/types.ts';
import type { Evidence, LedgerLog } from './evidence.ts';
import { NumberIndex } from './number-index.ts';
import { counted } from './verdicts.ts';

/** What the witnesses say of an order line, as bits; those of an order and of a key are their lines' together. */
export const Fact = {
  ledgerPlaced: 1,
  ledgerPaid: 2,
  ledgerCancelled: 4,
  /** The ledger has an entry of one kind twice. */
  ledgerRepeated: 8,
  /** By the answer to the request that placed it: the order's event was confirmed. */
  toldAccepted: 16,
  /** By the answer to a repeated request. */
  toldReplayed: 32,
  toldUnknown: 64,
  toldPaid: 128,
  toldCancelled: 256,
  toldCancelUnknown: 512,
  /** Two witnesses name different units or different customers. */
  contradicted: 1_024,
} as const;

/** A customer counts on the order. */
export const PROMISED = Fact.toldAccepted | Fact.toldReplayed;
const KNOWN = Fact.ledgerPlaced | PROMISED;
const GONE = Fact.ledgerCancelled | Fact.toldCancelled | Fact.toldCancelUnknown;

const LEDGER_FACTS = { placed: Fact.ledgerPlaced, paid: Fact.ledgerPaid, cancelled: Fact.ledgerCancelled };

const RECEIPT_FACTS = {
  accepted: Fact.toldAccepted,
  replayed: Fact.toldReplayed,
  unknown: Fact.toldUnknown,
  paid: Fact.toldPaid,
  // It binds nobody: not the shop to have the payment, nor the customer to have made it.
  'pay-unknown': 0,
  cancelled: Fact.toldCancelled,
  'cancel-unknown': Fact.toldCancelUnknown,
};

/** The id of an order whose customer was told none; such an order is known by its key alone. */
const UNTOLD = 0;
const NONE = -1;

/**
 * The ledger and the receipts side by side: keys, the orders of each key, the lines of each order, with what each
 * witness says of them. All three are numbered from 0 and kept in typed arrays, so that every check is one scan.
 */
export class OrderBook {
  orderCount = 0;
  lineCount = 0;
  /** Ledger entries by kind; a repeated one counts once. */
  readonly ledgerEntries = { placed: 0, paid: 0, cancelled: 0 };
  /** Receipts of payments that the same customer had made before. */
  repeatedPayments = 0;

  readonly keyFacts: Uint16Array;
  /** Different order ids known under the key. */
  readonly keyOrders: Int32Array;

  readonly orderId: Float64Array;
  readonly orderKey: Int32Array;
  readonly orderUser: Float64Array;
  readonly orderFacts: Uint16Array;
  readonly orderLines: Int32Array;

  readonly lineOrder: Int32Array;
  readonly lineSku: Int32Array;
  /** As the ledger says; as the customer was told where the ledger is silent. */
  readonly lineUnits: Int32Array;
  readonly lineFacts: Uint16Array;

  /** What each ledger row did to the stock: `line + 1` taken, `-line - 1` given back, or 0. */
  readonly #movements: Int32Array;
  readonly #keys: NumberIndex;
  readonly #firstOrder: Int32Array;
  readonly #nextOrder: Int32Array;
  readonly #firstLine: Int32Array;
  readonly #nextLine: Int32Array;

  constructor(ledger: LedgerLog | undefined, receipts: Receipts | undefined) {
    const rows = (ledger?.length ?? 0) + (receipts?.length ?? 0);
    this.#movements = new Int32Array(ledger?.length ?? 0);
    this.#keys = new NumberIndex(rows);
    this.keyFacts = new Uint16Array(rows);
    this.keyOrders = new Int32Array(rows);
    this.#firstOrder = new Int32Array(rows);
    this.orderId = new Float64Array(rows);
    this.orderKey = new Int32Array(rows);
    this.orderUser = new Float64Array(rows);
    this.orderFacts = new Uint16Array(rows);
    this.orderLines = new Int32Array(rows);
    this.#nextOrder = new Int32Array(rows);
    this.#firstLine = new Int32Array(rows);
    this.lineOrder = new Int32Array(rows);
    this.lineSku = new Int32Array(rows);
    this.lineUnits = new Int32Array(rows);
    this.lineFacts = new Uint16Array(rows);
    this.#nextLine = new Int32Array(rows);
    if (ledger) this.#readLedger(ledger);
    if (receipts) this.#readReceipts(receipts);
  }

  /** Orders of which one of `facts` is said. */
  ordersWith(facts: number): number {
    let count = 0;
    for (let order = 0; order < this.orderCount; order += 1) {
      if ((this.orderFacts[order]! & facts) !== 0) count += 1;
    }
    return count;
  }

  get keyCount(): number {
    return this.#keys.size;
  }

  keyValue(key: number): number {
    return this.#keys.value(key);
  }

  /** The different orders known under a key, of those that have an id. */
  orderIdsOf(key: number): number[] {
    const ids: number[] = [];
    for (let order = this.#firstOrder[key]!; order !== NONE; order = this.#nextOrder[order]!) {
      if (this.orderId[order] !== UNTOLD) ids.push(this.orderId[order]!);
    }
    return ids.toSorted((a, b) => a - b);
  }

  /** `order 7 (key 5)` */
  describe(order: number): string {
    return `order ${this.orderId[order]} (key ${this.keyValue(this.orderKey[order]!)})`;
  }

  /** `order 7 (key 5), 2 units of sku-0` */
  describeLine(line: number): string {
    const units = counted(this.lineUnits[line]!, 'unit');
    return `${this.describe(this.lineOrder[line]!)}, ${units} of sku-${this.lineSku[line]}`;
  }

  /**
   * What the ledger did to the stock, by `seq`: 1 took the line's units, -1 gave them back. A cancellation counts
   * only where the order was placed. The engine writes a cancellation before it gives the units back, so the sale
   * they make room for always comes later in the ledger, and what is too much at any point is real.
   */
  forEachMovement(onMovement: (line: number, direction: 1 | -1) => void): void {
    for (const movement of this.#movements) {
      const line = Math.abs(movement) - 1;
      if (movement === 0 || !(this.lineFacts[line]! & Fact.ledgerPlaced)) continue;
      onMovement(line, movement > 0 ? 1 : -1);
    }
  }

  /** Placed by the ledger's or a receipt's word, and cancelled by nobody's. */
  isOpen(line: number): boolean {
    const facts = this.lineFacts[line]!;
    return (facts & KNOWN) !== 0 && (facts & GONE) === 0;
  }

  /** Some witness knows the outcome of the line's key, whatever this customer was told. */
  isAnswered(line: number): boolean {
    const key = this.orderKey[this.lineOrder[line]!]!;
    return (this.keyFacts[key]! & KNOWN) !== 0;
  }

  #readLedger(ledger: LedgerLog): void {
    forEachRow(ledger, (row, kindIndex, key, orderId, user, sku, units) => {
      const kind = EVENT_KINDS[kindIndex]!;
      const line = this.#line(key, orderId, user, sku, units);
      if ((this.lineFacts[line]! & LEDGER_FACTS[kind]) !== 0) {
        this.#note(line, user, units, Fact.ledgerRepeated);
        return;
      }
      this.#note(line, user, units, LEDGER_FACTS[kind]);
      this.ledgerEntries[kind] += 1;
      if (kind === 'placed') this.#movements[row] = line + 1;
      if (kind === 'cancelled') this.#movements[row] = -line - 1;
    });
  }

  #readReceipts(receipts: Receipts): void {
    forEachRow(receipts, (_row, kindIndex, key, orderId, user, sku, units) => {
      const fact = RECEIPT_FACTS[RECEIPT_KINDS[kindIndex]!];
      if (fact === 0) return;
      const line = this.#line(key, orderId, user, sku, units);
      if (fact === Fact.toldPaid && (this.lineFacts[line]! & fact) !== 0) this.repeatedPayments += 1;
      this.#note(line, user, units, fact);
    });
  }

  #note(line: number, user: number, units: number, fact: number): void {
    const order = this.lineOrder[line]!;
    const contradicted = this.lineUnits[line] !== units || this.orderUser[order] !== user;
    const facts = contradicted ? fact | Fact.contradicted : fact;
    this.lineFacts[line]! |= facts;
    this.orderFacts[order]! |= facts;
    this.keyFacts[this.orderKey[order]!]! |= facts;
  }

  #line(key: number, orderId: number, user: number, sku: number, units: number): number {
    const order = this.#order(key, orderId, user);
    let line = this.#firstLine[order]!;
    while (line !== NONE && this.lineSku[line] !== sku) line = this.#nextLine[line]!;
    if (line !== NONE) return line;
    line = this.lineCount;
    this.lineCount += 1;
    this.lineOrder[line] = order;
    this.lineSku[line] = sku;
    this.lineUnits[line] = units;
    this.#nextLine[line] = this.#firstLine[order]!;
    this.#firstLine[order] = line;
    this.orderLines[order]! += 1;
    return line;
  }

  #order(keyValue: number, orderId: number, user: number): number {
    const knownKeys = this.#keys.size;
    const key = this.#keys.add(keyValue);
    if (key === knownKeys) this.#firstOrder[key] = NONE;
    let order = this.#firstOrder[key]!;
    while (order !== NONE && this.orderId[order] !== orderId) order = this.#nextOrder[order]!;
    if (order !== NONE) return order;
    order = this.orderCount;
    this.orderCount += 1;
    this.orderId[order] = orderId;
    this.orderKey[order] = key;
    this.orderUser[order] = user;
    this.#firstLine[order] = NONE;
    this.#nextOrder[order] = this.#firstOrder[key]!;
    this.#firstOrder[key] = order;
    if (orderId !== UNTOLD) this.keyOrders[key]! += 1;
    return order;
  }
}

type OnRow = (
  row: number,
  kindIndex: number,
  key: number,
  orderId: number,
  user: number,
  sku: number,
  units: number,
) => void;

/** Reads whole columns: an object for each row would take longer than the audit. */
const forEachRow = (table: LedgerLog | Receipts, onRow: OnRow): void => {
  let first = 0;
  for (const { rows, columns } of table.blocks()) {
    const { kind, key, orderId, user, sku, units } = columns;
    for (let i = 0; i < rows; i += 1) {
      onRow(first + i, kind[i]!, key[i]!, orderId[i]!, user[i]!, sku[i]!, units[i]!);
    }
    first += rows;
  }
};

const books = new WeakMap<Evidence, OrderBook>();

/** The book of this evidence, made when first asked for: every check and the report's accounts read the same one. */
export const orderBookOf = (evidence: Evidence): OrderBook => {
  const known = books.get(evidence);
  if (known) return known;
  const book = new OrderBook(evidence.ledger, evidence.receipts);
  books.set(evidence, book);
  return book;
};
