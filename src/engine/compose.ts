import { openLedger } from './ledger/postgres.ts';
import type { LedgerPort } from './ledger/port.ts';
import { OrderEngine, type EngineParts, type EngineSettings } from './order-engine.ts';
import { REGISTRY } from './registry.ts';
import type { StockSettings } from './stock/port.ts';
import type { EngineContext } from './strategy.ts';
import type { Target } from './types.ts';

/** A strategy by name, with its options as given. */
export interface Chosen {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

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

/** Builds one engine node out of the strategies that `plan` names. Names and options were validated before. */
export const composeEngine = (plan: EnginePlan, context: EngineContext): EngineNode => {
  const ledger = openLedger(context.postgres);
  const open = <Port, Context>(
    strategies: Readonly<Record<string, Opener<Port, Context>>>,
    { name, options }: Chosen,
    strategyContext: Context,
  ): Port => {
    const strategy = strategies[name];
    if (strategy === undefined) throw new Error(`no strategy is named ${name}`);
    return strategy.open(strategy.options.parse(options), strategyContext);
  };
  const parts: EngineParts = {
    ledger,
    lock: open(REGISTRY.lock, plan.lock, context),
    stock: open(REGISTRY.stock, plan.stock, { ...context, settings: plan.catalogue }),
    cache: open(REGISTRY.cache, plan.cache, context),
    queue: open(REGISTRY.queue, plan.queue, { ...context, ledger }),
  };
  return { ...parts, target: new OrderEngine(context, parts, plan) };
};

interface Opener<Port, Context> {
  readonly options: { parse(value: unknown): unknown };
  open(options: unknown, context: Context): Port;
}
