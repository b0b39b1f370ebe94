import type { EngineContext, Strategy } from '../strategy.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { OrderEvent } from '../types.ts';

export type EventPublishOutcome =
  /** The strategy's promise is kept: it is in the ledger, or the broker has it. */
  | { readonly kind: 'accepted' }
  /** It certainly went nowhere. */
  | { readonly kind: 'refused'; readonly reason: string };

/** The way of an order event from the request to the ledger. */
export interface QueuePort {
  /** Creates what the strategy needs on its services; idempotent, called once before any node starts. */
  declare(): Promise<void>;
  /** Rejects with a BackendError when the answer was lost. */
  publish(event: OrderEvent): Promise<EventPublishOutcome>;
  /** Starts moving events into the ledger on this node, until the returned function is called. */
  subscribe(): Promise<() => Promise<void>>;
  /** Events that wait for the ledger, on the broker's word, and those set aside as undeliverable. */
  backlog(): Promise<{ readonly waiting: number; readonly deadLettered: number }>;
}

export interface QueueGuarantees {
  /** What an accepted event may still suffer. */
  readonly delivery: 'synchronous' | 'at-most-once' | 'at-least-once';
}

export interface QueueStrategy<Options = unknown> extends Strategy<
  QueuePort,
  QueueGuarantees,
  Options,
  EngineContext & { readonly ledger: LedgerPort }
> {
  /** What it may create on the broker, by the names it gives to `Namespace.queue`: for removal after the run. */
  readonly creates: { readonly exchanges: readonly string[]; readonly queues: readonly string[] };
}
