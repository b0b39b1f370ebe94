import type { OrderLine, PlaceOutcome, Target } from '../../../src/engine/types.ts';
import { wallClock, type Clock } from '../../../src/kernel/clock.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { createCatalogue, type CatalogueConfig } from '../../../src/scenarios/catalogue.ts';
import type { FedField } from '../../../src/scenarios/feeders/fields.ts';
import type { Journey, Session } from '../../../src/scenarios/journey.ts';

/** A request as a customer sent it. */
export type Request = readonly [step: string, ...details: unknown[]];

/** A shop that sells everything (or answers as told) and remembers what it was asked. */
export class RecordingTarget implements Target {
  readonly requests: Request[] = [];
  readonly #answer: PlaceOutcome;
  readonly #carts = new Map<number, OrderLine[]>();

  constructor(answer: PlaceOutcome = { kind: 'accepted', orderId: 7, replayed: false }) {
    this.#answer = answer;
  }

  of(step: string): unknown[] {
    return this.requests.filter(([name]) => name === step).map(([, ...details]) => details[0]);
  }

  async browse(sku: number) {
    this.requests.push(['browse', sku]);
    return { sku, priceCents: 100, soldOut: false, version: 1 };
  }

  async addToCart(user: number, line: OrderLine) {
    this.requests.push(['addToCart', { user, line }]);
    this.#carts.set(user, [...(this.#carts.get(user) ?? []), line]);
  }

  async takeCart(user: number) {
    this.requests.push(['takeCart', user]);
    const lines = this.#carts.get(user) ?? [];
    this.#carts.delete(user);
    return lines.toSorted((a, b) => a.sku - b.sku);
  }

  async place(order: Parameters<Target['place']>[0]) {
    this.requests.push(['place', order]);
    return this.#answer;
  }

  async pay(order: Parameters<Target['pay']>[0]) {
    this.requests.push(['pay', order]);
    return { kind: 'done' } as const;
  }

  async cancel(order: Parameters<Target['cancel']>[0]) {
    this.requests.push(['cancel', order]);
    return { kind: 'done' } as const;
  }
}

interface Setting {
  readonly seed?: number;
  readonly options?: Record<string, unknown>;
  readonly catalog?: Partial<CatalogueConfig>;
  readonly clock?: Clock;
  readonly isOpen?: boolean;
  readonly signal?: AbortSignal;
  readonly target?: RecordingTarget;
  readonly vus?: number;
  /** What a feeder gives. */
  readonly fed?: { readonly [Field in FedField]?: number };
}

/** Runs the iterations one after the other, each with its own seeded chance, against one recording shop. */
export const runJourney = async (
  journey: Journey,
  iterations: readonly number[],
  setting: Setting = {},
): Promise<RecordingTarget> => {
  const { seed = 1, options = {}, catalog = {}, clock = wallClock, isOpen = true, signal, target } = setting;
  const { vus = 1, fed = {} } = setting;
  const shop = target ?? new RecordingTarget();
  const catalogue = createCatalogue({
    skus: 100,
    limitPerUser: 1,
    popularity: { kind: 'zipf', exponent: 0.99 },
    ...catalog,
  });
  for (const iteration of iterations) {
    const session: Session = {
      target: shop,
      catalogue,
      clock,
      random: new SeededRandom(seed, iteration),
      iteration,
      vu: iteration % vus,
      fed: (field) => fed[field],
      isOpen,
      signal: signal ?? new AbortController().signal,
    };
    await journey.run(session, journey.options.parse(options));
  }
  return shop;
};

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
