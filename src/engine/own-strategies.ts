import { REGISTRY, type StrategyPort } from './registry.ts';
import type { Creations } from './strategy.ts';

/** A strategy as a scenario chooses it, with its options as given. */
export interface Chosen {
  /** As users type it; of their own strategies, as reports show it. */
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Of a user's own strategy: the URL of its module. */
  readonly module?: string;
}

export type StrategyOf<Port extends StrategyPort> = (typeof REGISTRY)[Port][string];

type OwnStrategy = {
  readonly [Port in StrategyPort]: {
    readonly kind: 'usable';
    readonly port: Port;
    readonly strategy: StrategyOf<Port>;
  };
}[StrategyPort];

/** What became of a module of the user's. */
export type OwnModule = OwnStrategy | { readonly kind: 'unusable'; readonly problems: readonly string[] };

/** What this thread has imported, by URL. As with the runtime's own cache of modules, nothing is ever taken out. */
const imported = new Map<string, OwnModule>();

export const rememberModule = (url: string, module: OwnModule): void => void imported.set(url, module);

export const importedModule = (url: string): OwnModule | undefined => imported.get(url);

/** One of ours, or one of a module that was imported before. */
export const strategyOf = <Port extends StrategyPort>(
  port: Port,
  { name, module }: Pick<Chosen, 'name' | 'module'>,
): StrategyOf<Port> | undefined => {
  if (module === undefined) return REGISTRY[port][name] as StrategyOf<Port> | undefined;
  const own = imported.get(module);
  return own?.kind === 'usable' && own.port === port ? (own.strategy as StrategyOf<Port>) : undefined;
};

/** What a user's own lock and queue create on the broker: ours are known by the registry. */
export const ownCreations = ({ lock, queue }: Readonly<Record<'lock' | 'queue', Chosen>>): Creations => {
  const own = [
    lock.module === undefined ? undefined : strategyOf('lock', lock)?.creates,
    queue.module === undefined ? undefined : strategyOf('queue', queue)?.creates,
  ].filter((creates) => creates !== undefined);
  return {
    exchanges: own.flatMap(({ exchanges }) => exchanges),
    queues: own.flatMap(({ queues }) => queues),
  };
};
