import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Broker } from '../../src/backends/ports.ts';
import {
  Inbox,
  message,
  queueSpec,
  Scene,
  topology,
  uniqueName,
  type World,
  WORLDS,
} from './rabbitmq-worlds.ts';

const range = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => String(index));

describe.each(WORLDS)('RabbitMQ, $world', ({ open }) => {
  const scene = new Scene(open);
  const { declare, depthBecomes } = scene;
  let world: World;
  let broker: Broker;

  beforeEach(() => {
    ({ world, broker } = scene);
  });

  const publishAll = (queue: string, bodies: readonly string[]) =>
    Promise.all(bodies.map((body) => broker.publish(message(queue, body))));

  describe.each(['classic', 'quorum'] as const)('%s queue', (type) => {
    it('brings confirmed messages to a consumer, in order', async () => {
      const queue = await declare({ type });
      const inbox = new Inbox();
      const consumer = await broker.consume(queue, { prefetch: 10 }, (delivery) => {
        inbox.take(delivery);
        consumer.ack(delivery, false);
      });
      const outcomes = await publishAll(queue, range(50));
      expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['confirmed']));
      await inbox.reached(50);
      expect(inbox.bodies).toEqual(range(50));
      expect(inbox.deliveries.some(({ redelivered }) => redelivered)).toBe(false);
      await depthBecomes(queue, 0);
    });

    it('gives back what a cancelled consumer did not answer', async () => {
      const queue = await declare({ type });
      await publishAll(queue, range(5));
      const first = new Inbox();
      const consumer = await broker.consume(queue, { prefetch: 3 }, first.take);
      const [delivery] = await first.reached(3);
      consumer.ack(delivery!, false);
      await first.reached(4);
      await consumer.cancel();
      await depthBecomes(queue, 4);
      const second = new Inbox();
      await broker.consume(queue, { prefetch: 10 }, second.take);
      await second.reached(4);
      expect(second.bodies).toEqual(['1', '2', '3', '4']);
      expect(second.deliveries.map(({ redelivered }) => redelivered)).toEqual([true, true, true, false]);
    });

    it('keeps unanswered deliveries within the prefetch', async () => {
      const queue = await declare({ type });
      await publishAll(queue, range(10));
      const inbox = new Inbox();
      const consumer = await broker.consume(queue, { prefetch: 3 }, inbox.take);
      await inbox.reached(3);
      await depthBecomes(queue, 7);
      expect(inbox.bodies).toEqual(['0', '1', '2']);
      consumer.ack(inbox.deliveries[1]!, false);
      await inbox.reached(4);
      await depthBecomes(queue, 6);
    });

    it('acknowledges a delivery and all earlier ones at once', async () => {
      const queue = await declare({ type });
      await publishAll(queue, range(10));
      const inbox = new Inbox();
      const consumer = await broker.consume(queue, { prefetch: 10 }, inbox.take);
      await inbox.reached(10);
      consumer.ack(inbox.deliveries[6]!, true);
      await consumer.cancel();
      await depthBecomes(queue, 3);
    });

    it('delivers again what was rejected for another try', async () => {
      const queue = await declare({ type });
      await publishAll(queue, ['a']);
      const inbox = new Inbox();
      const consumer = await broker.consume(queue, { prefetch: 1 }, inbox.take);
      const [first] = await inbox.reached(1);
      consumer.reject(first!, true);
      await inbox.reached(2);
      expect(inbox.deliveries.map(({ redelivered }) => redelivered)).toEqual([false, true]);
    });

    it('moves what was rejected for good to the dead letters', async () => {
      const deadLetterQueue = await declare();
      const queue = await declare({ type, deadLetterQueue });
      await publishAll(queue, ['a', 'b']);
      const inbox = new Inbox();
      const consumer = await broker.consume(queue, { prefetch: 2 }, inbox.take);
      const [a, b] = await inbox.reached(2);
      consumer.reject(a!, false);
      consumer.ack(b!, false);
      const dead = new Inbox();
      await broker.consume(deadLetterQueue, { prefetch: 2 }, dead.take);
      await dead.reached(1);
      expect(dead.bodies).toEqual(['a']);
      await depthBecomes(queue, 0);
    });

    it('moves what has waited too long to the dead letters', async () => {
      const deadLetterQueue = await declare();
      const queue = await declare({ type, deadLetterQueue, messageTtlMs: 20 });
      await publishAll(queue, ['a', 'b']);
      const dead = new Inbox();
      await broker.consume(deadLetterQueue, { prefetch: 2 }, dead.take);
      await dead.reached(2);
      expect(dead.bodies).toEqual(['a', 'b']);
    });

    it('gives a queue of one active consumer to the next when that one ends', async () => {
      const queue = await declare({ type, singleActiveConsumer: true });
      const active = new Inbox();
      const spare = new Inbox();
      const consumer = await broker.consume(queue, { prefetch: 10 }, active.take);
      await broker.consume(queue, { prefetch: 10 }, spare.take);
      await publishAll(queue, range(4));
      await active.reached(4);
      expect(spare.deliveries).toEqual([]);
      await consumer.cancel();
      await spare.reached(4);
      expect(spare.bodies).toEqual(range(4));
    });
  });

  it('dead-letters a message after the allowed number of deliveries', async () => {
    const deadLetterQueue = await declare();
    const queue = await declare({ type: 'quorum', deadLetterQueue, deliveryLimit: 3 });
    const inbox = new Inbox();
    const consumer = await broker.consume(queue, { prefetch: 1 }, (delivery) => {
      inbox.take(delivery);
      consumer.reject(delivery, true);
    });
    const dead = new Inbox();
    await broker.consume(deadLetterQueue, { prefetch: 1 }, dead.take);
    await publishAll(queue, ['a']);
    await dead.reached(1);
    expect(inbox.bodies).toEqual(['a', 'a', 'a']);
  });

  it('shares a queue between its consumers', async () => {
    const queue = await declare();
    const inboxes = [new Inbox(), new Inbox()];
    for (const inbox of inboxes) await broker.consume(queue, { prefetch: 5 }, inbox.take);
    await publishAll(queue, range(10));
    await Promise.all(inboxes.map((inbox) => inbox.reached(5)));
    expect(inboxes.flatMap(({ bodies }) => bodies).toSorted()).toEqual(range(10));
  });

  it('gives back what a closed client did not answer', async () => {
    const queue = await declare();
    await publishAll(queue, ['a']);
    const other = await world.connect();
    const inbox = new Inbox();
    await other.consume(queue, { prefetch: 1 }, inbox.take);
    await inbox.reached(1);
    await other.close();
    await depthBecomes(queue, 1);
    await expect(other.publish(message(queue, 'b'))).rejects.toMatchObject({ effect: 'none' });
    await expect(other.depth(queue)).rejects.toMatchObject({ effect: 'none' });
  });

  it('tells which of many messages found no queue', async () => {
    const queue = await declare();
    const nowhere = uniqueName();
    const outcomes = await Promise.all(
      range(200).map((body) => broker.publish(message(Number(body) % 3 === 0 ? nowhere : queue, body))),
    );
    const expected = range(200).map((body) => (Number(body) % 3 === 0 ? 'unroutable' : 'confirmed'));
    expect(outcomes.map(({ kind }) => kind)).toEqual(expected);
  });

  it('sends without a confirmation, also right before it closes', async () => {
    const queue = await declare();
    const other = await world.connect();
    const sent = range(500).map((body) => other.publish(message(queue, body, { confirm: false })));
    const closed = other.close();
    expect(new Set((await Promise.all(sent)).map(({ kind }) => kind))).toEqual(new Set(['sent']));
    await closed;
    await depthBecomes(queue, 500);
  });

  it('confirms a burst that is larger than its window and its send buffer', async () => {
    const queue = await declare();
    const outcomes = await publishAll(queue, range(10_000));
    expect(outcomes.every(({ kind }) => kind === 'confirmed')).toBe(true);
    await depthBecomes(queue, 10_000);
  });

  it('keeps text and large bodies as they are', async () => {
    const queue = await declare();
    const bodies = ['', 'Größe €5 🛒', 'x'.repeat(300_000)];
    for (const body of bodies) await broker.publish(message(queue, body));
    const inbox = new Inbox();
    await broker.consume(queue, { prefetch: 5 }, inbox.take);
    await inbox.reached(3);
    expect(inbox.bodies).toEqual(bodies);
  });

  it.each([
    ['direct', 'order.placed', ['order.placed'], ['order', 'order.placed.eu']],
    ['fanout', 'ignored', ['order.placed', ''], []],
    ['topic', 'order.*', ['order.placed', 'order.paid'], ['order', 'order.placed.eu', 'stock.placed']],
    ['topic', 'order.#', ['order', 'order.placed', 'order.placed.eu'], ['stock.placed', '']],
    ['topic', '#.eu', ['eu', 'order.placed.eu'], ['order.placed', 'eu.order']],
    ['topic', '*.placed.#', ['order.placed', 'order.placed.eu.de'], ['placed', 'order.paid']],
    ['topic', '#', ['', 'order', 'order.placed'], []],
    ['topic', '*', ['order'], ['', 'order.placed']],
  ] as const)('routes by a %s exchange and the pattern "%s"', async (type, pattern, matching, others) => {
    const queue = await declare();
    const exchange = uniqueName();
    const binding = { queue, exchange, pattern };
    await broker.declare(topology({ exchanges: [{ name: exchange, type }], bindings: [binding, binding] }));
    const publish = async (routingKey: string) =>
      (await broker.publish(message(routingKey, routingKey, { exchange }))).kind;
    for (const key of matching) expect([key, await publish(key)]).toEqual([key, 'confirmed']);
    for (const key of others) expect([key, await publish(key)]).toEqual([key, 'unroutable']);
    await depthBecomes(queue, matching.length);
    await broker.remove({ exchanges: [exchange], queues: [] });
  });

  it('copies a message to every queue that matches', async () => {
    const exchange = uniqueName();
    const bound = [await declare(), await declare()];
    const bindings = bound.flatMap((queue) => ['#', 'a.*'].map((pattern) => ({ queue, exchange, pattern })));
    await broker.declare(topology({ exchanges: [{ name: exchange, type: 'topic' }], bindings }));
    await broker.publish(message('a.b', 'a', { exchange }));
    for (const queue of bound) await depthBecomes(queue, 1);
    await broker.remove({ exchanges: [exchange], queues: [] });
  });

  it('goes on publishing after a publish to an exchange that is not there', async () => {
    const queue = await declare();
    const lost = broker.publish(message('', 'a', { exchange: uniqueName() }));
    await expect(lost).rejects.toMatchObject({
      name: 'BackendError',
      service: 'rabbitmq',
      effect: 'unknown',
    });
    expect(await broker.publish(message(queue, 'b'))).toEqual({ kind: 'confirmed' });
  });

  it('takes up a consumer again that answered one delivery twice', async () => {
    const queue = await declare();
    await publishAll(queue, ['a', 'b']);
    const inbox = new Inbox();
    const consumer = await broker.consume(queue, { prefetch: 2 }, inbox.take);
    const [a] = await inbox.reached(2);
    consumer.ack(a!, false);
    consumer.ack(a!, false);
    const deliveries = await inbox.reached(3);
    expect(deliveries[2]).toMatchObject({ body: 'b', redelivered: true });
    consumer.ack(deliveries[2]!, false);
    await consumer.cancel();
    await depthBecomes(queue, 0);
  });

  it('declares the same again, and refuses to declare otherwise', async () => {
    const name = await declare({ type: 'classic' });
    await broker.publish(message(name, 'a'));
    await broker.declare(topology({ queues: [queueSpec(name)] }));
    await depthBecomes(name, 1);
    const other = topology({ queues: [queueSpec(name, { type: 'quorum' })] });
    await expect(broker.declare(other)).rejects.toMatchObject({ service: 'rabbitmq', effect: 'none' });
    await depthBecomes(name, 1);
  });

  it.each([
    { type: 'quorum', durable: false },
    { type: 'quorum', autoDelete: true },
    { type: 'classic', deliveryLimit: 3 },
  ] as const)('refuses a queue that cannot be: %o', async (spec) => {
    const impossible = topology({ queues: [queueSpec(uniqueName(), spec)] });
    await expect(broker.declare(impossible)).rejects.toMatchObject({ service: 'rabbitmq', effect: 'none' });
  });

  it('removes queues and exchanges, whether or not they are there', async () => {
    const queue = await declare();
    const exchange = uniqueName();
    await broker.declare(topology({ exchanges: [{ name: exchange, type: 'fanout' }] }));
    const names = { exchanges: [exchange], queues: [queue] };
    await broker.remove(names);
    await broker.remove(names);
    await expect(broker.depth(queue)).rejects.toMatchObject({ service: 'rabbitmq', effect: 'none' });
    await expect(broker.consume(queue, { prefetch: 1 }, () => {})).rejects.toMatchObject({ effect: 'none' });
    expect(await broker.publish(message(queue, 'a'))).toEqual({ kind: 'unroutable' });
  });

  it('tells a consumer that it has ended, by its own doing or with its queue', async () => {
    const queue = await declare();
    const consume = () => broker.consume(queue, { prefetch: 1 }, () => {});
    const [own, other] = [await consume(), await consume()];
    await own.cancel();
    expect([own.ended, other.ended]).toEqual([true, false]);
    await broker.remove({ exchanges: [], queues: [queue] });
    await vi.waitFor(() => expect(other.ended).toBe(true), { timeout: 10_000 });
  });

  it('drops a queue with its last consumer', async () => {
    const queue = await declare({ autoDelete: true });
    expect(await broker.publish(message(queue, 'before'))).toEqual({ kind: 'confirmed' });
    const consumers = await Promise.all([1, 2].map(() => broker.consume(queue, { prefetch: 1 }, () => {})));
    await consumers[0]!.cancel();
    expect(await broker.publish(message(queue, 'between'))).toEqual({ kind: 'confirmed' });
    await consumers[1]!.cancel();
    expect(await broker.publish(message(queue, 'after'))).toEqual({ kind: 'unroutable' });
  });

  it('refuses what a queue is too full for, and takes more when it is not', async () => {
    const queue = await declare({ maxLength: 2 });
    const outcomes = await publishAll(queue, range(4));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'confirmed', 'refused', 'refused']);
    const inbox = new Inbox();
    await broker.consume(queue, { prefetch: 1 }, inbox.take);
    await inbox.reached(1);
    expect((await publishAll(queue, ['4', '5'])).map(({ kind }) => kind)).toEqual(['confirmed', 'refused']);
    await depthBecomes(queue, 2);
  });

  it('drops a queue that nobody used for its time', async () => {
    const queue = await declare({ expiresMs: 50 });
    await vi.waitFor(() => expect(broker.depth(queue)).rejects.toMatchObject({ effect: 'none' }), {
      timeout: 20_000,
      interval: 200,
    });
  });
});
