import { connect } from 'amqplib';
import { openPostgres } from '../src/backends/real/postgres.ts';
import { openBroker } from '../src/backends/real/rabbitmq.ts';
import { openLedger } from '../src/engine/ledger/postgres.ts';
import { LEDGER_TABLES } from '../src/engine/ledger/tables.ts';
import { namespaceOf } from '../src/engine/namespace.ts';
import type { QueuePort } from '../src/engine/queue/port.ts';
import { REGISTRY } from '../src/engine/registry.ts';
import { contextOf } from './kit/context.ts';
import { printBar, printSides, runSides } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/** A full queue into the ledger, beside the broker's bare delivery of the same queue (one answer for 50). */
const ROUNDS = 4;
const MESSAGES = 40_000;
const PREFETCH = 1_000;
const NAMESPACE = namespaceOf('bench');
/** The name that strategy `confirm` gives to its queue. */
const QUEUE = NAMESPACE.queue('ledger');
const RATE_BAR = 150_000;
const SHARE_BAR = 0.9;

let orders = 0;

const fill = async (queue: QueuePort): Promise<void> => {
  const publish = () => {
    orders += 1;
    const order = { orderId: orders, key: orders, user: orders, lines: [{ sku: 0, units: 1 }] };
    return queue.publish({ kind: 'placed', order, atMs: Date.now() });
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
  const postgres = await openPostgres({ url: urls.postgres, schema: NAMESPACE.schema });
  await postgres.define(LEDGER_TABLES);

  const confirm = REGISTRY.queue['confirm']!;
  const options = confirm.options.parse({ prefetch: PREFETCH });
  const ledger = openLedger(postgres);
  const open = (resources: Parameters<typeof contextOf>[0]) =>
    confirm.open(options, { ...contextOf({ ...resources, namespace: NAMESPACE, broker }), ledger });
  const queue = open({});
  await queue.declare();

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
    return open({ telemetry }).subscribe();
  };
  const sides = [
    { name: 'bare delivery', consume: bare },
    { name: 'into the ledger', consume: intoLedger },
  ].map(({ name, consume }) => ({
    name,
    async run() {
      await fill(queue);
      return { 'messages/s': await timed(consume) };
    },
  }));

  try {
    const medians = await runSides(sides, ROUNDS);
    printSides(`a full queue of ${MESSAGES} messages, prefetch ${PREFETCH}`, sides, medians);
    const [bareRate, rate] = medians.map((figures) => figures['messages/s']!);
    printBar('rows/s into PostgreSQL', rate!, '>=', Math.min(RATE_BAR, SHARE_BAR * bareRate!));
  } finally {
    await broker.remove({
      exchanges: [],
      queues: confirm.creates.queues.map((name) => NAMESPACE.queue(name)),
    });
    await postgres.drop();
    await Promise.all([broker.close(), postgres.close(), connection.close()]);
  }
});
