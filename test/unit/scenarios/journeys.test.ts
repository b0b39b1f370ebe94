import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderLine, OrderRequest, PlacedOrder } from '../../../src/engine/types.ts';
import type { Clock } from '../../../src/kernel/clock.ts';
import { JOURNEYS } from '../../../src/scenarios/journeys/index.ts';
import { range, RecordingTarget, runJourney } from './recording-target.ts';

const flashSale = JOURNEYS['flash-sale']!;
const checkout = JOURNEYS['checkout']!;

/** A clock that lets every wait pass at once and remembers how long it was. */
const hastyClock = () => {
  const waitsMs: number[] = [];
  const clock: Clock = {
    now: () => 0,
    epoch: () => 0,
    schedule(delayMs, callback) {
      waitsMs.push(delayMs);
      queueMicrotask(callback);
      return () => {};
    },
  };
  return { clock, waitsMs };
};

describe('every journey', () => {
  it('is named as it is registered, and needs no options', () => {
    for (const [name, journey] of Object.entries(JOURNEYS)) {
      expect(journey.name).toBe(name);
      expect(() => journey.options.parse({})).not.toThrow();
    }
  });

  it('asks for the same things again with the same seed and iteration, in any order of iterations', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(flashSale, checkout),
        fc.nat(),
        fc.uniqueArray(fc.nat({ max: 1e12 }), { minLength: 1, maxLength: 5 }),
        async (journey, seed, iterations) => {
          const together = await runJourney(journey, iterations, { seed });
          const apart = await Promise.all(
            iterations.map((iteration) => runJourney(journey, [iteration], { seed })),
          );
          expect(apart.flatMap(({ requests }) => requests)).toEqual(together.requests);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('asks for other things with another seed', async () => {
    for (const journey of [flashSale, checkout]) {
      const one = await runJourney(journey, range(50), { seed: 1 });
      const two = await runJourney(journey, range(50), { seed: 2 });
      expect(one.requests).not.toEqual(two.requests);
    }
  });

  it('gives every order a safe key of its own, whatever the iteration', async () => {
    for (const journey of [flashSale, checkout]) {
      const iterations = [...range(2_000), 90_000_000_000];
      const options = journey === flashSale ? { doubleClickShare: 0, botOrders: 16 } : {};
      const shop = await runJourney(journey, iterations, { options });
      const keys = shop.of('place').map((order) => (order as OrderRequest).key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.every(Number.isSafeInteger)).toBe(true);
    }
  });

  it('pauses by the clock, between half and one and a half times of the think time', async () => {
    for (const journey of [flashSale, checkout]) {
      const { clock, waitsMs } = hastyClock();
      await runJourney(journey, range(20), { clock, options: { thinkMs: 100 } });
      expect(waitsMs.length).toBeGreaterThan(20);
      expect(Math.min(...waitsMs)).toBeGreaterThanOrEqual(50);
      expect(Math.max(...waitsMs)).toBeLessThan(150);
    }
  });

  it('thinks as it is told: always the same, evenly around the average, or with a long tail that is cut', async () => {
    for (const journey of [flashSale, checkout]) {
      const waitsOf = async (think: string) => {
        const { clock, waitsMs } = hastyClock();
        const fewBots = journey === flashSale ? { botShare: 0 } : {};
        await runJourney(journey, range(2_000), { clock, options: { ...fewBots, thinkMs: 100, think } });
        return waitsMs;
      };
      expect(new Set(await waitsOf('constant'))).toEqual(new Set([100]));
      const waitsMs = await waitsOf('log-normal');
      const meanMs = waitsMs.reduce((sum, ms) => sum + ms, 0) / waitsMs.length;
      expect(meanMs / 100).toBeCloseTo(1, 1);
      expect(waitsMs.every((ms) => ms > 0 && ms <= 1_000)).toBe(true);
      expect(waitsMs.filter((ms) => ms === 1_000).length).toBeGreaterThan(0);
      // The logarithm is normal around -1/2: half of the pauses are shorter than exp(-1/2) of the average.
      expect(waitsMs.filter((ms) => ms < 100 * Math.exp(-0.5)).length / waitsMs.length).toBeCloseTo(0.5, 1.5);
      expect(await waitsOf('log-normal')).toEqual(waitsMs);
    }
  });

  it('only looks while the sale is not open', async () => {
    for (const journey of [flashSale, checkout]) {
      const shop = await runJourney(journey, range(300), { isOpen: false });
      expect(shop.of('browse').length).toBeGreaterThan(1_000);
      expect(shop.of('place')).toEqual([]);
    }
  });

  it('goes no further than the step under way when the run stops at once', async () => {
    const signal = AbortSignal.abort();
    for (const journey of [flashSale, checkout]) {
      const options = journey === flashSale ? { botShare: 0 } : {};
      const shop = await runJourney(journey, [1], { signal, options: { ...options, thinkMs: 3_600_000 } });
      expect(shop.requests.map(([step]) => step)).toEqual(['browse']);
    }
  });
});

/** The steps by the names that the target has for them. */
const STEP_NAMES: Readonly<Record<string, string>> = { addToCart: 'add-to-cart', takeCart: 'take-cart' };

describe('a customer', () => {
  const plain = (journey: typeof checkout) =>
    journey === flashSale ? { botShare: 0, doubleClickShare: 0 } : { abandonShare: 0 };
  const usersOf = async (journey: typeof checkout, options: object, fed = {}) => {
    const settings = { ...plain(journey), ...options };
    const shop = await runJourney(journey, range(9), { vus: 3, fed, options: settings });
    return (shop.of('place') as OrderRequest[]).map(({ user }) => user);
  };

  it('is a new one in every iteration, the same in all of a virtual user, or one of a feeder', async () => {
    const first = { 'flash-sale': 10, checkout: 0 };
    for (const [name, from] of Object.entries(first)) {
      const journey = JOURNEYS[name]!;
      expect(await usersOf(journey, {})).toEqual(range(9).map((iteration) => from + iteration));
      expect(await usersOf(journey, { user: 'vu' })).toEqual(
        [0, 1, 2, 0, 1, 2, 0, 1, 2].map((vu) => from + vu),
      );
      expect(await usersOf(journey, { user: 'people.id' }, { user: 77 })).toEqual(Array(9).fill(77));
    }
  });

  it('wants what a feeder gives', async () => {
    for (const journey of [flashSale, checkout]) {
      const shop = await runJourney(journey, range(9), {
        fed: { sku: 42, units: 7 },
        options: plain(journey),
      });
      const orders = shop.of('place') as OrderRequest[];
      expect(orders).toHaveLength(9);
      for (const { lines } of orders) expect(lines).toEqual([{ sku: 42, units: 7 }]);
    }
  });

  it('pays or declines, and when, as a feeder says', async () => {
    const { clock, waitsMs } = hastyClock();
    const options = { ...plain(checkout), declineShare: 0.5 };
    const paying = await runJourney(checkout, range(9), {
      clock,
      options,
      fed: { declined: 0, payAfterMs: 90 },
    });
    expect([paying.of('pay').length, paying.of('cancel').length, waitsMs]).toEqual([9, 0, Array(9).fill(90)]);
    const declining = await runJourney(checkout, range(9), { options, fed: { declined: 1, payAfterMs: 0 } });
    expect([declining.of('pay').length, declining.of('cancel').length]).toEqual([0, 9]);
  });

  it('takes no step that the journey does not name, and each that it does', async () => {
    for (const journey of [flashSale, checkout]) {
      const shop = await runJourney(journey, range(200));
      const taken = new Set(shop.requests.map(([step]) => STEP_NAMES[step] ?? step));
      expect([...taken].toSorted()).toEqual(journey.steps.toSorted());
    }
  });
});

describe('a customer who was not served', () => {
  const patient = { maxRetries: 3, retryMs: 100 };
  const oneOrder = (journey: typeof checkout) =>
    journey === flashSale ? { botShare: 0, doubleClickShare: 0 } : { abandonShare: 0 };

  it.each([
    [{ kind: 'contended' }, 4],
    [{ kind: 'unknown', reason: 'gone' }, 4],
    [{ kind: 'sold-out', sku: 0 }, 1],
    [{ kind: 'limit-reached', sku: 0 }, 1],
    [{ kind: 'failed', reason: 'no' }, 1],
    [{ kind: 'accepted', orderId: 7, replayed: false }, 1],
  ] as const)('who is told %j sends the same order %i times', async (answer, times) => {
    for (const journey of [flashSale, checkout]) {
      const { clock, waitsMs } = hastyClock();
      const target = new RecordingTarget(answer);
      await runJourney(journey, [1], { clock, target, options: { ...oneOrder(journey), ...patient } });
      const orders = target.of('place');
      expect(orders).toHaveLength(times);
      for (const order of orders) expect(order).toEqual(orders[0]);
      expect(waitsMs).toHaveLength(times - 1);
      for (const [retry, ms] of waitsMs.entries()) expect(ms).toBeLessThan(100 * 2 ** retry);
    }
  });

  it('gives up at once by default, and when the run is stopped', async () => {
    for (const journey of [flashSale, checkout]) {
      const target = new RecordingTarget({ kind: 'contended' });
      await runJourney(journey, [1], { target, options: oneOrder(journey) });
      expect(target.of('place')).toHaveLength(1);
      const stopping = new RecordingTarget({ kind: 'contended' });
      const options = { ...oneOrder(journey), ...patient, retryMs: 60_000 };
      const noLooks = journey === flashSale ? { readsPerOrder: 0 } : { browses: 0 };
      const stop = new AbortController();
      const { clock } = hastyClock();
      const schedule = () => {
        queueMicrotask(() => stop.abort());
        return () => {};
      };
      const waiting = { ...clock, schedule };
      await runJourney(journey, [1], {
        target: stopping,
        clock: waiting,
        signal: stop.signal,
        options: { ...options, ...noLooks },
      });
      expect(stopping.of('place')).toHaveLength(1);
    }
  });
});

describe('flash-sale', () => {
  it('reads so many times before each order, of one product', async () => {
    const shop = await runJourney(flashSale, [3], {
      options: { readsPerOrder: 7, botShare: 0, doubleClickShare: 0 },
    });
    const [order] = shop.of('place') as OrderRequest[];
    expect(shop.of('browse')).toEqual(Array(7).fill(order!.lines[0]!.sku));
    expect(shop.requests.at(-1)![0]).toBe('place');
    expect(order!.lines).toEqual([{ sku: order!.lines[0]!.sku, units: 1 }]);
  });

  it('sends a double click as the same order twice', async () => {
    const shop = await runJourney(flashSale, [3], { options: { botShare: 0, doubleClickShare: 1 } });
    const [first, second, ...others] = shop.of('place');
    expect(second).toEqual(first);
    expect(others).toEqual([]);
  });

  it('lets bots share few accounts, each order under a new key, and no customer is a bot', async () => {
    const options = { botUsers: 4, botOrders: 5 };
    const bots = await runJourney(flashSale, range(200), { options: { ...options, botShare: 1 } });
    const botOrders = bots.of('place') as OrderRequest[];
    expect(botOrders).toHaveLength(1_000);
    expect(new Set(botOrders.map(({ user }) => user))).toEqual(new Set([0, 1, 2, 3]));
    expect(bots.of('browse')).toEqual([]);

    const people = await runJourney(flashSale, range(200), {
      options: { ...options, botShare: 0, doubleClickShare: 0 },
    });
    const users = (people.of('place') as OrderRequest[]).map(({ user }) => user);
    expect(new Set(users).size).toBe(200);
    expect(Math.min(...users)).toBe(4);
  });

  it('keeps its default shares of double clicks and bots', async () => {
    const iterations = 20_000;
    const shop = await runJourney(flashSale, range(iterations), { options: { readsPerOrder: 0 } });
    const orders = shop.of('place') as OrderRequest[];
    const botOrders = orders.filter(({ user }) => user < 10).length;
    const people = iterations - botOrders / 3;
    expect(botOrders / 3 / iterations).toBeCloseTo(0.05, 2);
    expect((orders.length - botOrders - people) / people).toBeCloseTo(0.2, 1.5);
  });
});

describe('checkout', () => {
  it('orders the cart it filled: distinct products, sorted, within the bounds', async () => {
    const shop = await runJourney(checkout, range(500), {
      options: { abandonShare: 0, maxLines: 5, maxUnits: 3 },
    });
    const orders = shop.of('place') as OrderRequest[];
    const added = shop.of('addToCart') as { user: number; line: OrderLine }[];
    expect(orders).toHaveLength(500);
    for (const { user, lines } of orders) {
      const skus = lines.map(({ sku }) => sku);
      expect(skus).toEqual([...new Set(skus)].toSorted((a, b) => a - b));
      expect(lines.every(({ units }) => units >= 1 && units <= 3)).toBe(true);
      const cart = added.filter((addition) => addition.user === user).map(({ line }) => line);
      expect(lines).toEqual(cart.toSorted((a, b) => a.sku - b.sku));
    }
    expect(new Set(orders.map(({ lines }) => lines.length))).toEqual(new Set([1, 2, 3, 4, 5]));
  });

  it('fills a cart from a catalogue smaller than the cart', async () => {
    const shop = await runJourney(checkout, range(50), {
      catalog: { skus: 2 },
      options: { maxLines: 100, abandonShare: 0 },
    });
    const sizes = (shop.of('place') as OrderRequest[]).map(({ lines }) => lines.length);
    expect(Math.max(...sizes)).toBe(2);
  });

  it('pays what was accepted, or cancels it when the payment is declined', async () => {
    const paying = await runJourney(checkout, range(50), { options: { abandonShare: 0, declineShare: 0 } });
    const placed = (paying.of('place') as OrderRequest[]).map((order) => ({ ...order, orderId: 7 }));
    expect(paying.of('pay') as PlacedOrder[]).toEqual(placed);
    expect(paying.of('cancel')).toEqual([]);

    const declined = await runJourney(checkout, range(50), { options: { abandonShare: 0, declineShare: 1 } });
    expect(declined.of('pay')).toEqual([]);
    expect(declined.of('cancel')).toEqual(placed);
  });

  it('neither pays nor cancels what was not accepted', async () => {
    const target = new RecordingTarget({ kind: 'sold-out', sku: 0 });
    await runJourney(checkout, range(50), { target, options: { abandonShare: 0 } });
    expect(target.of('place')).toHaveLength(50);
    expect([...target.of('pay'), ...target.of('cancel')]).toEqual([]);
  });

  it('keeps its default shares of abandoned carts and declined payments', async () => {
    const shop = await runJourney(checkout, range(20_000), { options: { browses: 0 } });
    expect(shop.of('place').length / 20_000).toBeCloseTo(0.3, 1.5);
    expect(shop.of('cancel').length / shop.of('place').length).toBeCloseTo(0.05, 1.5);
  });
});
