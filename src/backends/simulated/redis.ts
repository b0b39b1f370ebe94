import type { Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import type { KeyTracking, Redis, RedisReply, RedisScript } from '../ports.ts';
import {
  DEDICATED_CONNECTIONS,
  DEDICATED_WAIT_MS,
  MAX_WAITING_FOR_DEDICATED,
  refusalOf,
  runScript,
  type SendCommand,
} from '../redis-protocol.ts';
import { Slots } from '../slots.ts';
import { closedError, SimulatedConnection, type Wire } from './redis/connection.ts';
import { Link } from './redis/link.ts';
import { RedisServer } from './redis/server.ts';
import { Subscriptions } from './redis/subscriptions.ts';
import { Trackings } from './redis/trackings.ts';

export interface SimulatedRedisOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds that a message takes one way, asked for each. Without it, what is sent arrives in the next turn. */
  readonly latency?: () => number;
}

/** A Redis server in memory, for any number of clients. It lives on the given clock and nothing else. */
export class SimulatedRedisServer {
  readonly #clock: Clock;
  readonly #latencyMs: (() => number) | undefined;
  readonly #server: RedisServer;
  /** Requests of this turn: executed together in the next. */
  #arriving: (() => void)[] = [];

  constructor({ clock, random, latency }: SimulatedRedisOptions) {
    this.#clock = clock;
    this.#latencyMs = latency;
    this.#server = new RedisServer(clock, random);
  }

  /** `dedicatedConnections`: those that `dedicated` lends out at once. */
  connect(options: { readonly dedicatedConnections?: number } = {}): Redis {
    const { dedicatedConnections: size = DEDICATED_CONNECTIONS } = options;
    const bounds = { size, maxWaiting: MAX_WAITING_FOR_DEDICATED, waitMs: DEDICATED_WAIT_MS };
    return new SimulatedRedis(
      () => new SimulatedConnection(this.#server, this.#latencyMs ? this.#slowWire() : this.#instantWire),
      new Subscriptions(this.#server, this.#slowWire()),
      new Trackings(this.#server, this.#slowWire()),
      new Slots('redis', this.#clock, bounds),
    );
  }

  /** One event for all requests of a turn, and none for the answers: what makes the embedded server fast. */
  readonly #instantWire: Wire = {
    toServer: (arrive) => {
      this.#arriving.push(arrive);
      if (this.#arriving.length > 1) return;
      this.#clock.schedule(0, () => {
        const arrived = this.#arriving;
        this.#arriving = [];
        for (const each of arrived) each();
      });
    },
    toClient: (arrive) => arrive(),
  };

  #slowWire(): Wire {
    const latencyMs = this.#latencyMs ?? (() => 0);
    const [there, back] = [new Link(this.#clock, latencyMs), new Link(this.#clock, latencyMs)];
    return { toServer: (arrive) => there.carry(arrive), toClient: (arrive) => back.carry(arrive) };
  }
}

class SimulatedRedis implements Redis {
  readonly #open: () => SimulatedConnection;
  readonly #shared: SimulatedConnection;
  readonly #subscriptions: Subscriptions;
  readonly #trackings: Trackings;
  readonly #slots: Slots;
  readonly #dedicated = new Set<SimulatedConnection>();
  #closed = false;

  constructor(
    open: () => SimulatedConnection,
    subscriptions: Subscriptions,
    trackings: Trackings,
    slots: Slots,
  ) {
    this.#open = open;
    this.#shared = open();
    this.#subscriptions = subscriptions;
    this.#trackings = trackings;
    this.#slots = slots;
  }

  call(command: string, ...args: (string | number)[]): Promise<RedisReply> {
    const name = command.toUpperCase();
    const refusal = refusalOf(name, 'shared');
    return refusal === undefined ? this.#send(name, args, name) : Promise.reject(refusal);
  }

  run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<RedisReply> {
    return runScript(this.#send, script, keys, args);
  }

  async subscribe(channel: string, onMessage: (message: string) => void): Promise<() => Promise<void>> {
    if (this.#closed) throw closedError('SUBSCRIBE');
    return this.#subscriptions.add(channel, onMessage);
  }

  async track(prefix: string, onChange: (key: string | undefined) => void): Promise<KeyTracking> {
    if (this.#closed) throw closedError('CLIENT TRACKING');
    return this.#trackings.add(prefix, onChange);
  }

  async dedicated<T>(work: (redis: Pick<Redis, 'call'>) => Promise<T>): Promise<T> {
    await this.#slots.acquire();
    const connection = this.#open();
    this.#dedicated.add(connection);
    try {
      return await work({ call: (command, ...args) => callDedicated(connection, command, args) });
    } finally {
      this.#dedicated.delete(connection);
      connection.close();
      this.#slots.release();
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#slots.close();
    for (const connection of [this.#shared, ...this.#dedicated]) connection.close();
    this.#subscriptions.close();
    this.#trackings.close();
    return Promise.resolve();
  }

  readonly #send: SendCommand = (...request) => this.#shared.send(...request);
}

const callDedicated = (
  connection: SimulatedConnection,
  command: string,
  args: readonly (string | number)[],
): Promise<RedisReply> => {
  const name = command.toUpperCase();
  const refusal = refusalOf(name, 'dedicated');
  return refusal === undefined ? connection.send(name, args, name) : Promise.reject(refusal);
};
