/** The stages of a request whose durations the engine reports, in microseconds. */
export const STAGES = [
  'order.latency',
  'lock.wait',
  'lock.hold',
  'stock.latency',
  'cache.latency',
  'publish.latency',
  'persist.lag',
] as const;
export type Stage = (typeof STAGES)[number];

/** What the engine counts. */
export const COUNTERS = [
  'lock.attempts',
  'lock.acquired',
  'lock.contended',
  /** Releases that found the lease gone: two holders were possible. */
  'lock.expired',
  'cache.reads',
  'cache.hits',
  /** Hits in the node's own memory, of `cache.hits`. */
  'cache.near-hits',
  'cache.loads',
  /** Lives of entries that were over (expired, invalidated, due or never begun) and followed by a load: the fewest loads that would have done. */
  'cache.expiries',
  /** Changes that were acknowledged before the database had them, and never came there. */
  'cache.lost-writes',
  'queue.published',
  'queue.confirmed',
  /** Order lines of confirmed events: the ledger rows they must become. */
  'queue.confirmed-lines',
  /** Publishes whose answer was lost. */
  'queue.unknown',
  'queue.delivered',
  'queue.redelivered',
  /** Deliveries that are over with: in the ledger and acknowledged, or parked. */
  'queue.settled',
  'queue.dead-lettered',
  /** Deliveries within their deadline, of `queue.delivered`. */
  'queue.in-time',
  /** Deliveries to subscribers other than the ledger. */
  'queue.notified',
] as const;
export type Counter = (typeof COUNTERS)[number];

/** Where the engine reports what it measures; the rig decides what becomes of it. */
export interface Telemetry {
  record(stage: Stage, micros: number): void;
  count(counter: Counter, by?: number): void;
  /** Keeps the highest value seen. */
  peak(gauge: 'cache.concurrent-loads', value: number): void;
}
