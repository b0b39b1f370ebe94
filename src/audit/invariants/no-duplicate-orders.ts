import { formatCount } from '../../kernel/units.ts';
import { Fact, orderBookOf, type OrderBook } from '../order-book.ts';
import { counted, gapIn, held, invariant, Offenders, unknown, violated } from '../verdicts.ts';

export const noDuplicateOrders = invariant(
  'no-duplicate-orders',
  'One order per idempotency key, the same in the ledger and in every receipt, and each of its ledger entries once.',
  (evidence) => {
    const book = orderBookOf(evidence);
    const offenders = new Offenders();
    let keys = 0;
    for (let key = 0; key < book.keyCount; key += 1) {
      if (book.keyOrders[key]! > 0) keys += 1;
      if (book.keyOrders[key]! > 1) offenders.add(() => describeKey(book, key));
    }
    const duplicated = offenders.count;
    for (let line = 0; line < book.lineCount; line += 1) {
      if (book.lineFacts[line]! & Fact.ledgerRepeated) {
        offenders.add(() => `${book.describeLine(line)}: in the ledger more than once`);
      }
    }
    if (offenders.count > 0) {
      const repeated = counted(offenders.count - duplicated, 'repeated ledger row');
      return violated(
        `${formatCount(duplicated)} of ${counted(keys, 'key')} with several orders; ${repeated}`,
        offenders,
      );
    }
    const doubt = gapIn(evidence, 'ledger', 'receipts', 'drained queue');
    if (doubt !== undefined) return unknown(doubt);
    if (keys === 0) return unknown('no order was accepted');
    return held(`${counted(keys, 'key')}, one order each`);
  },
);

const describeKey = (book: OrderBook, key: number): string => {
  const ids = book.orderIdsOf(key);
  return `key ${book.keyValue(key)}: orders ${ids.join(', ')}`;
};
