import type { Backends, Redis, ServiceName } from '../backends/ports.ts';
import type { Random } from '../kernel/random.ts';
import { LEDGER_ENTRIES, LEDGER_TABLES } from './ledger/tables.ts';
import type { LedgerEntry, LedgerPort } from './ledger/port.ts';
import { loadProduct, returnToSale, seedProducts } from './ledger/products.ts';
import { majorityAnswers } from './lock/ballot.ts';
import type { Namespace } from './namespace.ts';
import type { QueuePort } from './queue/port.ts';
import { REGISTRY } from './registry.ts';
import type { StockPort } from './stock/port.ts';
import type { Creations } from './strategy.ts';

/**
 * A run's own space on the services, beside the load: made, reset, read and removed over connections that no
 * engine node uses. Nothing outside the run's namespace is touched.
 */
export interface RunSpace {
  /** Creates tables and queues and stocks the catalogue. */
  prepare(): Promise<void>;
  /** After the warm-up: back to what `prepare` made. */
  reset(): Promise<void>;
  levels(): Promise<readonly number[]>;
  backlog(): Promise<{ readonly waiting: number; readonly deadLettered: number }>;
  /** Rejects when the service does not do now what the run needs it for. */
  probe(service: ServiceName): Promise<void>;
  ledgerPage(afterSeq: number, limit: number): Promise<readonly LedgerEntry[]>;
  remove(): Promise<void>;
}

export interface RunSpaceParts {
  readonly backends: Backends;
  readonly namespace: Namespace;
  readonly stock: StockPort;
  readonly queue: QueuePort;
  readonly ledger: LedgerPort;
  readonly unitsBySku: readonly number[];
  readonly random: Random;
  /** What is created on the broker by strategies that the registry does not know. */
  readonly creates?: Creations | undefined;
}

export const openRunSpace = (parts: RunSpaceParts): RunSpace => {
  const { backends, namespace, stock, queue, ledger, unitsBySku, random, creates } = parts;
  const { redis, lockMasters, postgres } = backends;
  const ping = (server: Redis) => server.call('PING');
  const probes: Readonly<Record<ServiceName, () => Promise<unknown>>> = {
    redis: () => Promise.all([ping(redis), majorityAnswers(lockMasters.map(ping))]),
    rabbitmq: () => queue.backlog(),
    // Not the ledger: reading in its order has its index made, in the middle of the load.
    postgres: () => loadProduct(postgres, 0),
  };
  return {
    async prepare() {
      await Promise.all([
        postgres.define(LEDGER_TABLES).then(() => seedProducts(postgres, unitsBySku.length, random)),
        queue.declare(),
        stock.seed(unitsBySku),
      ]);
    },
    async reset() {
      await Promise.all([
        postgres.query({ kind: 'delete', table: LEDGER_ENTRIES.name, where: [] }),
        returnToSale(postgres),
        removeKeys(redis, namespace).then(() => stock.seed(unitsBySku)),
        ...lockMasters.map((master) => removeKeys(master, namespace)),
      ]);
    },
    levels: () => stock.levels(),
    backlog: () => queue.backlog(),
    probe: async (service) => void (await probes[service]()),
    ledgerPage: (afterSeq, limit) => ledger.read(afterSeq, limit),
    remove: () => removeRun(backends, namespace, creates),
  };
};

/** Removes whatever a run may have left. Idempotent; every service is tried, and the first failure is thrown after. */
export const removeRun = async (
  { redis, broker, postgres, lockMasters }: Backends,
  namespace: Namespace,
  own?: Creations,
): Promise<void> => {
  const strategies = [...Object.values(REGISTRY.lock), ...Object.values(REGISTRY.queue)];
  const created = [...strategies.flatMap(({ creates }) => creates ?? []), ...(own ? [own] : [])];
  const names = (kind: 'exchanges' | 'queues') => [
    ...new Set(created.flatMap((creates) => creates[kind].map((name) => namespace.queue(name)))),
  ];
  const outcomes = await Promise.allSettled([
    ...[redis, ...lockMasters].map((server) => removeKeys(server, namespace)),
    broker.remove({ exchanges: names('exchanges'), queues: names('queues') }),
    postgres.drop(),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
};

/** SCAN, not KEYS: another's server must not stall; UNLINK, so that freeing large hashes does not either. */
const removeKeys = async (redis: Redis, namespace: Namespace): Promise<void> => {
  let cursor = '0';
  do {
    const reply = await redis.call('SCAN', cursor, 'MATCH', namespace.keyPattern, 'COUNT', 1_000);
    const [next, keys] = reply as [string, string[]];
    if (keys.length > 0) await redis.call('UNLINK', ...keys);
    cursor = next;
  } while (cursor !== '0');
};
