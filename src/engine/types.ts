/** The words of the engine: what a shop's customers ask for and what they are told. */

/** A product's place in the catalogue, from 0; shown to people as `sku-0`. */
export type Sku = number;

export interface OrderLine {
  readonly sku: Sku;
  readonly units: number;
}

export interface OrderRequest {
  /** The client's idempotency key, a safe integer: the same key is the same order. */
  readonly key: number;
  readonly user: number;
  /** Sorted by SKU, each SKU once: every strategy takes them in this order, so that two orders cannot deadlock. */
  readonly lines: readonly OrderLine[];
}

/** How one attempt to place an order ended. */
export type PlaceOutcome =
  /** `replayed`: the key had been accepted before, and this is the same order again. */
  | { readonly kind: 'accepted'; readonly orderId: number; readonly replayed: boolean }
  | { readonly kind: 'sold-out'; readonly sku: Sku }
  | { readonly kind: 'limit-reached'; readonly sku: Sku }
  /** The lock, or a bounded optimistic retry, was not won in time. */
  | { readonly kind: 'contended' }
  /** Certainly not placed. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Perhaps placed: an answer was lost. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** How a later step of an order (pay, cancel) ended. `rejected`: the order's state does not allow it. */
export type StepOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface ProductView {
  readonly sku: Sku;
  readonly priceCents: number;
  readonly soldOut: boolean;
  /** Grows with every change of the product. */
  readonly version: number;
}

/** An accepted order, as the client needs to remember it to pay or to cancel it. */
export interface PlacedOrder extends OrderRequest {
  readonly orderId: number;
}

/** A shop as its customers see it. The in-process engine is one; anything that answers like it can be another. */
export interface Target {
  browse(sku: Sku): Promise<ProductView | undefined>;
  addToCart(user: number, line: OrderLine): Promise<void>;
  /** Reads the cart and empties it: lines sorted by SKU, each SKU once. */
  takeCart(user: number): Promise<readonly OrderLine[]>;
  place(order: OrderRequest): Promise<PlaceOutcome>;
  pay(order: PlacedOrder): Promise<StepOutcome>;
  cancel(order: PlacedOrder): Promise<StepOutcome>;
}

/** What happened to an order, as it is written in the ledger: one entry per order line. */
export const EVENT_KINDS = ['placed', 'paid', 'cancelled'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface OrderEvent {
  readonly kind: EventKind;
  readonly order: PlacedOrder;
  /** When the engine decided it: `Clock.epoch()`. */
  readonly atMs: number;
}
