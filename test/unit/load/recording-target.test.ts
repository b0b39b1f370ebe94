import { describe, expect, it } from 'vitest';
import type {
  OrderRequest,
  PlacedOrder,
  PlaceOutcome,
  StepOutcome,
  Target,
} from '../../../src/engine/types.ts';
import { RECEIPT_KINDS } from '../../../src/load/receipts.ts';
import { RecordingTarget } from '../../../src/load/recording-target.ts';
import { tableRows } from '../../support/table-rows.ts';
import { deferred, never, shopThat } from './shop.ts';

const ORDER: OrderRequest = {
  key: 16,
  user: 3,
  lines: [
    { sku: 1, units: 2 },
    { sku: 4, units: 1 },
  ],
};
const PLACED: PlacedOrder = { ...ORDER, orderId: 9 };

const record = (shop: Target) => {
  const counts: Record<string, number> = {};
  let soldOut = 0;
  const target = new RecordingTarget(
    shop,
    (counter) => {
      counts[counter] = (counts[counter] ?? 0) + 1;
    },
    () => {
      soldOut += 1;
    },
  );
  return {
    target,
    counts,
    soldOut: () => soldOut,
    receipts: () =>
      Array.from(tableRows(target.receipts), ({ kind, ...row }) => ({ kind: RECEIPT_KINDS[kind], ...row })),
  };
};

const answering = (outcome: PlaceOutcome) => record(shopThat({ place: async () => outcome }));

const rowsOf = (kind: string, orderId: number) =>
  ORDER.lines.map((line) => ({ kind, key: 16, orderId, user: 3, ...line }));

describe('what a customer is told of an order', () => {
  it('is a receipt of every line where it was accepted, now or before', async () => {
    const fresh = answering({ kind: 'accepted', orderId: 9, replayed: false });
    await fresh.target.place(ORDER);
    expect(fresh.counts).toEqual({ 'orders.attempted': 1, 'orders.accepted': 1 });
    expect(fresh.receipts()).toEqual(rowsOf('accepted', 9));

    const again = answering({ kind: 'accepted', orderId: 9, replayed: true });
    await again.target.place(ORDER);
    expect(again.counts).toEqual({ 'orders.attempted': 1, 'orders.replayed': 1 });
    expect(again.receipts()).toEqual(rowsOf('replayed', 9));
  });

  it('is a receipt without an order’s number where the answer was lost', async () => {
    const { target, counts, receipts } = answering({ kind: 'unknown', reason: 'redis: no answer' });
    await target.place(ORDER);
    expect(counts).toEqual({ 'orders.attempted': 1, 'orders.unknown': 1 });
    expect(receipts()).toEqual(rowsOf('unknown', 0));
    expect(target.failures()).toEqual([{ outcome: 'unknown', reason: 'redis: no answer', count: 1 }]);
  });

  it('is only counted where nothing was placed', async () => {
    const outcomes: readonly [PlaceOutcome, string][] = [
      [{ kind: 'sold-out', sku: 1 }, 'orders.sold-out'],
      [{ kind: 'limit-reached', sku: 1 }, 'orders.limit-reached'],
      [{ kind: 'contended' }, 'orders.contended'],
      [{ kind: 'failed', reason: 'refused' }, 'orders.failed'],
    ];
    for (const [outcome, counter] of outcomes) {
      const { target, counts, receipts, soldOut } = answering(outcome);
      expect(await target.place(ORDER)).toEqual(outcome);
      expect(counts).toEqual({ 'orders.attempted': 1, [counter]: 1 });
      expect(receipts()).toEqual([]);
      expect(soldOut()).toBe(outcome.kind === 'sold-out' ? 1 : 0);
    }
  });
});

describe('what a customer is told of a later step', () => {
  it('is a receipt where it was done, or its answer was lost', async () => {
    const told = async (step: 'pay' | 'cancel', outcome: StepOutcome) => {
      const { target, counts, receipts } = record(shopThat({ [step]: async () => outcome }));
      expect(await target[step](PLACED)).toEqual(outcome);
      return { counts, receipts: receipts() };
    };
    const lost: StepOutcome = { kind: 'unknown', reason: 'no answer' };
    expect(await told('pay', { kind: 'done' })).toEqual({
      counts: { 'orders.paid': 1 },
      receipts: rowsOf('paid', 9),
    });
    expect(await told('cancel', { kind: 'done' })).toEqual({
      counts: { 'orders.cancelled': 1 },
      receipts: rowsOf('cancelled', 9),
    });
    expect(await told('pay', lost)).toEqual({ counts: {}, receipts: rowsOf('pay-unknown', 9) });
    expect(await told('cancel', lost)).toEqual({ counts: {}, receipts: rowsOf('cancel-unknown', 9) });
    expect(await told('pay', { kind: 'rejected' })).toEqual({ counts: {}, receipts: [] });
    expect(await told('cancel', { kind: 'failed', reason: 'x' })).toEqual({ counts: {}, receipts: [] });
  });
});

