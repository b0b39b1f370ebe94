import { describe, expect, test } from 'vitest';
import { audit, INVARIANTS } from '../../../src/audit/check.ts';
import {
  newLedgerLog,
  type Evidence,
  type InvariantName,
  type InvariantResult,
} from '../../../src/audit/evidence.ts';
import { newReceiptLog } from '../../../src/load/receipts.ts';
import { tableRows } from '../../support/table-rows.ts';
import { History, order } from './history.ts';

const judge = (name: InvariantName, evidence: Evidence): InvariantResult =>
  INVARIANTS.find((invariant) => invariant.name === name)!.check(evidence);

/** Two orders of two SKUs, one paid, one cancelled: nothing is wrong with it. */
const honest = (limitPerUser = 2) => {
  const both = order(2, {
    lines: [
      { sku: 0, units: 2 },
      { sku: 1, units: 1 },
    ],
  });
  return new History([3, 5], limitPerUser)
    .accept(order(1))
    .replay(order(1))
    .pay(order(1))
    .accept(both)
    .cancel(both);
};

test('all invariants hold of an honest history', () => {
  expect(audit(honest().evidence()).map(({ invariant, verdict }) => [invariant, verdict])).toEqual(
    INVARIANTS.map(({ name }) => [name, 'held']),
  );
});

test('an idle run is no pass', () => {
  const verdicts = audit(new History([3], 1).evidence()).map(({ verdict }) => verdict);
  expect(new Set(verdicts)).toEqual(new Set(['unknown']));
});

test('without a limit per user, nobody asks for it', () => {
  const names = audit(honest(0).evidence()).map(({ invariant }) => invariant);
  expect(names).not.toContain('per-user-limit');
  expect(names).toHaveLength(INVARIANTS.length - 1);
});

test('offenders are counted in full and named up to ten', () => {
  const history = new History([100]);
  for (let id = 1; id <= 25; id += 1) history.take(order(id)).confirm(order(id)).tell('accepted', order(id));
  history.accept(order(26));
  const result = judge('no-lost-orders', history.evidence());
  expect(result.detail).toBe('25 lines of 26 accepted orders lost or changed');
  expect(result.offenders).toHaveLength(10);
});

describe('no-oversell', () => {
  test('holds up to the last unit', () => {
    const history = new History([2]).accept(order(1)).accept(order(2));
    expect(judge('no-oversell', history.evidence())).toEqual({
      invariant: 'no-oversell',
      verdict: 'held',
      detail: '2 of 2 units taken, no SKU beyond its stock at any of 2 ledger rows; 1 SKU checked',
      offenders: [],
    });
  });

  test('is violated by one unit too many', () => {
    const history = new History([2]).accept(order(1)).accept(order(2)).accept(order(3));
    expect(judge('no-oversell', history.evidence({ stockLevels: [0] }))).toMatchObject({
      verdict: 'violated',
      detail: '1 unit oversold; 1 SKU checked',
      offenders: ['sku-0: 3 units promised of 2, 1 oversold'],
    });
  });

  test('is violated by a moment that a later cancellation mends', () => {
    const history = new History([1]).accept(order(1)).accept(order(2)).cancel(order(2));
    expect(judge('no-oversell', history.evidence())).toMatchObject({ verdict: 'violated' });
  });

  test('a cancellation may be in the ledger before its order', () => {
    const history = new History([1]).write('cancelled', order(1)).accept(order(2)).enter('placed', order(1));
    expect(judge('no-oversell', history.evidence({ stockLevels: [0] }))).toMatchObject({ verdict: 'held' });
  });

  test('a cancellation without an order makes no room', () => {
    const history = new History([1]).write('cancelled', order(9)).accept(order(1)).accept(order(2));
    history.cancel(order(1)).cancel(order(2));
    expect(judge('no-oversell', history.evidence())).toMatchObject({
      verdict: 'violated',
      offenders: ['sku-0: 2 units promised of 1, 1 oversold'],
    });
  });

  test("is violated by the customers' receipts when the ledger lost the order or cannot be read", () => {
    const history = new History([1]).accept(order(1)).tell('accepted', order(2));
    for (const changes of [{}, { ledger: undefined }]) {
      expect(judge('no-oversell', history.evidence({ stockLevels: [0], ...changes }))).toMatchObject({
        verdict: 'violated',
        offenders: ['sku-0: 2 units promised of 1, 1 oversold'],
      });
    }
  });

  test('is violated by a level below 0', () => {
    const history = new History([5]).accept(order(1));
    expect(judge('no-oversell', history.evidence({ stockLevels: [-2] }))).toMatchObject({
      verdict: 'violated',
      offenders: ['sku-0: level -2'],
    });
  });

  test('is violated by a sale of a SKU that is not in the catalogue', () => {
    const history = new History([5]).accept(order(1, { lines: [{ sku: 7, units: 1 }] }));
    expect(judge('no-oversell', history.evidence())).toMatchObject({
      verdict: 'violated',
      offenders: ['sku-7: 1 unit promised of 0, 1 oversold'],
    });
  });

  test('is unknown without the ledger', () => {
    const evidence = honest().evidence({ ledger: undefined });
    expect(judge('no-oversell', evidence)).toMatchObject({
      verdict: 'unknown',
      detail: 'the ledger could not be read',
    });
  });

  test('is unknown when the queue still holds an order without an answer that would be one too many', () => {
    const drained = false;
    const history = new History([1]).accept(order(1)).tell('unknown', order(2));
    expect(judge('no-oversell', history.evidence({ drained }))).toMatchObject({ verdict: 'unknown' });
    const roomy = new History([2]).accept(order(1)).tell('unknown', order(2));
    expect(judge('no-oversell', roomy.evidence({ drained }))).toMatchObject({ verdict: 'held' });
    expect(judge('no-oversell', roomy.evidence({ drained, receipts: undefined }))).toMatchObject({
      verdict: 'unknown',
    });
  });
});

