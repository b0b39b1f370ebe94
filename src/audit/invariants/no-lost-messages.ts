import { formatCount } from '../../kernel/units.ts';
import type { Evidence } from '../evidence.ts';
import { Fact, orderBookOf, type OrderBook } from '../order-book.ts';
import { counted, gapIn, held, invariant, Offenders, unknown, violated } from '../verdicts.ts';

export const noLostMessages = invariant(
  'no-lost-messages',
  'Every order line of a confirmed event is in the ledger, or its message waits on the broker or is set aside there.',
  (evidence) => {
    const doubt = gapIn(evidence, 'ledger', 'receipts');
    if (doubt !== undefined) return unknown(doubt);
    const book = orderBookOf(evidence);
    const { placed, paid } = book.ledgerEntries;
    // A cancellation goes straight to the ledger, and a second payment of an order adds nothing there.
    const due = evidence.events.confirmedLines - book.repeatedPayments;
    if (due <= 0) return unknown('no event was confirmed');
    const counts = `${formatCount(placed + paid)} ledger rows of ${counted(due, 'confirmed order line')}`;
    const detail = `${counts}, ${describeBroker(evidence)}`;

    // Rows of publishes without an answer may make up for lost ones in the count, but not in the receipts.
    const missed = missedByReceipt(book);
    const missing = Math.max(due - placed - paid, missed.count);
    if (missing <= linesOnBroker(evidence, book)) return held(detail);
    const onTheWay = evidence.backlog ? gapIn(evidence, 'drained queue') : 'the broker could not be asked';
    if (onTheWay !== undefined) return unknown(`${onTheWay}; ${counts}`);
    if (missed.count === 0) missed.add(() => `${counted(missing, 'order line')} without a receipt`);
    return violated(detail, missed);
  },
);

/** The most order lines that the messages on the broker can hold. */
const linesOnBroker = ({ backlog }: Evidence, book: OrderBook): number => {
  if (!backlog) return 0;
  const linesPerEvent = book.orderLines.reduce((most, lines) => Math.max(most, lines), 1);
  return (backlog.waiting + backlog.deadLettered) * linesPerEvent;
};

const describeBroker = ({ backlog, events }: Evidence): string => {
  const { waiting = 0, deadLettered = 0 } = backlog ?? {};
  return [
    `${counted(waiting, 'message')} waiting`,
    `${formatCount(deadLettered)} set aside`,
    `${formatCount(events.redelivered)} redelivered`,
    ...(events.unknown > 0 ? [`${formatCount(events.unknown)} without an answer`] : []),
  ].join(', ');
};

/** Lines that the ledger lacks although the customer's answer says that their event was confirmed. */
const missedByReceipt = (book: OrderBook): Offenders => {
  const missed = new Offenders();
  for (let line = 0; line < book.lineCount; line += 1) {
    const facts = book.lineFacts[line]!;
    const lacks = (told: number, entered: number) => (facts & (told | entered)) === told;
    if (lacks(Fact.toldAccepted, Fact.ledgerPlaced)) {
      missed.add(() => `${book.describeLine(line)}: no placed entry`);
    }
    if (lacks(Fact.toldPaid, Fact.ledgerPaid)) missed.add(() => `${book.describeLine(line)}: no paid entry`);
  }
  return missed;
};
