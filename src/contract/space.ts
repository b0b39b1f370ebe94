import type { Backends } from '../backends/ports.ts';
import { LEDGER_TABLES } from '../engine/ledger/tables.ts';
import type { Namespace } from '../engine/namespace.ts';
import { removeRun } from '../engine/run-space.ts';
import type { Creations, EngineContext } from '../engine/strategy.ts';
import { sleep, type Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { closeBackends, type Connect } from '../load/connect.ts';
import { Tally } from './tally.ts';

export interface ContractNode extends EngineContext {
  readonly telemetry: Tally;
}

/** A namespace of its own on one set of services, and the engine nodes that are connected to it. */
export interface Space {
  readonly namespace: Namespace;
  readonly clock: Clock;
  /** Time costs nothing here: hours pass at once. */
  readonly virtual: boolean;
  /** Another node with its own connections; `changes` take the place of what it would be given. */
  node(changes?: Partial<EngineContext>): Promise<ContractNode>;
  /** Creates the ledger's tables. */
  define(): Promise<void>;
  /** Gives the others a turn. */
  turn(): Promise<void>;
  close(): Promise<void>;
}

export interface SpaceParts {
  readonly namespace: Namespace;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly virtual: boolean;
  /** The sequence of chance of each node, from 0. */
  readonly randomOf: (node: number) => Random;
  /** How long a turn takes, in ms. */
  readonly turnMs: () => number;
  /** What a strategy of the user's creates. */
  readonly creates?: Creations | undefined;
}

const NODES = 3;

export const openSpace = async (parts: SpaceParts): Promise<Space> => {
  const { namespace, connect, clock, virtual, randomOf, turnMs, creates } = parts;
  const own = await connect();
  const opened: Backends[] = [];
  return {
    namespace,
    clock,
    virtual,
    async node(changes = {}) {
      const backends = await connect();
      const node = opened.push(backends) - 1;
      const random = randomOf(node);
      const telemetry = new Tally();
      return { ...backends, namespace, clock, random, node, nodes: NODES, ...changes, telemetry };
    },
    define: () => own.postgres.define(LEDGER_TABLES),
    turn: async () => void (await sleep(clock, turnMs())),
    async close() {
      await Promise.all(opened.map(closeBackends));
      await removeRun(own, namespace, creates);
      await closeBackends(own);
    },
  };
};
