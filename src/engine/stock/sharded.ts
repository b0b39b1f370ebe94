import { z } from 'zod';
import { BackendError } from '../../backends/ports.ts';
import { unreachable } from '../../kernel/assert.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { OrderLine, PlacedOrder, Sku } from '../types.ts';
import { Buckets } from './buckets.ts';
import type { ReserveOutcome, StockStrategy } from './port.ts';
import { KEY_RETRIES, retryConflicts } from './retry.ts';

const options = z.strictObject({
  buckets: z.int().min(1).max(64).default(8).describe('parts into which the units of a SKU are divided'),
});

export const sharded: StockStrategy<z.infer<typeof options>> = {
  name: 'sharded',
  summary: "a SKU's units in several buckets, each in a hash slot of its own: a hot SKU on many masters",
  page: `The units of a SKU are divided among buckets, which a Redis Cluster spreads over its masters. A user begins at the bucket that a hash gives: one script there checks the key and the limit and takes the units. When the bucket has too few, the others are looked at before the order is called sold out, and what is missing is taken from those that have some.

An order of more units than a bucket holds, or of several SKUs, is gathered from several buckets. No script spans two hash slots, so its key is marked pending, and whatever it took is given back when it cannot be had whole. A repetition waits for it, and is contended if that takes too long. The key is kept in the bucket where its user begins with its first SKU: it is not known as a repetition with another user or another first SKU.

Breaks: while orders of several units gather the last ones, each may hold what the other needs: both are sold out, though one could have been served. Units that come back to a bucket just looked at are missed in the same way. An order that crashes while it gathers leaks its units and leaves its key pending. It never oversells.

Costs one round trip while the home bucket lasts, then three or more. On a single Redis it gains nothing. Choose it when one master cannot carry the hot SKU.`,
  guarantees: { oversellSafe: 'always', idempotent: 'same-request', givesUp: false },
  uses: ['redis'],
  options,
  open(chosen, context) {
    const { redis, namespace, settings } = context;
    const buckets = new Buckets(redis, namespace, chosen.buckets, settings.limitPerUser);
    return {
      reserve: (order) => retryConflicts(context, KEY_RETRIES, () => new Gathering(buckets, order).reserve()),
      async restore(order, because) {
        if (!(await buckets.release(order, because === 'cancelled'))) return 'not-reserved';
        const home = buckets.homeOf(order.user);
        await Promise.all(
          order.lines
            .slice(1)
            .flatMap(({ sku, units }) => [
              buckets.giveBack(sku, home, units),
              buckets.uncount(order.user, sku, units),
            ]),
        );
        return 'restored';
      },
      async seed(unitsBySku) {
        await inChunks(unitsBySku.length, async (sku) => buckets.fill(sku, unitsBySku[sku]!));
      },
      levels: () => inChunks(settings.skus, async (sku) => sum(await buckets.levels(sku))),
    };
  },
};

/** One order on its way through the buckets, and what it has taken so far. */
class Gathering {
  readonly #buckets: Buckets;
  readonly #order: PlacedOrder;
  readonly #takes: { readonly sku: Sku; readonly bucket: number; readonly units: number }[] = [];
  readonly #counted: OrderLine[] = [];

  constructor(buckets: Buckets, order: PlacedOrder) {
    this.#buckets = buckets;
    this.#order = order;
  }

  async reserve(): Promise<ReserveOutcome> {
    const refusal = await this.#takeAll();
    if (refusal !== undefined) {
      await this.#undo();
      return refusal;
    }
    const { lines } = this.#order;
    const settledAtHome = lines.length === 1 && this.#takes[0]!.units === lines[0]!.units;
    if (!settledAtHome) await certain(this.#buckets.settle(this.#order));
    return { kind: 'reserved' };
  }

  async #takeAll(): Promise<ReserveOutcome | undefined> {
    try {
      for (const lineIndex of this.#order.lines.keys()) {
        const refusal = await this.#takeLine(lineIndex);
        if (refusal !== undefined) return refusal;
      }
      return undefined;
    } catch (error) {
      await this.#undo();
      throw error;
    }
  }

  /** Gives why the line cannot be had. */
  async #takeLine(lineIndex: number): Promise<ReserveOutcome | undefined> {
    const { sku, units } = this.#order.lines[lineIndex]!;
    const home = this.#buckets.homeOf(this.#order.user);
    let taking = await this.#buckets.takeAtHome(this.#order, lineIndex, false);
    let levels: readonly number[] = [];
    if (taking.kind === 'short') {
      levels = await this.#buckets.levels(sku);
      if (sum(levels) < units) return { kind: 'sold-out', sku };
      taking = await this.#buckets.takeAtHome(this.#order, lineIndex, true);
    }
    switch (taking.kind) {
      case 'held':
        return taking.holder === undefined
          ? { kind: 'conflict' }
          : { kind: 'duplicate', orderId: taking.holder };
      case 'limit-reached':
        return { kind: 'limit-reached', sku };
      case 'taken':
      case 'part':
        this.#takes.push({ sku, bucket: home, units: taking.units });
        this.#counted.push({ sku, units });
        return (await this.#probe(sku, units - taking.units, levels)) ? undefined : { kind: 'sold-out', sku };
      case 'short':
        throw new Error('a bucket that may give a part is never short');
      default:
        return unreachable(taking);
    }
  }

  /** Takes what is missing from the other buckets that had units, beginning behind the home. */
  async #probe(sku: Sku, missing: number, levels: readonly number[]): Promise<boolean> {
    const { count } = this.#buckets;
    const home = this.#buckets.homeOf(this.#order.user);
    let left = missing;
    for (let step = 1; step < count && left > 0; step += 1) {
      const bucket = (home + step) % count;
      if ((levels[bucket] ?? 0) <= 0) continue;
      const units = await this.#buckets.takeSome(sku, bucket, left);
      if (units > 0) this.#takes.push({ sku, bucket, units });
      left -= units;
    }
    return left === 0;
  }

  /** The key is freed last: nobody may begin anew with it while units are still out. */
  async #undo(): Promise<void> {
    if (this.#counted.length === 0) return;
    await certain(
      Promise.all([
        ...this.#takes.map(({ sku, bucket, units }) => this.#buckets.giveBack(sku, bucket, units)),
        ...this.#counted.map(({ sku, units }) => this.#buckets.uncount(this.#order.user, sku, units)),
      ]),
    );
    await certain(this.#buckets.unclaim(this.#order));
  }
}

/** A step of which an order depends that has begun: when it fails, how the order ends is not known, whatever failed. */
const certain = async (step: Promise<unknown>): Promise<void> => {
  try {
    await step;
  } catch (error) {
    throw new BackendError('redis', 'unknown', `an order was left half-way: ${messageOf(error)}`, error);
  }
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** SKUs whose commands leave together. */
const CHUNK = 1_000;

const inChunks = async <T>(skus: number, work: (sku: Sku) => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  while (results.length < skus) {
    const size = Math.min(CHUNK, skus - results.length);
    const first = results.length;
    results.push(...(await Promise.all(Array.from({ length: size }, (_, i) => work(first + i)))));
  }
  return results;
};
