import { inject } from 'vitest';
import { BackendError, type Redis } from '../../src/backends/ports.ts';
import { openRedis } from '../../src/backends/real/redis.ts';
import { SimulatedRedisServer } from '../../src/backends/simulated/redis.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';

/** One Redis, real or simulated, and the clients that a test opened on it. */
export interface World {
  connect(options?: { readonly dedicatedConnections?: number }): Promise<Redis>;
  /** A key that no other test and no other run has. */
  key(name?: string): string;
  /** Deletes the keys and closes the clients. */
  close(): Promise<void>;
}

let worlds = 0;

const worldOf = (open: World['connect']): World => {
  worlds += 1;
  const prefix = `trade-sim:{test-${process.pid}-${Math.random().toString(36).slice(2)}-${worlds}}:`;
  const opened: Redis[] = [];
  const keys = new Set<string>();
  return {
    async connect(options) {
      const redis = await open(options);
      opened.push(redis);
      return redis;
    },
    key(name = 'key') {
      keys.add(`${prefix}${name}`);
      return `${prefix}${name}`;
    },
    async close() {
      if (keys.size > 0) {
        const janitor = await open();
        await janitor.call('DEL', ...keys);
        opened.push(janitor);
      }
      await Promise.all(opened.map((redis) => redis.close()));
    },
  };
};

export const realWorld = (): World =>
  worldOf((options) => openRedis({ url: inject('services').redis, ...options }));

export const simulatedWorld = (latency?: () => number): World => {
  const random = new SeededRandom(1);
  const server = new SimulatedRedisServer({ clock: wallClock, random, ...(latency && { latency }) });
  return worldOf((options) => Promise.resolve(server.connect(options)));
};

export const WORLDS: readonly { readonly world: string; readonly enter: () => World }[] = [
  { world: 'real', enter: realWorld },
  { world: 'simulated', enter: () => simulatedWorld() },
  { world: 'simulated with latency', enter: () => simulatedWorld(() => 1) },
];

/** How a promise that should reject with a BackendError did: `none GET: WRONGTYPE …`, `unknown …`. */
export const refusalOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof BackendError) return `${error.effect} ${error.message.replace(/^redis: /, '')}`;
    throw error;
  }
  return 'resolved';
};
