import { BackendError, type Backends, type Statement } from '../../src/backends/ports.ts';
import { composeEngine, type EngineNode, type EnginePlan } from '../../src/engine/compose.ts';
import type { EngineContext } from '../../src/engine/strategy.ts';
import { replacing } from '../../src/contract/faults.ts';
import type { Space, TestNode } from './worlds.ts';

/** One engine node of a test's shop, and what it is made of. */
export interface Shop extends EngineNode {
  readonly node: TestNode;
}

const PLAN: EnginePlan = {
  lock: { name: 'token', options: {} },
  stock: { name: 'lua', options: {} },
  cache: { name: 'aside', options: {} },
  queue: { name: 'confirm', options: {} },
  lockWaitMs: 20_000,
  catalogue: { skus: 1, limitPerUser: 0 },
};

export const openShop = async (
  space: Space,
  plan: Partial<EnginePlan> = {},
  changes: (backends: Backends) => Partial<EngineContext> = () => ({}),
): Promise<Shop> => {
  const plain = await space.node();
  const node = { ...plain, ...changes(plain), telemetry: plain.telemetry };
  return { ...composeEngine({ ...PLAN, ...plan }, node), node };
};

/** Where strategies that write to PostgreSQL first put an event. */
const EVENT_TABLES: ReadonlySet<string> = new Set(['ledger_entries', 'outbox']);

/**
 * Faults in the way of order events, whichever way they take: `refuse` and they certainly go nowhere, `lose` and
 * they arrive without an answer; `swallow` and neither they nor an answer arrive.
 */
export class EventFaults {
  mode: 'none' | 'refuse' | 'lose' | 'swallow' = 'none';

  readonly between = ({ broker, postgres }: Backends): Partial<EngineContext> => ({
    broker: replacing(broker, {
      publish: (message) => this.#apply('rabbitmq', () => broker.publish(message)),
    }),
    postgres: replacing(postgres, {
      query: (statement: Statement) =>
        statement.kind === 'insert' && EVENT_TABLES.has(statement.table)
          ? this.#apply('postgres', () => postgres.query(statement))
          : postgres.query(statement),
    }),
  });

  async #apply<T>(service: 'rabbitmq' | 'postgres', request: () => Promise<T>): Promise<T> {
    if (this.mode === 'refuse') throw new BackendError(service, 'none', 'refused');
    if (this.mode === 'swallow') throw new BackendError(service, 'unknown', 'the connection was lost');
    const answer = await request();
    if (this.mode === 'lose') throw new BackendError(service, 'unknown', 'the answer was lost');
    return answer;
  }
}
