import { newLedgerLog, type Evidence } from '../../../src/audit/evidence.ts';
import { EVENT_KINDS, type EventKind, type OrderLine, type PlacedOrder } from '../../../src/engine/types.ts';
import { newReceiptLog, RECEIPT_KINDS, type ReceiptKind } from '../../../src/load/receipts.ts';

type Row<Kind> = { kind: Kind; order: PlacedOrder; line: OrderLine };

/**
 * What a run leaves behind, written step by step: an honest shop by the verbs `accept`, `replay`, `pay`, `cancel`;
 * a dishonest one by changing `ledger`, `receipts`, `levels` or `events` by hand.
 */
export class History {
  readonly initialUnits: readonly number[];
  readonly limitPerUser: number;
  ledger: Row<EventKind>[] = [];
  receipts: Row<ReceiptKind>[] = [];
  levels: number[];
  events = { confirmed: 0, unknown: 0, confirmedLines: 0, redelivered: 0 };

  constructor(initialUnits: readonly number[], limitPerUser = 0) {
    this.initialUnits = initialUnits;
    this.limitPerUser = limitPerUser;
    this.levels = [...initialUnits];
  }

  accept(order: PlacedOrder): this {
    this.take(order);
    this.enter('placed', order);
    return this.tell('accepted', order);
  }

  replay(order: PlacedOrder): this {
    return this.tell('replayed', order);
  }

  pay(order: PlacedOrder): this {
    this.enter('paid', order);
    return this.tell('paid', order);
  }

  cancel(order: PlacedOrder): this {
    this.write('cancelled', order);
    this.take(order, -1);
    return this.tell('cancelled', order);
  }

  take({ lines }: PlacedOrder, times = 1): this {
    for (const { sku, units } of lines) this.levels[sku]! -= times * units;
    return this;
  }

  /** An event that the queue confirmed and the consumer wrote. */
  enter(kind: EventKind, order: PlacedOrder): this {
    this.confirm(order);
    return this.write(kind, order);
  }

  confirm({ lines }: PlacedOrder): this {
    this.events.confirmed += 1;
    this.events.confirmedLines += lines.length;
    return this;
  }

  write(kind: EventKind, order: PlacedOrder): this {
    for (const line of order.lines) this.ledger.push({ kind, order, line });
    return this;
  }

  tell(kind: ReceiptKind, order: PlacedOrder): this {
    for (const line of order.lines) this.receipts.push({ kind, order, line });
    return this;
  }

  evidence(changes: Partial<Evidence> = {}): Evidence {
    const ledger = newLedgerLog();
    this.ledger.forEach(({ kind, order, line }, index) => {
      const { orderId, key, user } = order;
      ledger.push({ seq: index + 1, kind: EVENT_KINDS.indexOf(kind), orderId, key, user, ...line });
    });
    const receipts = newReceiptLog();
    for (const { kind, order, line } of this.receipts) {
      const orderId = kind === 'unknown' ? 0 : order.orderId;
      receipts.push({
        kind: RECEIPT_KINDS.indexOf(kind),
        key: order.key,
        orderId,
        user: order.user,
        ...line,
      });
    }
    return {
      catalogue: { initialUnits: this.initialUnits, limitPerUser: this.limitPerUser },
      receipts,
      ledger,
      stockLevels: this.levels,
      backlog: { waiting: 0, deadLettered: 0 },
      events: this.events,
      drained: true,
      unknownOrders: this.receipts.filter(({ kind }) => kind === 'unknown').length,
      ...changes,
    };
  }
}

/** Order `id` of one unit of SKU 0 by user `id` under key `10 × id`, unless told otherwise. */
export const order = (orderId: number, changes: Partial<PlacedOrder> = {}): PlacedOrder => ({
  orderId,
  key: 10 * orderId,
  user: orderId,
  lines: [{ sku: 0, units: 1 }],
  ...changes,
});
