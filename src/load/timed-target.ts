import type {
  OrderLine,
  OrderRequest,
  PlacedOrder,
  PlaceOutcome,
  ProductView,
  Sku,
  StepOutcome,
  Target,
} from '../engine/types.ts';
import type { Clock } from '../kernel/clock.ts';
import { stepSeries, type Step, type StepEnding } from '../scenarios/steps.ts';

interface Setting {
  readonly clock: Clock;
  /** Undefined when nodes are not told apart. */
  readonly node: number | undefined;
  /** Gives what records one series, in µs. */
  readonly series: (name: string) => (micros: number) => void;
  /** Once it aborts, what is under way was given up, and is not recorded. */
  readonly signal: AbortSignal;
}

type Recordings = { [Outcome in StepEnding]?: (micros: number) => void };

/** Times each step that customers take, by how it ended. A step that throws has failed. */
export class TimedTarget implements Target {
  readonly #shop: Target;
  readonly #setting: Setting;
  readonly #recordings: { readonly [S in Step]: Recordings } = {
    browse: {},
    'add-to-cart': {},
    'take-cart': {},
    place: {},
    pay: {},
    cancel: {},
  };

  constructor(shop: Target, setting: Setting) {
    this.#shop = shop;
    this.#setting = setting;
  }

  browse(sku: Sku): Promise<ProductView | undefined> {
    const startedMs = this.#setting.clock.now();
    return this.#time('browse', startedMs, this.#shop.browse(sku), (page) => (page ? 'found' : 'missing'));
  }

  addToCart(user: number, line: OrderLine): Promise<void> {
    const startedMs = this.#setting.clock.now();
    return this.#time('add-to-cart', startedMs, this.#shop.addToCart(user, line), () => 'done');
  }

  takeCart(user: number): Promise<readonly OrderLine[]> {
    const startedMs = this.#setting.clock.now();
    return this.#time('take-cart', startedMs, this.#shop.takeCart(user), () => 'done');
  }

  place(order: OrderRequest): Promise<PlaceOutcome> {
    const startedMs = this.#setting.clock.now();
    return this.#time('place', startedMs, this.#shop.place(order), (outcome) =>
      outcome.kind === 'accepted' && outcome.replayed ? 'replayed' : outcome.kind,
    );
  }

  pay(order: PlacedOrder): Promise<StepOutcome> {
    const startedMs = this.#setting.clock.now();
    return this.#time('pay', startedMs, this.#shop.pay(order), ({ kind }) => kind);
  }

  cancel(order: PlacedOrder): Promise<StepOutcome> {
    const startedMs = this.#setting.clock.now();
    return this.#time('cancel', startedMs, this.#shop.cancel(order), ({ kind }) => kind);
  }

  /** Gives the shop's own promise: one of our own around it would cost as much as all the rest of this. */
  #time<S extends Step, T>(
    step: S,
    startedMs: number,
    answer: Promise<T>,
    endingOf: (answer: T) => StepEnding<S>,
  ): Promise<T> {
    void answer.then(
      (given) => this.#record(step, endingOf(given), startedMs),
      () => this.#record(step, 'failed', startedMs),
    );
    return answer;
  }

  #record(step: Step, ending: StepEnding, startedMs: number): void {
    const { clock, node, series, signal } = this.#setting;
    if (signal.aborted) return;
    const record = (this.#recordings[step][ending] ??= series(stepSeries(step, ending, node)));
    record((clock.now() - startedMs) * 1_000);
  }
}
