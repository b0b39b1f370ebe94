import { formatCount } from '../../kernel/units.ts';
import { Fact, orderBookOf, PROMISED } from '../order-book.ts';
import { counted, gapIn, held, invariant, Offenders, unknown, violated } from '../verdicts.ts';

export const noPhantomOrders = invariant(
  'no-phantom-orders',
  'Every order in the ledger was asked for: a customer holds a receipt of its key, accepted or without an answer.',
  (evidence) => {
    const book = orderBookOf(evidence);
    const offenders = new Offenders();
    for (let order = 0; order < book.orderCount; order += 1) {
      if (!(book.orderFacts[order]! & Fact.ledgerPlaced)) continue;
      const asked = book.keyFacts[book.orderKey[order]!]! & (PROMISED | Fact.toldUnknown);
      if (!asked) offenders.add(() => `${book.describe(order)} of user ${book.orderUser[order]}: no receipt`);
    }
    const placed = book.ordersWith(Fact.ledgerPlaced);
    const orders = counted(placed, 'ledger order');
    const unheard = gapIn(evidence, 'receipts');
    if (offenders.count > 0 && unheard === undefined) {
      return violated(`${formatCount(offenders.count)} of ${orders} without a receipt`, offenders);
    }
    const doubt = unheard ?? gapIn(evidence, 'ledger', 'drained queue');
    if (doubt !== undefined) return unknown(doubt);
    if (placed === 0) return unknown('no order is in the ledger');
    return held(`${orders}, each with a customer's receipt`);
  },
);
