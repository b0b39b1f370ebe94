import { randomBytes } from 'node:crypto';
import { VirtualClock } from '../backends/simulated/clock.ts';
import { namespaceOf } from '../engine/namespace.ts';
import type { Creations } from '../engine/strategy.ts';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import { SeededRandom } from '../kernel/random.ts';
import { connector, type ServiceUrls } from '../load/connect.ts';
import { Broken, NotJudged } from './property.ts';
import { openSpace, type Space } from './space.ts';

/** What a strategy wants of a space beside the three services. */
export interface Needs {
  /** What it creates on the broker. */
  readonly creates?: Creations | undefined;
  /** How many Redis masters of its own. */
  readonly lockMasters?: number;
}

/** Where properties are checked. Each piece of work has a space of its own there, which goes with it. */
export interface World {
  readonly world: 'simulated' | 'real';
  /** Rejects with `Broken` when the work does not come to an end. */
  run(work: (space: Space) => Promise<void>, needs?: Needs): Promise<void>;
}

const REAL_LIMIT_MS = 30_000;

/** Real servers and the wall clock. */
export const realWorld = (services: ServiceUrls): World => ({
  world: 'real',
  async run(work, { creates, lockMasters = 0 } = {}) {
    const masters = services.lockMasters?.slice(0, lockMasters) ?? [];
    if (masters.length < lockMasters)
      throw new NotJudged(
        `it wants ${lockMasters} Redis masters of its own, and there are ${masters.length}`,
      );
    const namespace = namespaceOf(`c${randomBytes(6).toString('hex')}`);
    const space = await openSpace({
      namespace,
      connect: connector({ ...services, lockMasters: masters }, namespace, new SeededRandom(1)),
      clock: wallClock,
      virtual: false,
      randomOf: (node) => new SeededRandom(1, node),
      turnMs: () => 0,
      creates,
    });
    try {
      const late = () => new Broken(`it has not come to an end within ${REAL_LIMIT_MS / 1_000} s`);
      await withDeadline(wallClock, work(space), REAL_LIMIT_MS, late);
    } finally {
      await space.close();
    }
  },
});

/** Any instant. */
const EPOCH_MS = 1_700_000_000_000;
const VIRTUAL_LIMIT_MS = 3_600_000;
/** A message is under way for up to this long, and so is a turn. */
const SLOWEST_MS = 2;

/** Models on a clock of their own. All delays come from the seed: the same seed is the same race. */
export const simulatedWorld = (seed: number): World => ({
  world: 'simulated',
  async run(work, { creates, lockMasters = 0 } = {}) {
    const masters = Array.from({ length: lockMasters }, () => undefined);
    const clock = new VirtualClock(EPOCH_MS);
    const random = new SeededRandom(seed);
    const namespace = namespaceOf('contract');
    const delayMs = () => random.next() * SLOWEST_MS;
    const inSpace = async () => {
      const space = await openSpace({
        namespace,
        connect: connector({ lockMasters: masters }, namespace, random, { clock, latency: delayMs }),
        clock,
        virtual: true,
        randomOf: (node) => new SeededRandom(seed, node),
        turnMs: delayMs,
        creates,
      });
      try {
        await work(space);
      } finally {
        await space.close();
      }
    };
    let ended = false;
    const running = inSpace().finally(() => {
      ended = true;
    });
    // Looked at below; until then it must not end the process.
    running.catch(() => {});
    const startedMs = wallClock.now();
    const overdue = () => clock.now() > VIRTUAL_LIMIT_MS || wallClock.now() - startedMs > REAL_LIMIT_MS;
    await clock.run(() => ended || overdue());
    if (!ended)
      throw new Broken(
        overdue()
          ? 'it has not come to an end though it was given time'
          : 'it waits for something that never comes: nothing is left to happen',
      );
    await running;
  },
});
