import { openLedger } from './ledger/postgres.ts';
import type { LedgerPort } from './ledger/port.ts';
import { OrderEngine, type EngineParts, type EngineSettings } from './order-engine.ts';
import { strategyOf, type Chosen } from './own-strategies.ts';
import type { StrategyPort } from './registry.ts';
import type { StockSettings } from './stock/port.ts';
import type { EngineContext } from './strategy.ts';
import type { Target } from './types.ts';

export interface EnginePlan extends EngineSettings {
  readonly lock: Chosen;
  readonly stock: Chosen;
  readonly cache: Chosen;
  readonly queue: Chosen;
  readonly catalogue: StockSettings;
}

export interface EngineNode extends EngineParts {
  readonly target: Target;
  readonly ledger: LedgerPort;
}

/** How many Redis masters of its own a lock wants. */
export const lockMastersOf = (lock: Chosen): number => {
  const strategy = strategyOf('lock', lock);
  return strategy?.lockMasters?.(strategy.options.parse(lock.options)) ?? 0;
};

/**
 * Builds one engine node out of the strategies that `plan` names. Names and options were validated before, and modules
 * of the user's were imported.
 */
export const composeEngine = (plan: EnginePlan, context: EngineContext): EngineNode => {
  const ledger = openLedger(context.postgres);
  const open = <Port, Context>(
    port: StrategyPort,
    strategy: Opener<Port, Context> | undefined,
    { name, options }: Chosen,
    strategyContext: Context,
  ): Port => {
    if (strategy === undefined) throw new Error(`no ${port} strategy is named ${name}`);
    return strategy.open(strategy.options.parse(options), strategyContext);
  };
  const { lock, stock, cache, queue, catalogue } = plan;
  const parts: EngineParts = {
    ledger,
    lock: open('lock', strategyOf('lock', lock), lock, context),
    stock: open('stock', strategyOf('stock', stock), stock, { ...context, settings: catalogue }),
    cache: open('cache', strategyOf('cache', cache), cache, context),
    queue: open('queue', strategyOf('queue', queue), queue, { ...context, ledger }),
  };
  return { ...parts, target: new OrderEngine(context, parts, plan) };
};

interface Opener<Port, Context> {
  readonly options: { parse(value: unknown): unknown };
  open(options: unknown, context: Context): Port;
}
