import type {
  OrderRequest,
  PlacedOrder,
  PlaceOutcome,
  StepOutcome,
  Target,
} from '../../../src/engine/types.ts';

interface Answers {
  place?(order: OrderRequest): Promise<PlaceOutcome>;
  pay?(order: PlacedOrder): Promise<StepOutcome>;
  cancel?(order: PlacedOrder): Promise<StepOutcome>;
  browse?(): Promise<undefined>;
}

/** A shop that answers as it is told, and yes where it is not told. */
export const shopThat = (answers: Answers = {}): Target => ({
  async browse() {
    await answers.browse?.();
    return undefined;
  },
  async addToCart() {},
  takeCart: async () => [{ sku: 1, units: 1 }],
  place: async ({ key }) => ({ kind: 'accepted', orderId: key + 1, replayed: false }),
  pay: async () => ({ kind: 'done' }),
  cancel: async () => ({ kind: 'done' }),
  ...answers,
});

/** A promise that is settled by hand. */
export const deferred = <T>() => {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

export const never = (): Promise<never> => new Promise(() => {});
