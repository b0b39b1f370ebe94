import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REGISTRY } from '../../src/engine/registry.ts';
import type { PlacedOrder } from '../../src/engine/types.ts';
import { GuardedStock } from '../support/guarded-stock.ts';
import { linesOf, placedOrder } from '../../src/contract/orders.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

const UNITS = [6, 3, 1];

type Step =
  | { readonly do: 'reserve'; readonly order: PlacedOrder }
  | { readonly do: 'restore'; readonly of: number; readonly because: 'cancelled' | 'not-placed' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('reserve' as const),
    order: fc
      .record({
        key: fc.integer({ min: 1, max: 6 }),
        user: fc.integer({ min: 1, max: 3 }),
        units: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)).filter((units) => units.some((n) => n > 0)),
      })
      .map(({ key, user, units }) => placedOrder(0, { key, user, lines: linesOf(...units) })),
  }),
  fc.record({
    do: fc.constant('restore' as const),
    of: fc.nat(30),
    because: fc.constantFrom('cancelled' as const, 'not-placed' as const),
  }),
);

/** What every stock is: units, who has how many, and the order of each key. */
const model = (limitPerUser: number) => {
  const left = [...UNITS];
  const taken = new Map<string, number>();
  const orders = new Map<number, { readonly orderId: number; live: boolean }>();
  const has = (user: number, sku: number) => taken.get(`${user} ${sku}`) ?? 0;
  const move = ({ user, lines }: PlacedOrder, sign: 1 | -1) => {
    for (const { sku, units } of lines) {
      left[sku]! -= sign * units;
      taken.set(`${user} ${sku}`, has(user, sku) + sign * units);
    }
  };
  return {
    levels: () => [...left],
    reserve(order: PlacedOrder) {
      const holder = orders.get(order.key);
      if (holder) return { kind: 'duplicate', orderId: holder.orderId };
      for (const { sku, units } of order.lines) {
        if (left[sku]! < units) return { kind: 'sold-out', sku };
        if (limitPerUser > 0 && has(order.user, sku) + units > limitPerUser)
          return { kind: 'limit-reached', sku };
      }
      move(order, 1);
      orders.set(order.key, { orderId: order.orderId, live: true });
      return { kind: 'reserved' };
    },
    restore(order: PlacedOrder, because: 'cancelled' | 'not-placed') {
      const holder = orders.get(order.key);
      if (holder?.orderId !== order.orderId || !holder.live) return 'not-reserved';
      move(order, -1);
      holder.live = false;
      if (because === 'not-placed') orders.delete(order.key);
      return 'restored';
    },
  };
};

interface Subject {
  reserve(order: PlacedOrder): unknown;
  restore(order: PlacedOrder, because: 'cancelled' | 'not-placed'): unknown;
}

/** Everything a subject answers. Orders are numbered as they are asked for; a restore names one of them. */
const answersOf = async (subject: Subject, steps: readonly Step[]): Promise<unknown[]> => {
  const asked: PlacedOrder[] = [];
  const answers: unknown[] = [];
  for (const next of steps) {
    if (next.do === 'reserve') {
      const order = { ...next.order, orderId: asked.length + 1 };
      asked.push(order);
      answers.push(await subject.reserve(order));
    } else if (asked.length > 0) {
      answers.push(await subject.restore(asked[next.of % asked.length]!, next.because));
    }
  }
  return answers;
};

/** Whoever repeats a key repeats the user and the lines. */
const withSameRequests = (steps: readonly Step[]): readonly Step[] => {
  const requests = new Map<number, PlacedOrder>();
  return steps.map((next) => {
    if (next.do === 'restore') return next;
    const order = requests.get(next.order.key) ?? next.order;
    requests.set(order.key, order);
    return { ...next, order };
  });
};

describe.each(WORLDS)('stocks do as their model does, $world', ({ open }) => {
  let space: Space;
  let node: TestNode;
  let runs = 0;

  beforeAll(async () => {
    space = await open();
    await space.define();
    node = await space.node();
  });
  afterAll(() => space.close());

  test.each(Object.values(REGISTRY.stock))('$name', async (strategy) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.constantFrom(0, 2),
        async (anySteps, limitPerUser) => {
          const { idempotent } = strategy.guarantees;
          const steps = idempotent === 'same-request' ? withSameRequests(anySteps) : anySteps;
          runs += 1;
          const namespace = {
            ...space.namespace,
            key: (name: string, part?: string) => space.namespace.key(`${runs}:${name}`, part),
          };
          const stock = new GuardedStock(
            strategy,
            { ...node, namespace },
            { skus: UNITS.length, limitPerUser },
          );
          await stock.bare.seed(UNITS);
          const expected = model(limitPerUser);
          expect(await answersOf(stock, steps)).toEqual(await answersOf(expected, steps));
          expect(await stock.bare.levels()).toEqual(expected.levels());
        },
      ),
      { numRuns: 60 },
    );
  });
});
