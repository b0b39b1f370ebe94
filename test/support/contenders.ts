import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { HeldLock, LockOutcome, LockPort, LockRequest } from '../../src/engine/lock/port.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import type { EngineContext } from '../../src/engine/strategy.ts';
import { optionsOf } from '../../src/contract/options.ts';
import type { Space, TestNode } from './worlds.ts';

const LONG_MS = 30_000;

/** A node of a test that contends for locks. */
export class Contender {
  readonly node: TestNode;
  readonly #lock: LockPort;
  readonly #keys: readonly string[];

  private constructor(node: TestNode, lock: LockPort) {
    this.node = node;
    this.#lock = lock;
    this.#keys = [node.namespace.key('lock:0')];
  }

  static async of(
    space: Space,
    lock: string,
    changes: (node: TestNode) => Partial<EngineContext> = () => ({}),
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<Contender> {
    const strategy = REGISTRY.lock[lock]!;
    if (strategy.uses.includes('postgres')) await space.define();
    const plain = await space.node();
    const node = { ...plain, ...changes(plain), telemetry: plain.telemetry };
    return new Contender(node, strategy.open(optionsOf(strategy, options), node));
  }

  acquire(request: Partial<LockRequest> = {}): Promise<LockOutcome> {
    return this.#lock.acquire({ keys: this.#keys, waitMs: LONG_MS, ...request });
  }

  async hold(request: Partial<LockRequest> = {}): Promise<HeldLock> {
    const outcome = await this.acquire(request);
    if (outcome.kind !== 'held') throw new Error(`the lock is ${outcome.kind}`);
    return outcome;
  }

  /** Until everything that the node has sent before is answered. */
  async settle(): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      await this.node.redis.call('PING');
      await turnOfTheLoop();
    }
  }

  /** Waits for the lock; resolves once it is in the queue. */
  async queueUp(): Promise<{ readonly turn: Promise<HeldLock> }> {
    const queue = `${this.#keys[0]}:queue`;
    const before = Number(await this.node.redis.call('LLEN', queue));
    const turn = this.hold();
    turn.catch(() => undefined);
    while (Number(await this.node.redis.call('LLEN', queue)) <= before) await turnOfTheLoop();
    return { turn };
  }
}
