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

/**
 * A full queue into the ledger, beside the broker's bare delivery of the same queue (one answer for 50), with one event
 * in each message and with many.
 */
const ROUNDS = 4;
const SIZES = [
  { eventsPerMessage: 1, events: 40_000 },
  { eventsPerMessage: 50, events: 400_000 },
];
const PREFETCH = 4_000;
const FILLED_AT_ONCE = 20_000;
const NAMESPACE = namespaceOf('bench');
/** The name that strategy `confirm` gives to its queue. */
const QUEUE = NAMESPACE.queue('ledger');
const RATE_BAR = 150_000;
const SHARE_BAR = 0.9;

let orders = 0;

const fill = async (queue: QueuePort, events: number): Promise<void> => {
  const publish = () => {
    orders += 1;
    const order = { orderId: orders, key: orders, user: orders, lines: [{ sku: 0, units: 1 }] };
    return queue.publish({ kind: 'placed', order, atMs: Date.now() });
  };
  for (let left = events; left > 0; left -= FILLED_AT_ONCE)
    await Promise.all(Array.from({ length: FILLED_AT_ONCE }, publish));
};

/** Events per second from the first delivery asked for to the last one answered. */
const timed = async (
  events: number,
  consume: (done: () => void) => Promise<() => Promise<unknown>>,
): Promise<number> => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const startedMs = performance.now();
  const stop = await consume(finish);
  await finished;
  const perSecond = (events * 1_000) / (performance.now() - startedMs);
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
  const ledger = openLedger(postgres);

  const compare = async ({ eventsPerMessage, events }: (typeof SIZES)[number]) => {
    const options = confirm.options.parse({ prefetch: PREFETCH, eventsPerMessage });
    const open = (resources: Parameters<typeof contextOf>[0]) =>
      confirm.open(options, { ...contextOf({ ...resources, namespace: NAMESPACE, broker }), ledger });
    const queue = open({});
    await queue.declare();

    const bare = async (done: () => void) => {
      let delivered = 0;
      const { consumerTag } = await channel.consume(QUEUE, (message) => {
        if (message === null) return;
        delivered += 1;
        const isLast = delivered === events / eventsPerMessage;
        if (delivered % 50 === 0 || isLast) channel.ack(message, true);
        if (isLast) done();
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
          if (counter === 'queue.settled' && settled === events) done();
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
        await fill(queue, events);
        return { 'events/s': await timed(events, consume) };
      },
    }));
    const medians = await runSides(sides, ROUNDS);
    printSides(
      `a full queue of ${events} events, ${eventsPerMessage} in a message, prefetch ${PREFETCH}`,
      sides,
      medians,
    );
    const [bareRate, rate] = medians.map((figures) => figures['events/s']!);
    printBar('rows/s into PostgreSQL', rate!, '>=', Math.min(RATE_BAR, SHARE_BAR * bareRate!));
  };

  try {
    for (const size of SIZES) await compare(size);
  } finally {
    await broker.remove({
      exchanges: [],
      queues: confirm.creates.queues.map((name) => NAMESPACE.queue(name)),
    });
    await postgres.drop();
    await Promise.all([broker.close(), postgres.close(), connection.close()]);
  }
});
