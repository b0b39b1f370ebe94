import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { inject } from 'vitest';
import type { Broker, Delivery, OutgoingMessage, QueueSpec, Topology } from '../../src/backends/ports.ts';
import { openBroker } from '../../src/backends/real/rabbitmq.ts';
import { SimulatedBrokerServer } from '../../src/backends/simulated/rabbitmq.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';

/** One RabbitMQ, real or simulated, and the clients that a test opened on it. */
export interface World {
  connect(): Promise<Broker>;
  /** Cuts the connections of all clients, and lets them connect again. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** A TCP relay on 127.0.0.1 whose connections can be destroyed. */
class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(target: { readonly host: string; readonly port: number }): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on('connection', (client) => relay.#join(client, connect(target)));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #join(client: Socket, server: Socket): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

const realWorld = async (): Promise<World> => {
  const url = new URL(inject('services').rabbitmq);
  const relay = await Relay.open({ host: url.hostname, port: Number(url.port || 5672) });
  url.host = `127.0.0.1:${relay.port}`;
  const brokers: Broker[] = [];
  return {
    connect: async () => {
      const broker = await openBroker({ url: url.href });
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
  const brokers: Broker[] = [];
  return {
    connect: async () => {
      const broker = server.connect();
      brokers.push(broker);
      return broker;
    },
    cut: async () => {
      for (const broker of brokers) server.cut(broker);
    },
    close: async () => {
      await Promise.all(brokers.map((broker) => broker.close()));
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
