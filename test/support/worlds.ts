import { inject } from 'vitest';
import type { Backends } from '../../src/backends/ports.ts';
import { LEDGER_TABLES } from '../../src/engine/ledger/tables.ts';
import { namespaceOf, type Namespace } from '../../src/engine/namespace.ts';
import { removeRun } from '../../src/engine/run-space.ts';
import type { EngineContext } from '../../src/engine/strategy.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { closeBackends, connector, type ServiceUrls } from '../../src/load/connect.ts';
import { Tally } from './tally.ts';

export interface TestNode extends EngineContext {
  readonly telemetry: Tally;
}

/** A namespace of its own on one set of services, and the engine nodes that a test connects to it. */
export interface Space {
  readonly namespace: Namespace;
  /** Another node with its own connections; `changes` take the place of what it would be given. */
  node(changes?: Partial<EngineContext>): Promise<TestNode>;
  /** Creates the ledger's tables. */
  define(): Promise<void>;
  close(): Promise<void>;
}

export interface World {
  readonly world: string;
  readonly open: () => Promise<Space>;
}

const NODES = 3;
let spaces = 0;

const openSpace = async (services: ServiceUrls): Promise<Space> => {
  spaces += 1;
  const namespace = namespaceOf(`t${process.pid.toString(36)}x${Date.now().toString(36)}x${spaces}`);
  const connect = connector(services, namespace, new SeededRandom(spaces));
  const own = await connect();
  const opened: Backends[] = [own];
  return {
    namespace,
    async node(changes = {}) {
      const backends = await connect();
      const node = opened.push(backends) - 2;
      const telemetry = new Tally();
      const random = new SeededRandom(spaces, node);
      return { ...backends, namespace, clock: wallClock, random, node, nodes: NODES, ...changes, telemetry };
    },
    define: () => own.postgres.define(LEDGER_TABLES),
    async close() {
      await Promise.all(opened.slice(1).map(closeBackends));
      await removeRun(own, namespace);
      await closeBackends(own);
    },
  };
};

/** Whatever holds for a strategy holds over real services and over their models alike. */
export const WORLDS: readonly World[] = [
  { world: 'real', open: () => openSpace(inject('services')) },
  { world: 'simulated', open: () => openSpace({}) },
];
