import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audit } from '../../../src/audit/check.ts';
import type { InvariantName } from '../../../src/audit/evidence.ts';
import type { OrderLine, PlacedOrder } from '../../../src/engine/types.ts';
import { History, order } from './history.ts';

/** SKUs 0 to 2 are for the honest customers; a defect is planted on the last. */
const INITIAL_UNITS = [6, 12, 40, 3];
const LIMIT = 3;
const PLANTED = { lines: [{ sku: 3, units: 1 }] };
const PLANTED_ID = 1_000;

/** How one customer's order goes, from the click to the end. */
const FATES = [
  'placed',
  'clicked twice',
  'paid',
  'paid twice',
  'cancelled',
  'answer lost, placed',
  'answer lost, units taken',
  'answer lost, nothing done',
  'answer lost, placed, told again',
  'cancelled, answer lost, done',
  'cancelled, answer lost, written only',
] as const;
type Fate = (typeof FATES)[number];

const acts: Readonly<Record<Fate, (history: History, order: PlacedOrder) => History>> = {
  placed: (history, it) => history.accept(it),
  'clicked twice': (history, it) => history.accept(it).replay(it),
  paid: (history, it) => history.accept(it).pay(it),
  'paid twice': (history, it) => history.accept(it).pay(it).confirm(it).tell('paid', it),
  cancelled: (history, it) => history.accept(it).cancel(it),
  'answer lost, placed': (history, it) => history.take(it).write('placed', it).tell('unknown', it),
  'answer lost, units taken': (history, it) => history.take(it).tell('unknown', it),
  'answer lost, nothing done': (history, it) => history.tell('unknown', it),
  'answer lost, placed, told again': (history, it) =>
    history.take(it).write('placed', it).tell('unknown', it).replay(it),
  'cancelled, answer lost, done': (history, it) =>
    history.accept(it).write('cancelled', it).take(it, -1).tell('cancel-unknown', it),
  'cancelled, answer lost, written only': (history, it) =>
    history.accept(it).write('cancelled', it).tell('cancel-unknown', it),
};

interface Customer {
  readonly user: number;
  readonly lines: readonly OrderLine[];
  readonly fate: Fate;
  /** Places in the ledger by which the order's messages come late. */
  readonly delay: number;
}

const customer: fc.Arbitrary<Customer> = fc.record({
  user: fc.integer({ min: 0, max: 5 }),
  lines: fc
    .uniqueArray(fc.record({ sku: fc.integer({ min: 0, max: 2 }), units: fc.integer({ min: 1, max: 3 }) }), {
      selector: ({ sku }) => sku,
      minLength: 1,
    })
    .map((lines) => lines.toSorted((a, b) => a.sku - b.sku)),
  fate: fc.constantFrom(...FATES),
  delay: fc.integer({ min: 0, max: 30 }),
});

/** A shop that does one thing after the other and makes no mistake; only its queue is slow and out of order. */
const honestHistory = fc.array(customer, { minLength: 1, maxLength: 60 }).map((customers) => {
  const history = new History(INITIAL_UNITS, LIMIT);
  const unitsOf = new Map<string, number>();
  const delays = new Map<number, number>();
  customers.forEach(({ user, lines, fate, delay }, index) => {
    const it = order(index + 1, { user, lines });
    const units = ({ sku }: OrderLine) => unitsOf.get(`${user} ${sku}`) ?? 0;
    if (lines.some((line) => history.levels[line.sku]! < line.units || units(line) + line.units > LIMIT))
      return;
    acts[fate](history, it);
    delays.set(it.orderId, delay);
    if (fate === 'cancelled' || fate === 'cancelled, answer lost, done') return;
    for (const line of lines) unitsOf.set(`${user} ${line.sku}`, units(line) + line.units);
  });
  history.ledger = history.ledger
    .map((row, index) => ({
      row,
      place: index + (row.kind === 'cancelled' ? 0 : delays.get(row.order.orderId)!),
    }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ row }) => row);
  return history;
});

const violatedOf = (history: History): InvariantName[] =>
  audit(history.evidence())
    .filter(({ verdict }) => verdict === 'violated')
    .map(({ invariant }) => invariant);

test('no honest history is accused, whatever was lost or late', () => {
  fc.assert(
    fc.property(honestHistory, (history) => {
      expect(violatedOf(history)).toEqual([]);
    }),
  );
});

test('an honest history with an order is acquitted, not just spared', () => {
  fc.assert(
    fc.property(honestHistory, (history) => {
      const verdicts = audit(history.accept(order(PLANTED_ID, PLANTED)).evidence());
      expect(verdicts.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
    }),
  );
});

const planted = order(PLANTED_ID, PLANTED);
const second = order(PLANTED_ID + 1, PLANTED);

const DEFECTS: readonly (readonly [string, (history: History) => void, readonly InvariantName[]])[] = [
  [
    'an accepted order that the ledger lost',
    (history) => history.take(planted).confirm(planted).tell('accepted', planted),
    ['stock-conservation', 'no-lost-orders', 'no-lost-messages'],
  ],
  [
    'a payment that the ledger lost',
    (history) => history.accept(planted).confirm(planted).tell('paid', planted),
    ['no-lost-messages'],
  ],
  [
    'an order that changed on the way',
    (history) =>
      history
        .take(planted)
        .enter('placed', order(PLANTED_ID, { lines: [{ sku: 3, units: 2 }] }))
        .tell('accepted', planted),
    ['stock-conservation', 'no-lost-orders'],
  ],
  [
    'a double click that became two orders',
    (history) => history.accept(planted).accept({ ...second, key: planted.key, user: planted.user }),
    ['no-duplicate-orders'],
  ],
  [
    'an entry that is in the ledger twice',
    (history) => history.accept(planted).write('placed', planted),
    ['no-duplicate-orders'],
  ],
  [
    'one unit more than there was',
    (history) => {
      for (let unit = 0; unit < 4; unit += 1) history.accept(order(PLANTED_ID + unit, PLANTED));
      history.levels[3] = 0;
    },
    ['no-oversell', 'stock-conservation'],
  ],
  [
    'an order that nobody placed',
    (history) => history.take(planted).enter('placed', planted),
    ['no-phantom-orders'],
  ],
  [
    'a lost update of the stock level',
    (history) => {
      history.accept(planted).accept(second);
      history.levels[3]! += 1;
    },
    ['stock-conservation'],
  ],
  ['units that leaked', (history) => history.accept(planted).take(second), ['stock-conservation']],
];

describe('one defect in an honest history violates just what it breaks', () => {
  test.each(DEFECTS)('%s', (_, plant, expected) => {
    fc.assert(
      fc.property(honestHistory, (history) => {
        plant(history);
        expect(violatedOf(history)).toEqual(expected);
      }),
    );
  });

  test('one unit more than the limit of a customer', () => {
    fc.assert(
      fc.property(honestHistory, fc.integer({ min: 1, max: LIMIT }), (history, units) => {
        const lines = [{ sku: 2, units }];
        const rest = [{ sku: 2, units: LIMIT + 1 - units }];
        fc.pre(history.levels[2]! > LIMIT);
        const user = 99;
        history
          .accept(order(PLANTED_ID, { user, lines }))
          .accept(order(PLANTED_ID + 1, { user, lines: rest }));
        expect(violatedOf(history)).toEqual(['per-user-limit']);
      }),
    );
  });
});
