import type { Evidence } from './evidence.ts';
import { Fact, orderBookOf, type OrderBook } from './order-book.ts';

/** Where the units of one SKU are. `null`: its witness could not be heard. */
export interface StockAccount {
  readonly sku: number;
  readonly initial: number;
  /** As the stock's store says. */
  readonly available: number | null;
  /** Placed, neither paid nor cancelled, as the ledger says. */
  readonly reserved: number | null;
  /** Paid, as the ledger says. */
  readonly sold: number | null;
  /** Units beyond `initial` that were promised to customers, at the worst moment; 0 where there were none. */
  readonly oversold: number | null;
}

/** The units of one SKU by every witness, for the checks. */
export interface StockTally {
  readonly sku: number;
  readonly initial: number;
  readonly available: number | undefined;
  /** In the ledger. `cancelled` is of orders that were placed. */
  placed: number;
  paid: number;
  cancelled: number;
  /** Placed less cancelled: now and at its highest, in the ledger's order. */
  outstanding: number;
  peak: number;
  /** In accepted orders, by the ledger or by a receipt, that no witness says are cancelled. */
  promised: number;
  /** In orders without an answer of which the ledger knows nothing: they may have left the store. */
  unanswered: number;
  /** In cancellations without an answer: the ledger and the store may each have them or not. */
  doubtfulReturns: number;
}

/** Units that were promised beyond what there was. */
export const oversoldOf = ({ initial, peak, promised }: StockTally): number =>
  Math.max(0, peak - initial, promised - initial);

/** One tally per SKU of the catalogue, by SKU, and then of any other SKU that a witness names. */
export const tallyStock = (evidence: Evidence): readonly StockTally[] => {
  const { catalogue, stockLevels } = evidence;
  const book = orderBookOf(evidence);
  const tallies = new Map<number, StockTally>();
  const tallyOf = (sku: number): StockTally => {
    let tally = tallies.get(sku);
    if (tally === undefined) {
      tally = newTally(sku, catalogue.initialUnits[sku] ?? 0, stockLevels?.[sku]);
      tallies.set(sku, tally);
    }
    return tally;
  };
  for (const sku of catalogue.initialUnits.keys()) tallyOf(sku);
  for (let line = 0; line < book.lineCount; line += 1) addLine(tallyOf(book.lineSku[line]!), book, line);
  book.forEachMovement((line, direction) => {
    const tally = tallyOf(book.lineSku[line]!);
    tally.outstanding += direction * book.lineUnits[line]!;
    tally.peak = Math.max(tally.peak, tally.outstanding);
  });
  return [...tallies.values()];
};

/** The accounts of the report: in the order of the catalogue. */
export const stockAccounts = (evidence: Evidence): readonly StockAccount[] => {
  const ledgerRead = evidence.ledger !== undefined;
  return tallyStock(evidence).map((tally) => {
    const oversold = oversoldOf(tally);
    return {
      sku: tally.sku,
      initial: tally.initial,
      available: tally.available ?? null,
      reserved: ledgerRead ? tally.placed - tally.paid - tally.cancelled : null,
      sold: ledgerRead ? tally.paid : null,
      oversold: ledgerRead || oversold > 0 ? oversold : null,
    };
  });
};

const newTally = (sku: number, initial: number, available: number | undefined): StockTally => ({
  sku,
  initial,
  available,
  placed: 0,
  paid: 0,
  cancelled: 0,
  outstanding: 0,
  peak: 0,
  promised: 0,
  unanswered: 0,
  doubtfulReturns: 0,
});

const addLine = (tally: StockTally, book: OrderBook, line: number): void => {
  const facts = book.lineFacts[line]!;
  const units = book.lineUnits[line]!;
  if (facts & Fact.ledgerPlaced) {
    tally.placed += units;
    if (facts & Fact.ledgerPaid) tally.paid += units;
    if (facts & Fact.ledgerCancelled) tally.cancelled += units;
    if (facts & Fact.toldCancelUnknown) tally.doubtfulReturns += units;
  }
  if (book.isOpen(line)) tally.promised += units;
  if (facts & Fact.toldUnknown && !book.isAnswered(line)) tally.unanswered += units;
};
