import { Fact, orderBookOf, PROMISED } from '../order-book.ts';
import { counted, gapIn, held, invariant, Offenders, unknown, violated } from '../verdicts.ts';

export const noLostOrders = invariant(
  'no-lost-orders',
  'Every order that a customer was told is accepted is in the ledger, with all its lines as they were ordered.',
  (evidence) => {
    const book = orderBookOf(evidence);
    const onTheWay = gapIn(evidence, 'ledger', 'drained queue');
    const offenders = new Offenders();
    let missing = 0;
    for (let line = 0; line < book.lineCount; line += 1) {
      const facts = book.lineFacts[line]!;
      if (!(facts & PROMISED)) continue;
      const describe = (fate: string) => () => `${book.describeLine(line)}: ${fate}`;
      if (!(facts & Fact.ledgerPlaced)) {
        missing += 1;
        if (onTheWay === undefined) offenders.add(describe('not in the ledger'));
      } else if (facts & Fact.contradicted) {
        offenders.add(describe('the receipt and the ledger differ in units or customer'));
      }
    }
    const accepted = book.ordersWith(PROMISED);
    const orders = counted(accepted, 'accepted order');
    if (offenders.count > 0) {
      return violated(`${counted(offenders.count, 'line')} of ${orders} lost or changed`, offenders);
    }
    const doubt = missing > 0 ? onTheWay : gapIn(evidence, 'ledger', 'receipts');
    if (doubt !== undefined) return unknown(`${doubt}; ${counted(missing, 'line')} of ${orders} not found`);
    if (accepted === 0) return unknown('no order was accepted');
    return held(`${orders}, each in the ledger with all its lines`);
  },
);
