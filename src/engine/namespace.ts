/** The names a run may touch. Everything it creates carries the run's id, and nothing else is ever touched. */
export interface Namespace {
  readonly runId: string;
  /**
   * A Redis key. The hash tag keeps a run's keys in one slot of a cluster, so that scripts may join them; what belongs
   * to one `part` has a slot of its own instead.
   */
  key(name: string, part?: string): string;
  /** Matches every Redis key of the run, and no other: a glob for SCAN. */
  readonly keyPattern: string;
  /** A RabbitMQ queue or exchange. */
  queue(name: string): string;
  /** The PostgreSQL schema. */
  readonly schema: string;
}

export const REDIS_PREFIX = 'trade-sim:';

/** A queue of a run that nobody consumes any more goes by itself after this long. */
export const QUEUE_EXPIRES_MS = 30 * 60_000;

/** `runId` is lower-case letters and digits. */
export const namespaceOf = (runId: string): Namespace => ({
  runId,
  key: (name, part) => `${REDIS_PREFIX}{${part === undefined ? runId : `${runId}/${part}`}}:${name}`,
  keyPattern: `${REDIS_PREFIX}{${runId}[}/]*`,
  queue: (name) => `trade-sim.${runId}.${name}`,
  schema: `trade_sim_${runId}`,
});
