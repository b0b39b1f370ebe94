import { afterEach, beforeEach, expect, inject, vi } from 'vitest';
import type { Broker, Delivery, OutgoingMessage, QueueSpec, Topology } from '../../src/backends/ports.ts';
import { openBroker } from '../../src/backends/real/rabbitmq.ts';
import { SimulatedBrokerServer } from '../../src/backends/simulated/rabbitmq.ts';
import { replacing } from '../../src/contract/faults.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { openRelay } from './relay.ts';

/** One RabbitMQ, real or simulated, and the clients that a test opened on it. */
export interface World {
  connect(): Promise<Broker>;
  /** Cuts the connections of all clients, and lets them connect again. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

const realWorld = async (): Promise<World> => {
  const { relay, url } = await openRelay(inject('services').rabbitmq);
  const brokers: Broker[] = [];
  return {
    connect: async () => {
      const broker = await openBroker({ url });
      brokers.push(broker);
      return broker;
    },
    cut: async () => relay.cut(),
    close: async () => {
      await Promise.all(brokers.map((broker) => broker.close()));
      await relay.close();
    },
  };
};

const simulatedWorld = async (latency?: () => number): Promise<World> => {
  const random = new SeededRandom(1);
  const options = latency === undefined ? {} : { latency };
  const server = new SimulatedBrokerServer({ clock: wallClock, random, ...options });
  const brokers = new Set<Broker>();
  return {
    connect: async () => {
      const broker = server.connect();
      brokers.add(broker);
      return replacing(broker, {
        close() {
          brokers.delete(broker);
          return broker.close();
        },
      });
    },
    cut: async () => {
      for (const broker of brokers) server.cut(broker);
    },
    close: async () => {
      await Promise.all([...brokers].map((broker) => broker.close()));
    },
  };
};

export const WORLDS: readonly { readonly world: string; readonly open: () => Promise<World> }[] = [
  { world: 'real', open: realWorld },
  { world: 'simulated', open: () => simulatedWorld() },
  { world: 'simulated with latency', open: () => simulatedWorld(() => 1) },
];

let names = 0;

/** A name that no other test and no other run has. */
export const uniqueName = (): string => {
  names += 1;
  return `trade-sim.test.${process.pid}.${Math.random().toString(36).slice(2)}.${names}`;
};

export const queueSpec = (name: string, rest: Partial<QueueSpec> = {}): QueueSpec => ({
  name,
  type: 'classic',
  durable: true,
  expiresMs: 60_000,
  ...rest,
});

export const topology = (rest: Partial<Topology>): Topology => ({
  exchanges: [],
  queues: [],
  bindings: [],
  ...rest,
});

export const message = (
  routingKey: string,
  body: string,
  rest: Partial<OutgoingMessage> = {},
): OutgoingMessage => ({ exchange: '', routingKey, body, persistent: false, confirm: true, ...rest });

/** Deliveries as they come, and a promise for the moment when there are enough of them. */
export class Inbox {
  readonly deliveries: Delivery[] = [];
  #waiters: { readonly count: number; readonly resolve: () => void }[] = [];

  readonly take = (delivery: Delivery): void => {
    this.deliveries.push(delivery);
    const due = this.#waiters.filter(({ count }) => this.deliveries.length >= count);
    this.#waiters = this.#waiters.filter(({ count }) => this.deliveries.length < count);
    for (const { resolve } of due) resolve();
  };

  get bodies(): readonly string[] {
    return this.deliveries.map(({ body }) => body);
  }

  async reached(count: number): Promise<readonly Delivery[]> {
    if (this.deliveries.length < count) {
      await new Promise<void>((resolve) => this.#waiters.push({ count, resolve }));
    }
    return this.deliveries;
  }
}

/** A client of a new world for each test of a suite, and queues of its own, which go with it. */
export class Scene {
  world!: World;
  broker!: Broker;
  #queues: string[] = [];

  constructor(open: () => Promise<World>) {
    beforeEach(async () => {
      this.world = await open();
      this.broker = await this.world.connect();
      this.#queues = [];
    });
    afterEach(async () => {
      await this.broker.remove({ exchanges: [], queues: this.#queues });
      await this.world.close();
    });
  }

  readonly declare = async (rest: Partial<QueueSpec> = {}, client = this.broker): Promise<string> => {
    const queue = queueSpec(uniqueName(), rest);
    this.#queues.push(queue.name);
    await client.declare(topology({ queues: [queue] }));
    return queue.name;
  };

  readonly depthBecomes = (queue: string, depth: number): Promise<void> =>
    vi.waitFor(async () => expect(await this.broker.depth(queue)).toBe(depth), {
      timeout: 10_000,
      interval: 10,
    });
}
