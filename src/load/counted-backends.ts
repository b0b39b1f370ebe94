import type { Backends, Broker, Postgres, Redis } from '../backends/ports.ts';

/** What an order costs its services, counted where a node asks for it: what it would pay for in production. */
export const COST_COUNTERS = ['cost.redis-commands', 'cost.messages', 'cost.transactions'] as const;
export type CostCounter = (typeof COST_COUNTERS)[number];

type Count = (counter: CostCounter) => void;

/**
 * The same resources, with their use counted: a script is one Redis command, a published message is one message
 * (its delivery is not counted again), a statement of its own is one transaction.
 */
export const countedBackends = (
  { redis, broker, postgres, lockMasters }: Backends,
  count: Count,
): Backends => ({
  redis: countedRedis(redis, count),
  broker: countedBroker(broker, count),
  postgres: countedPostgres(postgres, count),
  lockMasters: lockMasters.map((master) => countedRedis(master, count)),
});

const countedRedis = (redis: Redis, count: Count): Redis => ({
  call(command, ...args) {
    count('cost.redis-commands');
    return redis.call(command, ...args);
  },
  run(script, keys, args) {
    count('cost.redis-commands');
    return redis.run(script, keys, args);
  },
  subscribe: (channel, onMessage) => redis.subscribe(channel, onMessage),
  track: (prefix, onChange) => redis.track(prefix, onChange),
  dedicated: (work) =>
    redis.dedicated((connection) =>
      work({
        call(command, ...args) {
          count('cost.redis-commands');
          return connection.call(command, ...args);
        },
      }),
    ),
  close: () => redis.close(),
});

const countedBroker = (broker: Broker, count: Count): Broker => ({
  declare: (topology) => broker.declare(topology),
  publish(message) {
    count('cost.messages');
    return broker.publish(message);
  },
  consume: (queue, options, onDelivery) => broker.consume(queue, options, onDelivery),
  depth: (queue) => broker.depth(queue),
  remove: (topology) => broker.remove(topology),
  close: () => broker.close(),
});

const countedPostgres = (postgres: Postgres, count: Count): Postgres => ({
  define: (tables) => postgres.define(tables),
  query(statement) {
    count('cost.transactions');
    return postgres.query(statement);
  },
  transaction(work) {
    count('cost.transactions');
    return postgres.transaction(work);
  },
  index: (table, columns) => postgres.index(table, columns),
  drop: () => postgres.drop(),
  apart: (connections) => countedPostgres(postgres.apart(connections), count),
  close: () => postgres.close(),
});