describe('stock-conservation', () => {
  test('holds when the store and the ledger add up', () => {
    expect(judge('stock-conservation', honest().evidence())).toMatchObject({
      verdict: 'held',
      detail: '8 initial = 7 available + 1 unit taken, over 2 SKUs',
    });
  });

  test('is violated by a lost update', () => {
    const history = new History([5, 5]).accept(order(1)).accept(order(2));
    history.levels[0]! += 1;
    expect(judge('stock-conservation', history.evidence())).toMatchObject({
      verdict: 'violated',
      detail: '1 of 2 SKUs out of balance',
      offenders: ['sku-0: 1 unit sold but still in the store (5 initial, 4 available, 2 taken)'],
    });
  });

  test('is violated by a leak', () => {
    const history = new History([5]).accept(order(1)).take(order(2));
    expect(judge('stock-conservation', history.evidence())).toMatchObject({
      verdict: 'violated',
      offenders: ['sku-0: 1 unit left the store without an order (5 initial, 3 available, 1 taken)'],
    });
  });

  test.each([
    ['taken', 3],
    ['not taken', 4],
  ])('allows for an order without an answer whose units were %s', (_, level) => {
    const history = new History([5]).accept(order(1)).tell('unknown', order(2));
    expect(judge('stock-conservation', history.evidence({ stockLevels: [level] }))).toMatchObject({
      verdict: 'held',
      detail: expect.stringContaining('with up to 1 unit allowed for lost answers'),
    });
  });

  test('allows no more than the units without an answer, and nothing once the ledger has the order', () => {
    const lost = new History([5]).accept(order(1)).tell('unknown', order(2));
    expect(judge('stock-conservation', lost.evidence({ stockLevels: [2] }))).toMatchObject({
      verdict: 'violated',
    });
    const settled = lost.enter('placed', order(2));
    expect(judge('stock-conservation', settled.evidence({ stockLevels: [2] }))).toMatchObject({
      verdict: 'violated',
    });
    expect(judge('stock-conservation', settled.evidence({ stockLevels: [3] }))).toMatchObject({
      verdict: 'held',
    });
  });

  test.each([4, 5])('allows for a cancellation without an answer: level %i', (level) => {
    const history = new History([5])
      .accept(order(1))
      .write('cancelled', order(1))
      .tell('cancel-unknown', order(1));
    expect(judge('stock-conservation', history.evidence({ stockLevels: [level] }))).toMatchObject({
      verdict: 'held',
    });
  });

  test.each<[string, Partial<Evidence>]>([
    ["the stock's store could not be read", { stockLevels: undefined }],
    ["the stock's store has no level for 1 SKU", { stockLevels: [2] }],
    ['the ledger could not be read', { ledger: undefined }],
    ['a worker was lost with its receipts', { receipts: undefined }],
    ['the queue was not empty at its deadline', { drained: false }],
  ])('is unknown: %s', (detail, changes) => {
    expect(judge('stock-conservation', honest().evidence(changes))).toMatchObject({
      verdict: 'unknown',
      detail,
    });
  });
});

