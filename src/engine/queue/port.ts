import type { Creations, EngineContext, Strategy } from '../strategy.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { OrderEvent } from '../types.ts';

export type EventPublishOutcome =
  /** The strategy's promise is kept: what its guarantees name has happened. */
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
  /**
   * Events that wait for the ledger, on the word of the service that holds them, and those set aside as
   * undeliverable. Where messages hold several events, the most that there can be; 0 is exact.
   */
  backlog(): Promise<{ readonly waiting: number; readonly deadLettered: number }>;
}

export interface QueueGuarantees {
  /** What an accepted event may still suffer. */
  readonly delivery: 'synchronous' | 'at-most-once' | 'at-least-once';
  /** What an event has behind it when it is accepted: the database's commit, the broker's confirm, or nothing. */
  readonly acceptedAfter: 'commit' | 'confirm' | 'send';
}

export type QueueContext = EngineContext & { readonly ledger: LedgerPort };

export interface QueueStrategy<Options = unknown> extends Strategy<
  QueuePort,
  QueueGuarantees,
  Options,
  QueueContext
> {
  readonly creates: Creations;
}