describe('giving up', () => {
  it('makes unknown what was not answered, each attempt of a double click for itself', async () => {
    const { target, counts, receipts } = record(shopThat({ place: never, pay: never, cancel: never }));
    void target.place(ORDER);
    void target.place(ORDER);
    void target.pay(PLACED);
    void target.cancel(PLACED);
    target.giveUp();
    expect(counts).toEqual({ 'orders.attempted': 2, 'orders.unknown': 2 });
    expect(receipts()).toEqual([
      ...rowsOf('unknown', 0),
      ...rowsOf('unknown', 0),
      ...rowsOf('pay-unknown', 9),
      ...rowsOf('cancel-unknown', 9),
    ]);
    expect(target.failures()).toMatchObject([{ outcome: 'unknown', count: 2 }]);
    target.giveUp();
    expect(counts['orders.unknown']).toBe(2);
  });

  it('leaves the other attempt of a double click unanswered when one is answered', async () => {
    const answers = [deferred<PlaceOutcome>(), deferred<PlaceOutcome>()];
    let attempt = 0;
    const { target, counts } = record(shopThat({ place: () => answers[attempt++]!.promise }));
    const first = target.place(ORDER);
    void target.place(ORDER);
    answers[0]!.resolve({ kind: 'accepted', orderId: 9, replayed: false });
    await first;
    target.giveUp();
    expect(counts).toEqual({ 'orders.attempted': 2, 'orders.accepted': 1, 'orders.unknown': 1 });
  });

  it('counts no answer that comes afterwards: every attempt has one outcome', async () => {
    const order = deferred<PlaceOutcome>();
    const step = deferred<StepOutcome>();
    const { target, counts, receipts, soldOut } = record(
      shopThat({ place: () => order.promise, pay: () => step.promise }),
    );
    const placing = target.place(ORDER);
    const paying = target.pay(PLACED);
    target.giveUp();
    order.resolve({ kind: 'sold-out', sku: 1 });
    step.resolve({ kind: 'done' });
    expect(await placing).toEqual({ kind: 'sold-out', sku: 1 });
    expect(await paying).toEqual({ kind: 'done' });
    expect(counts).toEqual({ 'orders.attempted': 1, 'orders.unknown': 1 });
    expect(receipts()).toEqual([...rowsOf('unknown', 0), ...rowsOf('pay-unknown', 9)]);
    expect(soldOut()).toBe(0);
  });
});

describe('the record', () => {
  it('keeps apart some fifty reasons, and how often each came', async () => {
    let attempt = 0;
    const reasons = (index: number) => `reason ${index < 200 ? index : index % 10}`;
    const { target } = record(
      shopThat({
        place: async () => {
          attempt += 1;
          const kind = attempt % 2 === 0 ? 'failed' : 'unknown';
          return { kind, reason: reasons(attempt) };
        },
      }),
    );
    for (let i = 0; i < 400; i += 1) await target.place(ORDER);
    const failures = target.failures();
    expect(failures.length).toBeLessThanOrEqual(52);
    expect(failures.reduce((sum, { count }) => sum + count, 0)).toBe(400);
    expect(failures.filter(({ reason }) => reason === 'other reasons').map(({ outcome }) => outcome)).toEqual(
      ['unknown', 'failed'],
    );
    expect(failures.find(({ reason }) => reason === 'reason 4')!.count).toBe(21);
  });

  it('forgets the warm-up', async () => {
    const { target, receipts } = answering({ kind: 'unknown', reason: 'lost' });
    await target.place(ORDER);
    target.forget();
    expect([receipts(), target.failures()]).toEqual([[], []]);
    await target.place(ORDER);
    expect(receipts()).toEqual(rowsOf('unknown', 0));
  });

  it('passes everything else on', async () => {
    const { target } = record(shopThat());
    expect(await target.browse(1)).toBeUndefined();
    await target.addToCart(1, { sku: 1, units: 1 });
    expect(await target.takeCart(1)).toEqual([{ sku: 1, units: 1 }]);
  });
});