describe('no-lost-orders', () => {
  test('holds when every accepted order is in the ledger', () => {
    expect(judge('no-lost-orders', honest().evidence())).toMatchObject({
      verdict: 'held',
      detail: '2 accepted orders, each in the ledger with all its lines',
    });
  });

  test('is violated by a line that is missing', () => {
    const history = honest();
    history.ledger = history.ledger.filter(({ kind, line }) => kind !== 'placed' || line.sku !== 1);
    expect(judge('no-lost-orders', history.evidence())).toMatchObject({
      verdict: 'violated',
      detail: '1 line of 2 accepted orders lost or changed',
      offenders: ['order 2 (key 20), 1 unit of sku-1: not in the ledger'],
    });
  });

  test.each([
    ['units', { lines: [{ sku: 0, units: 2 }] }],
    ['customer', { user: 77 }],
  ])('is violated by an order with other %s', (_, changes) => {
    const history = new History([5]).enter('placed', order(1, changes)).tell('accepted', order(1));
    expect(judge('no-lost-orders', history.evidence())).toMatchObject({ verdict: 'violated' });
  });

  test('a replayed answer is a promise too', () => {
    const history = new History([5]).accept(order(1)).tell('unknown', order(2)).replay(order(2));
    expect(judge('no-lost-orders', history.evidence())).toMatchObject({
      verdict: 'violated',
      offenders: ['order 2 (key 20), 1 unit of sku-0: not in the ledger'],
    });
  });

  test('is unknown while a missing order may be in the queue, or the ledger is not all there', () => {
    const history = honest().tell('accepted', order(3));
    const shortLedger = newLedgerLog(1);
    for (const row of tableRows(history.evidence().ledger!)) shortLedger.push(row);
    for (const changes of [{ drained: false }, { ledger: undefined }, { ledger: shortLedger }]) {
      expect(judge('no-lost-orders', history.evidence(changes))).toMatchObject({ verdict: 'unknown' });
    }
  });

  test('is unknown without all the receipts', () => {
    const shortReceipts = newReceiptLog(1);
    for (const row of tableRows(honest().evidence().receipts!)) shortReceipts.push(row);
    for (const receipts of [undefined, shortReceipts]) {
      expect(judge('no-lost-orders', honest().evidence({ receipts }))).toMatchObject({ verdict: 'unknown' });
    }
  });
});

describe('no-phantom-orders', () => {
  test('holds when every order was asked for, answered or not', () => {
    const history = honest().tell('unknown', order(3)).enter('placed', order(3));
    expect(judge('no-phantom-orders', history.evidence())).toMatchObject({
      verdict: 'held',
      detail: "3 ledger orders, each with a customer's receipt",
    });
  });

  test('is violated by an order that nobody placed', () => {
    const history = honest().enter('placed', order(3));
    expect(judge('no-phantom-orders', history.evidence())).toMatchObject({
      verdict: 'violated',
      detail: '1 of 3 ledger orders without a receipt',
      offenders: ['order 3 (key 30) of user 3: no receipt'],
    });
  });

  test.each<[string, Partial<Evidence>]>([
    ['a worker was lost with its receipts', { receipts: undefined }],
    ['the ledger could not be read', { ledger: undefined }],
  ])('is unknown: %s', (detail, changes) => {
    const history = honest().enter('placed', order(3));
    expect(judge('no-phantom-orders', history.evidence(changes))).toMatchObject({
      verdict: 'unknown',
      detail,
    });
  });
});

describe('no-duplicate-orders', () => {
  test('holds when each key has one order', () => {
    expect(judge('no-duplicate-orders', honest().evidence())).toMatchObject({
      verdict: 'held',
      detail: '2 keys, one order each',
    });
  });

  test('is violated by a second order of a key in the ledger', () => {
    const history = honest().enter('placed', order(9, { key: 10 }));
    expect(judge('no-duplicate-orders', history.evidence())).toMatchObject({
      verdict: 'violated',
      detail: '1 of 2 keys with several orders; 0 repeated ledger rows',
      offenders: ['key 10: orders 1, 9'],
    });
  });

  test('is violated by a replay that names another order', () => {
    const history = honest().replay(order(9, { key: 10 }));
    expect(judge('no-duplicate-orders', history.evidence())).toMatchObject({
      verdict: 'violated',
      offenders: ['key 10: orders 1, 9'],
    });
  });

  test('is violated by an entry that is in the ledger twice', () => {
    const history = honest().write('placed', order(1));
    expect(judge('no-duplicate-orders', history.evidence())).toMatchObject({
      verdict: 'violated',
      offenders: ['order 1 (key 10), 1 unit of sku-0: in the ledger more than once'],
    });
  });

  test.each<Partial<Evidence>>([{ receipts: undefined }, { ledger: undefined }, { drained: false }])(
    'is unknown when a witness is missing: %o',
    (changes) => {
      expect(judge('no-duplicate-orders', honest().evidence(changes))).toMatchObject({ verdict: 'unknown' });
    },
  );
});

