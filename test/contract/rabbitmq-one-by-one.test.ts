import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Broker, Consumer } from '../../src/backends/ports.ts';
import { Inbox, message, Scene, uniqueName, type World, WORLDS } from './rabbitmq-worlds.ts';

const IN_TIME = { timeout: 10_000, interval: 10 };

/** A consumer that answers one by one, and what has come to it. */
interface Reader {
  readonly queue: string;
  readonly inbox: Inbox;
  readonly consumer: Consumer;
}

describe.each(WORLDS)('consumers of one client that answer one by one, $world', ({ open }) => {
  const scene = new Scene(open);
  const { declare, depthBecomes } = scene;
  let world: World;
  let broker: Broker;

  beforeEach(() => {
    ({ world, broker } = scene);
  });

  const read = async (queue: string, prefetch = 1): Promise<Reader> => {
    const inbox = new Inbox();
    const consumer = await broker.consume(queue, { prefetch, answersOneByOne: true }, inbox.take);
    return { queue, inbox, consumer };
  };
  const readers = async (count: number): Promise<Reader[]> => {
    const declared = await Promise.all(Array.from({ length: count }, () => declare()));
    return Promise.all(declared.map((queue) => read(queue)));
  };
  const publish = async (queue: string, ...bodies: readonly string[]) => {
    for (const body of bodies)
      expect(await broker.publish(message(queue, body))).toEqual({ kind: 'confirmed' });
  };
  const answerAll = ({ consumer, inbox }: Reader) =>
    inbox.deliveries.map((delivery) => consumer.ack(delivery, false));

  it('each has its own queue in order, and its own prefetch', async () => {
    const [narrow, wide] = await Promise.all([read(await declare(), 1), read(await declare(), 3)]);
    await Promise.all([narrow, wide].map(({ queue }) => publish(queue, 'a', 'b', 'c', 'd')));
    await narrow.inbox.reached(1);
    await wide.inbox.reached(3);
    await depthBecomes(narrow.queue, 3);
    await depthBecomes(wide.queue, 1);
    expect([narrow.inbox.bodies, wide.inbox.bodies]).toEqual([['a'], ['a', 'b', 'c']]);
    for (let count = 1; count < 4; count += 1) {
      narrow.consumer.ack(narrow.inbox.deliveries[count - 1]!, false);
      await narrow.inbox.reached(count + 1);
    }
    wide.consumer.ack(wide.inbox.deliveries[1]!, false);
    await wide.inbox.reached(4);
    expect([narrow.inbox.bodies, wide.inbox.bodies]).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd'],
    ]);
  });

  it('one that is cancelled gives back what it has not answered, and the others keep what they have', async () => {
    const [leaving, staying] = await Promise.all([read(await declare(), 3), read(await declare(), 3)]);
    await Promise.all([leaving, staying].map(({ queue }) => publish(queue, 'a', 'b', 'c')));
    await Promise.all([leaving, staying].map(({ inbox }) => inbox.reached(3)));
    leaving.consumer.ack(leaving.inbox.deliveries[0]!, false);
    leaving.consumer.reject(leaving.inbox.deliveries[1]!, false);
    await leaving.consumer.cancel();
    await depthBecomes(leaving.queue, 1);
    const again = await read(leaving.queue);
    expect(await again.inbox.reached(1)).toMatchObject([{ body: 'c', redelivered: true }]);
    expect(answerAll(staying)).toEqual([true, true, true]);
    await publish(staying.queue, 'd');
    expect((await staying.inbox.reached(4))[3]).toMatchObject({ body: 'd', redelivered: false });
    expect(leaving.inbox.bodies).toEqual(['a', 'b', 'c']);
  });

  it('one that is cancelled while messages come to it loses none', async () => {
    const queue = await declare();
    const seen = new Set<string>();
    const wanted = Array.from({ length: 200 }, (_, index) => String(index));
    const published = Promise.all(wanted.map((body) => publish(queue, body)));
    for (let round = 0; seen.size < wanted.length; round += 1) {
      expect(round, `seen ${seen.size} of ${wanted.length}`).toBeLessThan(1_000);
      const reader = await read(queue, 5);
      await reader.inbox.reached(1);
      await reader.consumer.cancel();
      const second = await read(queue, 5);
      for (const delivery of await second.inbox.reached(1)) {
        second.consumer.ack(delivery, false);
        seen.add(delivery.body);
      }
      await second.consumer.cancel();
    }
    await published;
    await depthBecomes(queue, 0);
  });

  it('one ends with its queue, and the others keep what they have', async () => {
    const [ending, staying] = await readers(2);
    await Promise.all([ending!, staying!].map(({ queue }) => publish(queue, 'a')));
    await Promise.all([ending!, staying!].map(({ inbox }) => inbox.reached(1)));
    await broker.remove({ exchanges: [], queues: [ending!.queue] });
    await vi.waitFor(() => expect(ending!.consumer.ended).toBe(true), IN_TIME);
    expect(answerAll(ending!)).toEqual([false]);
    expect(answerAll(staying!)).toEqual([true]);
    await publish(staying!.queue, 'b');
    expect((await staying!.inbox.reached(2))[1]).toMatchObject({ body: 'b', redelivered: false });
  });

  it('all go on when one asks for a queue that is not there, or answers twice', async () => {
    const all = await readers(3);
    await expect(read(uniqueName())).rejects.toMatchObject({ service: 'rabbitmq', effect: 'none' });
    for (const { queue } of all) await publish(queue, 'a');
    await Promise.all(all.map(({ inbox }) => inbox.reached(1)));
    const [twice] = all;
    await vi.waitFor(() => expect(answerAll(twice!)).toContain(true), IN_TIME);
    answerAll(twice!);
    for (const { queue } of all) await publish(queue, 'b');
    for (const reader of all) {
      await vi.waitFor(() => {
        answerAll(reader);
        expect(reader.inbox.bodies).toContain('b');
      }, IN_TIME);
    }
    expect(all.map(({ consumer }) => consumer.ended)).toEqual([false, false, false]);
  });

  it('one that asks for a queue that is not there takes nobody along that asks with it', async () => {
    const there = await declare();
    const [missing, reader] = await Promise.allSettled([read(uniqueName()), read(there)]);
    expect([missing.status, reader.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('after a cut connection each goes on, but for those whose queues have gone', async () => {
    const brief = await world.connect();
    const gone = await Promise.all([1, 2].map(async () => read(await declare({ autoDelete: true }, brief))));
    const all = await readers(3);
    for (const { queue } of all) await publish(queue, 'a');
    await Promise.all(all.map(({ inbox }) => inbox.reached(1)));
    await brief.close();
    await world.cut();
    for (const { consumer } of gone) await vi.waitFor(() => expect(consumer.ended).toBe(true), IN_TIME);
    for (const { inbox, consumer } of all) {
      const [stale, again] = await inbox.reached(2);
      expect(again).toMatchObject({ body: 'a', redelivered: true });
      expect(consumer.ack(stale!, false)).toBe(false);
      expect(consumer.ended).toBe(false);
      expect(consumer.ack(again!, false)).toBe(true);
    }
    for (const { queue, inbox } of all) {
      await publish(queue, 'b');
      expect((await inbox.reached(3))[2]).toMatchObject({ body: 'b', redelivered: false });
    }
  });

  it('what they answered last arrives before the client is closed', async () => {
    const client = await world.connect();
    const queue = await declare();
    const inbox = new Inbox();
    const consumer = await client.consume(queue, { prefetch: 1, answersOneByOne: true }, inbox.take);
    await publish(queue, 'a');
    const [delivery] = await inbox.reached(1);
    consumer.ack(delivery!, false);
    await client.close();
    const later = await read(queue);
    await publish(queue, 'b');
    await later.inbox.reached(1);
    expect(later.inbox.bodies).toEqual(['b']);
  });

  it('the next single active consumer has first what the last one had, whoever publishes meanwhile', async () => {
    const queue = await declare({ singleActiveConsumer: true });
    for (let round = 0; round < 5; round += 1) {
      const [active, next] = [await world.connect(), await world.connect()];
      const [had, has] = [new Inbox(), new Inbox()];
      const options = { prefetch: 1, answersOneByOne: true };
      await active.consume(queue, options, had.take);
      const consumer = await next.consume(queue, options, (delivery) => {
        has.take(delivery);
        consumer.ack(delivery, false);
      });
      await publish(queue, `first of ${round}`);
      await had.reached(1);
      const closed = new AbortController();
      const publishing = (async () => {
        while (!closed.signal.aborted) await publish(queue, 'meanwhile');
      })();
      await active.close();
      const [first] = await has.reached(1);
      closed.abort();
      await publishing;
      expect(first).toMatchObject({ body: `first of ${round}`, redelivered: true });
      await depthBecomes(queue, 0);
      await next.close();
    }
  });

  it('none answers for what came before', async () => {
    const [reader] = await readers(1);
    await publish(reader!.queue, 'a');
    const [delivery] = await reader!.inbox.reached(1);
    expect(() => reader!.consumer.ack(delivery!, true)).toThrow('answers one by one');
  });
});
