import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackendError, type Broker, type Consumer } from '../../src/backends/ports.ts';
import { Inbox, message, queueSpec, topology, uniqueName, type World, WORLDS } from './rabbitmq-worlds.ts';

describe.each(WORLDS)('RabbitMQ, $world, after a cut connection', ({ open }) => {
  let world: World;
  let broker: Broker;
  let queue: string;

  beforeEach(async () => {
    world = await open();
    broker = await world.connect();
    queue = uniqueName();
    await broker.declare(topology({ queues: [queueSpec(queue)] }));
  });

  afterEach(async () => {
    await broker.remove({ exchanges: [], queues: [queue] });
    await world.close();
  });

  /** Publishes and tells what became of it: confirmed, or the effect of the error. */
  const attempt = async (body: string): Promise<string> => {
    try {
      return (await broker.publish(message(queue, body))).kind;
    } catch (error) {
      return error instanceof BackendError ? error.effect : String(error);
    }
  };

  it('loses nothing that was confirmed, and says of the rest that it does not know', async () => {
    const received = new Set<string>();
    const consumer = await broker.consume(queue, { prefetch: 50 }, (delivery) => {
      received.add(delivery.body);
      consumer.ack(delivery, false);
    });
    const confirmed: string[] = [];
    let unknown = 0;
    const publish = async (body: string) => {
      const outcome = await attempt(body);
      expect(['confirmed', 'unknown']).toContain(outcome);
      if (outcome === 'confirmed') confirmed.push(body);
      else unknown += 1;
    };
    for (let round = 0; round < 5; round += 1) {
      // One wave is answered, so that the connection is in use; the next is cut while it is under way.
      await Promise.all(Array.from({ length: 100 }, (_, index) => publish(`${round}.a.${index}`)));
      const wave = Array.from({ length: 500 }, (_, index) => publish(`${round}.b.${index}`));
      await Promise.race(wave.slice(0, 1 + round));
      wave.push(...Array.from({ length: 50 }, (_, index) => publish(`${round}.c.${index}`)));
      await world.cut();
      await Promise.all(wave);
    }
    expect(confirmed.length).toBeGreaterThan(500);
    expect(unknown).toBeGreaterThan(0);
    expect(await attempt('last')).toBe('confirmed');
    await vi.waitFor(() => expect(received.has('last')).toBe(true), { timeout: 10_000 });
    await vi.waitFor(() => expect(confirmed.filter((body) => !received.has(body))).toEqual([]), {
      timeout: 10_000,
    });
  });

  it('keeps publishes waiting while there is no connection', async () => {
    const cutOff = attempt('cut off');
    await world.cut();
    expect(await cutOff).toBe('unknown');
    const waiting = Array.from({ length: 100 }, (_, index) => attempt(String(index)));
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['confirmed']));
  });

  it('delivers again what was not answered, and drops an answer to the old delivery', async () => {
    await attempt('a');
    const inbox = new Inbox();
    const consumer = await broker.consume(queue, { prefetch: 1 }, inbox.take);
    const [stale] = await inbox.reached(1);
    await world.cut();
    await inbox.reached(2);
    expect(inbox.deliveries.map(({ body, redelivered }) => [body, redelivered])).toEqual([
      ['a', false],
      ['a', true],
    ]);
    expect(consumer.ack(stale!, true)).toBe(false);
    consumer.reject(stale!, false);
    await consumer.cancel();
    await vi.waitFor(async () => expect(await broker.depth(queue)).toBe(1), { timeout: 10_000 });
  });

  it('says of an answer whether it was sent', async () => {
    await attempt('a');
    const inbox = new Inbox();
    const consumer = await broker.consume(queue, { prefetch: 1 }, inbox.take);
    await inbox.reached(1);
    await world.cut();
    await inbox.reached(2);
    expect(inbox.deliveries.map((delivery) => consumer.ack(delivery, false))).toEqual([false, true]);
    await consumer.cancel();
    expect(consumer.ack(inbox.deliveries[1]!, false)).toBe(false);
  });

  it('declares a queue again that went with its consumers, and consumes it', async () => {
    const own = uniqueName();
    await broker.declare(topology({ queues: [queueSpec(own, { autoDelete: true })] }));
    const inbox = new Inbox();
    await broker.consume(own, { prefetch: 1 }, inbox.take);
    await world.cut();
    await vi.waitFor(
      async () => expect(await broker.publish(message(own, 'a'))).toEqual({ kind: 'confirmed' }),
      { timeout: 10_000 },
    );
    await inbox.reached(1);
    await broker.remove({ exchanges: [], queues: [own] });
  });

  it('ends a consumer whose queue went while it was cut off, and no other', async () => {
    const own = uniqueName();
    const [brief, other] = [await world.connect(), await world.connect()];
    await brief.declare(topology({ queues: [queueSpec(own, { autoDelete: true })] }));
    const ended = await other.consume(own, { prefetch: 1 }, () => {});
    const resumed = await other.consume(queue, { prefetch: 1 }, () => {});
    await brief.close();
    await world.cut();
    await vi.waitFor(() => expect(ended.ended).toBe(true), { timeout: 10_000 });
    expect(resumed.ended).toBe(false);
  });

  it('keeps nothing for a consumer that is cancelled while it is taken up again', async () => {
    const queues = [uniqueName(), uniqueName(), uniqueName()];
    await broker.declare(topology({ queues: queues.map((name) => queueSpec(name)) }));
    const inboxes = queues.map(() => new Inbox());
    const consumers: Consumer[] = [];
    for (const [index, name] of queues.entries()) {
      expect(await broker.publish(message(name, 'a'))).toEqual({ kind: 'confirmed' });
      consumers.push(await broker.consume(name, { prefetch: 1 }, inboxes[index]!.take));
    }
    await Promise.all(inboxes.map((inbox) => inbox.reached(1)));
    await world.cut();
    // They are taken up in their order: in the next turn of the loop it is the second one's.
    await inboxes[0]!.reached(2);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    await consumers[1]!.cancel();
    await inboxes[2]!.reached(2);
    await vi.waitFor(async () => expect(await broker.depth(queues[1]!)).toBe(1), { timeout: 10_000 });
    expect(inboxes[1]!.bodies).toEqual(['a']);
    await broker.remove({ exchanges: [], queues });
  });

  it('answers requests again, on every client', async () => {
    const other = await world.connect();
    await attempt('a');
    await world.cut();
    const depthOf = (client: Broker) =>
      vi.waitFor(async () => expect(await client.depth(queue)).toBe(1), { timeout: 10_000 });
    await Promise.all([depthOf(broker), depthOf(other)]);
  });

  it('can be closed while it is cut off', async () => {
    const other = await world.connect();
    const inbox = new Inbox();
    await other.consume(queue, { prefetch: 1 }, inbox.take);
    await attempt('a');
    await inbox.reached(1);
    await world.cut();
    await other.close();
    await vi.waitFor(async () => expect(await broker.depth(queue)).toBe(1), { timeout: 10_000 });
  });
});