describe('per-user-limit', () => {
  test('holds up to the limit, and a cancelled order makes room', () => {
    const [first, second, third] = [1, 2, 3].map((id) => order(id, { user: 5 })) as [
      ReturnType<typeof order>,
      ReturnType<typeof order>,
      ReturnType<typeof order>,
    ];
    const history = new History([9], 2).accept(first).accept(second).cancel(first).accept(third);
    expect(judge('per-user-limit', history.evidence())).toMatchObject({
      verdict: 'held',
      detail: '1 pair of user and SKU, none above the limit of 2 units',
    });
  });

  test('is violated by one unit more, even for a moment', () => {
    const [first, second] = [order(1, { user: 5 }), order(2, { user: 5 })];
    const history = new History([9], 1).accept(first).accept(second).cancel(second);
    expect(judge('per-user-limit', history.evidence())).toMatchObject({
      verdict: 'violated',
      detail: '1 of 1 pair of user and SKU above the limit of 1 unit',
      offenders: ['user 5: 2 units of sku-0, limit 1'],
    });
  });

  test('is violated by a promise that the ledger does not know', () => {
    const history = new History([9], 1).accept(order(1, { user: 5 })).tell('accepted', order(2, { user: 5 }));
    expect(judge('per-user-limit', history.evidence())).toMatchObject({ verdict: 'violated' });
  });

  test.each<Partial<Evidence>>([{ receipts: undefined }, { ledger: undefined }, { drained: false }])(
    'is unknown when a witness is missing: %o',
    (changes) => {
      expect(judge('per-user-limit', honest().evidence(changes))).toMatchObject({ verdict: 'unknown' });
    },
  );
});

describe('no-lost-messages', () => {
  test('holds when every confirmed line is in the ledger; repeats are only counted', () => {
    const history = honest().confirm(order(1)).tell('paid', order(1));
    history.events.redelivered = 3;
    expect(judge('no-lost-messages', history.evidence())).toMatchObject({
      verdict: 'held',
      detail: '4 ledger rows of 4 confirmed order lines, 0 messages waiting, 0 set aside, 3 redelivered',
    });
  });

  test('is violated by a confirmed event that came nowhere', () => {
    const history = honest().confirm(order(3)).tell('accepted', order(3));
    expect(judge('no-lost-messages', history.evidence())).toMatchObject({
      verdict: 'violated',
      detail: expect.stringMatching(/^4 ledger rows of 5 confirmed order lines/),
      offenders: ['order 3 (key 30), 1 unit of sku-0: no placed entry'],
    });
  });

  test('names a lost payment; cancellations do not make up for it', () => {
    const history = honest();
    history.ledger = history.ledger.filter(({ kind }) => kind !== 'paid');
    expect(judge('no-lost-messages', history.evidence())).toMatchObject({
      verdict: 'violated',
      offenders: ['order 1 (key 10), 1 unit of sku-0: no paid entry'],
    });
  });

  test('what waits on the broker or was set aside is not lost', () => {
    const history = honest().confirm(order(3)).confirm(order(4));
    const backlog = { waiting: 1, deadLettered: 0 };
    // An order has up to two lines here, so one message may hold both.
    expect(judge('no-lost-messages', history.evidence({ backlog }))).toMatchObject({ verdict: 'held' });
    const more = history.confirm(order(5));
    expect(judge('no-lost-messages', more.evidence({ backlog }))).toMatchObject({ verdict: 'violated' });
    expect(
      judge('no-lost-messages', more.evidence({ backlog: { waiting: 1, deadLettered: 1 } })),
    ).toMatchObject({
      verdict: 'held',
    });
  });

  test('publishes without an answer are said', () => {
    const history = honest();
    history.events.unknown = 2;
    expect(judge('no-lost-messages', history.evidence()).detail).toMatch(/2 without an answer$/);
  });

  test.each<[string, Partial<Evidence>]>([
    ['the broker could not be asked', { backlog: undefined }],
    ['the queue was not empty at its deadline', { drained: false }],
    ['a worker was lost with its receipts', { receipts: undefined }],
    ['the ledger could not be read', { ledger: undefined }],
  ])('a missing row is unknown: %s', (detail, changes) => {
    const history = honest().confirm(order(3));
    expect(judge('no-lost-messages', history.evidence(changes))).toMatchObject({
      verdict: 'unknown',
      detail: expect.stringContaining(detail),
    });
  });
});
