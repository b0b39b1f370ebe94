import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Broker, Delivery, OutgoingMessage, QueueSpec } from '../../../src/backends/ports.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { SimulatedBrokerServer } from '../../../src/backends/simulated/rabbitmq.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';

const queueOf = (name: string, rest: Partial<QueueSpec> = {}): QueueSpec => ({
  name,
  type: 'classic',
  durable: true,
  ...rest,
});

const messageTo = (routingKey: string, body: string): OutgoingMessage => ({
  exchange: '',
  routingKey,
  body,
  persistent: true,
  confirm: true,
});

const setUp = (latency?: () => number) => {
  const clock = new VirtualClock(0);
  const random = new SeededRandom(7);
  const server = new SimulatedBrokerServer({ clock, random, ...(latency !== undefined && { latency }) });
  const broker = server.connect();
  /** Starts `work`, and lets time pass until `untilMs`, or until nothing happens any more. */
  const play = async <T>(work: () => Promise<T>, untilMs = Infinity): Promise<T> => {
    let running: Promise<T> | undefined;
    clock.schedule(0, () => {
      running = work();
      // Whoever awaits `play` hears of a rejection, only later.
      running.catch(() => {});
    });
    clock.schedule(untilMs === Infinity ? 0 : untilMs - clock.now(), () => {});
    await clock.run(() => clock.now() >= untilMs);
    return running!;
  };
  const declare = (...queues: QueueSpec[]) =>
    play(() => broker.declare({ exchanges: [], queues, bindings: [] }));
  return { clock, server, broker, play, declare };
};

const publish = (broker: Broker, queue: string, ...bodies: string[]) =>
  Promise.all(bodies.map((body) => broker.publish(messageTo(queue, body))));

