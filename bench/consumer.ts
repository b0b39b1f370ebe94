import { connect } from 'amqplib';
import { openPostgres } from '../src/backends/real/postgres.ts';
import { openBroker } from '../src/backends/real/rabbitmq.ts';
import type { Broker } from '../src/backends/ports.ts';
import { openLedger } from '../src/engine/ledger/postgres.ts';
import { LEDGER_TABLES } from '../src/engine/ledger/tables.ts';
import { encodeEvents } from '../src/engine/queue/event-codec.ts';
import { consumeIntoLedger } from '../src/engine/queue/ledger-consumer.ts';
import { contextOf } from './kit/context.ts';
import { printBar, printSides, runSides } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/** A full queue into the ledger, beside the broker's bare delivery of the same queue (one answer for 50). */
const ROUNDS = 4;
const MESSAGES = 40_000;
const PREFETCH = 1_000;
const QUEUE = 'trade-sim.bench.consumer';
const RATE_BAR = 150_000;
const SHARE_BAR = 0.9;

let orders = 0;

const fill = async (broker: Broker): Promise<void> => {
  const publish = () => {
    orders += 1;
    const order = { orderId: orders, key: orders, user: orders, lines: [{ sku: 0, units: 1 }] };
    const body = encodeEvents([{ kind: 'placed', order, atMs: Date.now() }]);
    return broker.publish({ exchange: '', routingKey: QUEUE, body, persistent: true, confirm: true });
  };
  await Promise.all(Array.from({ length: MESSAGES }, publish));
};

/** Messages per second from the first delivery asked for to the last one answered. */
const timed = async (consume: (done: () => void) => Promise<() => Promise<unknown>>): Promise<number> => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const startedMs = performance.now();
  const stop = await consume(finish);
  await finished;
  const perSecond = (MESSAGES * 1_000) / (performance.now() - startedMs);
  await stop();
  return perSecond;
};

await withServices(async (urls) => {
  const connection = await connect(urls.rabbitmq);
  const channel = await connection.createChannel();
  await channel.prefetch(PREFETCH);
  const broker = await openBroker({ url: urls.rabbitmq });
  const postgres = await openPostgres({ url: urls.postgres, schema: 'trade_sim_bench' });
  await broker.declare({
    exchanges: [],
    queues: [{ name: QUEUE, type: 'classic', durable: true }],
    bindings: [],
  });
  await postgres.define(LEDGER_TABLES);

  const bare = async (done: () => void) => {
    let delivered = 0;
    const { consumerTag } = await channel.consume(QUEUE, (message) => {
      if (message === null) return;
      delivered += 1;
      if (delivered % 50 === 0) channel.ack(message, true);
      if (delivered === MESSAGES) done();
    });
    return () => channel.cancel(consumerTag);
  };
  const intoLedger = (done: () => void) => {
    let settled = 0;
    const telemetry = {
      record() {},
      peak() {},
      count(counter: string, by = 1) {
        if (counter === 'queue.settled') settled += by;
        if (counter === 'queue.settled' && settled === MESSAGES) done();
      },
    };
    const context = { ...contextOf({ telemetry }), broker, ledger: openLedger(postgres) };
    return consumeIntoLedger(context, QUEUE, { prefetch: PREFETCH, batchSize: 500, deadlineMs: 1_000 });
  };
  const sides = [
    { name: 'bare delivery', consume: bare },
    { name: 'into the ledger', consume: intoLedger },
  ].map(({ name, consume }) => ({
    name,
    async run() {
      await fill(broker);
      return { 'messages/s': await timed(consume) };
    },
  }));

  try {
    const medians = await runSides(sides, ROUNDS);
    printSides(`a full queue of ${MESSAGES} messages, prefetch ${PREFETCH}`, sides, medians);
    const [bareRate, rate] = medians.map((figures) => figures['messages/s']!);
    printBar('rows/s into PostgreSQL', rate!, '>=', Math.min(RATE_BAR, SHARE_BAR * bareRate!));
  } finally {
    await broker.remove({ exchanges: [], queues: [QUEUE] });
    await postgres.drop();
    await Promise.all([broker.close(), postgres.close(), connection.close()]);
  }
});
