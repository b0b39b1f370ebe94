import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { Broker } from '../../src/backends/ports.ts';
import { type BrokerOptions, openBroker } from '../../src/backends/real/rabbitmq.ts';
import { Inbox, message, queueSpec, topology, uniqueName } from './rabbitmq-worlds.ts';
import { openRelay, type Relay } from './relay.ts';

const connectionError = async (options: BrokerOptions): Promise<Error> => {
  const opened = openBroker(options);
  await expect(opened).rejects.toMatchObject({ name: 'BackendError', service: 'rabbitmq', effect: 'none' });
  return opened.then(
    () => new Error('connected'),
    (error: unknown) => error as Error,
  );
};

/** Everything that could be printed of an error. */
const textOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.stack} ${JSON.stringify(error)} ${Object.values(error).join(' ')} ${textOf(error.cause)}`
    : String(error);

const withParts = (parts: {
  readonly password?: string;
  readonly port?: number;
  readonly pathname?: string;
}) => Object.assign(new URL(inject('services').rabbitmq), parts).href;

/** A method of AMQP 0-9-1's connection class, with one short string as its argument. */
const connectionMethod = (method: number, argument?: string): Buffer => {
  const text = argument === undefined ? [] : [argument.length, ...Buffer.from(argument)];
  const payload = [0, 10, 0, method, ...text];
  return Buffer.from([1, 0, 0, 0, 0, 0, payload.length, ...payload, 0xce]);
};
const BLOCKED = connectionMethod(60, 'low on memory');
const UNBLOCKED = connectionMethod(61);

describe('opening a connection to RabbitMQ', () => {
  it.each([
    ['a wrong password', { password: 'sesame-17' }, /cannot connect to amqp:.*wrong user name or password/],
    ['a closed port', { password: 'sesame-17', port: 1 }, /127\.0\.0\.1:1: connection refused/],
    ['an unknown virtual host', { pathname: '/nowhere-to-be-found' }, /no such virtual host/],
  ])('says what is wrong: %s', async (_, parts, expected) => {
    const error = await connectionError({ url: withParts(parts) });
    expect(error.message).toMatch(expected);
    expect(textOf(error)).not.toContain('sesame-17');
  });

  it.each(['amqp://user:sesame-17@', 'http://user:sesame-17@127.0.0.1', 'sesame-17'])(
    'refuses what is no address, and does not repeat it: %s',
    async (url) => {
      const error = await connectionError({ url });
      expect(error.message).toMatch(/not a URL of the form amqp:/);
      expect(textOf(error)).not.toContain('sesame-17');
    },
  );

  it('gives up on a server that does not answer', async () => {
    const server = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const error = await connectionError({ url: withParts({ port }), timeoutMs: 100 });
    expect(error.message).toMatch(/no answer within 100 ms/);
    const abort = new AbortController();
    const aborted = connectionError({ url: withParts({ port }), signal: abort.signal });
    abort.abort(new Error('stopped by hand'));
    expect((await aborted).message).toMatch(/stopped by hand/);
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
});

describe('a RabbitMQ that is far away', () => {
  it('removes more than its time-out allows one after the other', async () => {
    const { relay, url } = await openRelay(inject('services').rabbitmq, 25);
    const queues = Array.from({ length: 64 }, uniqueName);
    const direct = await openBroker({ url: inject('services').rabbitmq });
    await direct.declare(topology({ queues: queues.map((name) => queueSpec(name)) }));
    const broker = await openBroker({ url, timeoutMs: 2_000 });
    await broker.remove({ exchanges: [], queues });
    const depths = await Promise.allSettled(queues.map((name) => direct.depth(name)));
    expect(depths.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    await broker.close();
    await direct.close();
    await relay.close();
  });
});

describe('a RabbitMQ that cannot be reached for a while', () => {
  let relay: Relay;
  let broker: Broker;
  let direct: Broker;
  let queue: string;

  beforeEach(async () => {
    const relayed = await openRelay(inject('services').rabbitmq);
    ({ relay } = relayed);
    broker = await openBroker({
      url: relayed.url,
      confirmWindow: 100,
      maxBuffered: 10,
      publishTimeoutMs: 300,
      timeoutMs: 1_000,
    });
    direct = await openBroker({ url: inject('services').rabbitmq });
    queue = uniqueName();
    await broker.declare(topology({ queues: [queueSpec(queue)] }));
  });

  afterEach(async () => {
    await broker.close();
    await direct.remove({ exchanges: [], queues: [queue] });
    await direct.close();
    await relay.close();
  });

  const publish = (body: string) => broker.publish(message(queue, body));

  it('bounds how long and how many publishes wait', async () => {
    const cutOff = publish('cut off');
    relay.refuse();
    await expect(cutOff).rejects.toMatchObject({ effect: 'unknown' });
    const waiting = Array.from({ length: 11 }, (_, index) => publish(String(index)));
    const outcomes = await Promise.allSettled(waiting);
    const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : ''));
    expect(reasons.slice(0, 10).every((reason) => /could not be sent within 300 ms/.test(reason))).toBe(true);
    expect(reasons[10]).toMatch(/10 publishes are waiting already/);
    await expect(broker.depth(queue)).rejects.toMatchObject({ effect: 'none' });
    relay.accept();
    await vi.waitFor(async () => expect(await publish('back')).toEqual({ kind: 'confirmed' }), {
      timeout: 10_000,
    });
  });

  it('declares its queues again and goes on consuming', async () => {
    const inbox = new Inbox();
    await broker.consume(queue, { prefetch: 10 }, inbox.take);
    const cutOff = publish('cut off');
    relay.refuse();
    await expect(cutOff).rejects.toMatchObject({ effect: 'unknown' });
    await direct.remove({ exchanges: [], queues: [queue] });
    relay.accept();
    await vi.waitFor(async () => expect(await publish('a')).toEqual({ kind: 'confirmed' }), {
      timeout: 10_000,
    });
    await vi.waitFor(() => expect(inbox.bodies).toContain('a'), { timeout: 10_000 });
  });

  it('publishes nothing while the broker blocks it, and acknowledges all the same', async () => {
    const inbox = new Inbox();
    const consumer = await broker.consume(queue, { prefetch: 1 }, inbox.take);
    for (const body of ['a', 'b']) await direct.publish(message(queue, body));
    const [a] = await inbox.reached(1);
    relay.say(BLOCKED);
    await vi.waitFor(() => expect(publish('blocked')).rejects.toThrow(/blocks publishing: low on memory/), {
      timeout: 10_000,
    });
    consumer.ack(a!, false);
    await inbox.reached(2);
    const waiting = publish('waiting');
    relay.say(UNBLOCKED);
    expect(await waiting).toEqual({ kind: 'confirmed' });
  });

  it('reports what a silent server leaves open, and closes in time all the same', async () => {
    expect(await publish('answered')).toEqual({ kind: 'confirmed' });
    relay.freeze();
    await expect(publish('unanswered')).rejects.toMatchObject({
      effect: 'unknown',
      message: expect.stringMatching(/no answer to a publish within 300 ms/),
    });
    await expect(broker.depth(queue)).rejects.toMatchObject({ effect: 'unknown' });
    await broker.close();
    await expect(publish('closed')).rejects.toMatchObject({ effect: 'none' });
  });

  it('closes in time with consumers that share a channel, however long a request may take', async () => {
    const { relay: own, url } = await openRelay(inject('services').rabbitmq);
    const patient = await openBroker({ url, timeoutMs: 3_600_000, heartbeatS: 3_600 });
    const consume = () => patient.consume(queue, { prefetch: 1, answersOneByOne: true }, () => {});
    const consumers = await Promise.all([consume(), consume()]);
    own.freeze();
    await patient.close();
    expect(consumers.map(({ ended }) => ended)).toEqual([true, true]);
    await own.close();
  });

  it('ends the consumer of a queue that was deleted', async () => {
    const inbox = new Inbox();
    await broker.consume(queue, { prefetch: 10 }, inbox.take);
    await direct.remove({ exchanges: [], queues: [queue] });
    expect(await publish('a')).toEqual({ kind: 'unroutable' });
    await broker.declare(topology({ queues: [queueSpec(queue)] }));
    expect(await publish('b')).toEqual({ kind: 'confirmed' });
    await vi.waitFor(async () => expect(await broker.depth(queue)).toBe(1), { timeout: 10_000 });
    expect(inbox.deliveries).toEqual([]);
  });
});