describe('SimulatedBrokerServer', () => {
  it('answers everything of one turn together', async () => {
    const { clock, broker, play, declare } = setUp();
    await declare(queueOf('q'));
    let events = 0;
    const schedule = clock.schedule.bind(clock);
    clock.schedule = (delayMs, callback) => {
      events += 1;
      return schedule(delayMs, callback);
    };
    await play(() => publish(broker, 'q', ...Array.from({ length: 1_000 }, String)));
    // Two of `play`, the publishes, their answers, and the time limit of the publishes.
    expect(events).toBe(5);
  });

  it('takes the latency each way', async () => {
    const { clock, broker, play, declare } = setUp(() => 5);
    await declare(queueOf('q'));
    const startMs = clock.now();
    const confirmedMs = await play(async () => {
      await publish(broker, 'q', 'a');
      return clock.now();
    });
    expect(confirmedMs - startMs).toBe(10);
  });

  it('keeps the order of what is sent, however the latency varies', async () => {
    const random = new SeededRandom(3);
    const { broker, play, declare } = setUp(() => random.next() * 20);
    await declare(queueOf('q'));
    const bodies: string[] = [];
    await play(async () => {
      await broker.consume('q', { prefetch: 100 }, ({ body }) => bodies.push(body));
      for (let wave = 0; wave < 10; wave += 1) await publish(broker, 'q', `${wave}a`, `${wave}b`);
    });
    expect(bodies).toEqual(Array.from({ length: 10 }, (_, wave) => [`${wave}a`, `${wave}b`]).flat());
  });

  it('lets messages expire at the head only', async () => {
    const { broker, play, declare } = setUp();
    await declare(queueOf('dead'), queueOf('q', { messageTtlMs: 100, deadLetterQueue: 'dead' }));
    await play(() => publish(broker, 'q', 'a', 'b'), 50);
    expect(await play(() => Promise.all([broker.depth('q'), broker.depth('dead')]), 60)).toEqual([2, 0]);
    expect(await play(() => Promise.all([broker.depth('q'), broker.depth('dead')]), 200)).toEqual([2, 0]);
    expect(await play(() => Promise.all([broker.depth('q'), broker.depth('dead')]), 300)).toEqual([0, 2]);
  });

  it('drops a message that expires in a circle, and moves on one that a consumer rejected', async () => {
    const { broker, play, declare } = setUp();
    await declare(
      queueOf('a', { messageTtlMs: 10, deadLetterQueue: 'b' }),
      queueOf('b', { messageTtlMs: 10, deadLetterQueue: 'a' }),
    );
    await play(() => publish(broker, 'a', 'x'));
    expect(await play(() => Promise.all([broker.depth('a'), broker.depth('b')]))).toEqual([0, 0]);

    await declare(queueOf('work', { deadLetterQueue: 'wait' }));
    await declare(queueOf('wait', { messageTtlMs: 10, deadLetterQueue: 'work' }));
    const tries: Delivery[] = [];
    await play(async () => {
      const consumer = await broker.consume('work', { prefetch: 1 }, (delivery) => {
        tries.push(delivery);
        if (tries.length < 4) consumer.reject(delivery, false);
        else consumer.ack(delivery, false);
      });
      await publish(broker, 'work', 'y');
    });
    expect(tries.map(({ body }) => body)).toEqual(['y', 'y', 'y', 'y']);
  });

  it('puts what comes back in its old place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 20 }), async (picks) => {
        const { broker, play, declare } = setUp();
        await declare(queueOf('q'));
        const held: Delivery[] = [];
        const rest: string[] = [];
        await play(async () => {
          await publish(broker, 'q', ...Array.from({ length: 10 }, String));
          const consumer = await broker.consume('q', { prefetch: 7 }, (delivery) => held.push(delivery));
          while (held.length < 7) await broker.depth('q');
          for (const pick of picks) {
            const [delivery] = held.splice(pick, 1);
            if (delivery !== undefined) consumer.reject(delivery, true);
            await broker.depth('q');
          }
          await consumer.cancel();
          await broker.consume('q', { prefetch: 10 }, ({ body }) => rest.push(body));
        });
        expect(rest).toEqual(Array.from({ length: 10 }, String));
      }),
      { numRuns: 30 },
    );
  });

  it('declares its queues again when they are gone after a cut', async () => {
    const { clock, server, broker, play, declare } = setUp();
    const other = server.connect();
    await declare(queueOf('q'));
    const bodies: string[] = [];
    await play(async () => {
      await broker.consume('q', { prefetch: 1 }, ({ body }) => bodies.push(body));
      server.cut(broker, 1_000);
      await other.remove({ exchanges: [], queues: ['q'] });
    }, 500);
    expect((await play(() => publish(other, 'q', 'lost'), 600)).map(({ kind }) => kind)).toEqual([
      'unroutable',
    ]);
    const outcomes = await play(() => publish(broker, 'q', 'a'), 2_000);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed']);
    expect(clock.now()).toBeGreaterThan(1_000);
    expect(bodies).toEqual(['a']);
  });

  it('gives up waiting for a broker that stays away', async () => {
    const { clock, server, broker, play, declare } = setUp();
    await declare(queueOf('q'));
    const rejected = await play(async () => {
      server.cut(broker, 60_000);
      return Promise.allSettled([
        broker.depth('q'),
        ...Array.from({ length: 2 }, () => publish(broker, 'q', 'a')),
      ]);
    });
    expect(rejected.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(rejected.every((o) => o.status === 'rejected' && o.reason.effect === 'none')).toBe(true);
    expect(clock.now()).toBeGreaterThan(60_000);
    expect(await play(() => broker.depth('q'))).toBe(0);
  });

  it('leaves no timer behind when its last client has closed, and expires what was due when one is back', async () => {
    const { clock, server, broker, play, declare } = setUp();
    await declare(queueOf('q', { messageTtlMs: 1_000_000 }), queueOf('idle', { expiresMs: 1_000_000 }));
    await play(() => publish(broker, 'q', 'a'), 10);
    await play(() => broker.close());
    expect(clock.now()).toBeLessThan(1_000);
    clock.schedule(2_000_000, () => {});
    await clock.run();
    const next = server.connect();
    expect(await play(() => next.depth('q'))).toBe(0);
    await expect(play(() => next.depth('idle'))).rejects.toMatchObject({ effect: 'none' });
  });
});
