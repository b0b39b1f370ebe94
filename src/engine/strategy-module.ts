/**
 * The public entry `trade-sim/strategy`: what a strategy of your own is written against. A module's default export is
 * an `OwnLock`, `OwnStock`, `OwnCache` or `OwnQueue`. How to write one: docs/writing-a-strategy.md.
 */
import type { ServiceName } from '../backends/ports.ts';
import type { CacheGuarantees, CachePort } from './cache/port.ts';
import type { LockGuarantees, LockPort, LockStrategy } from './lock/port.ts';
import type { QueueContext, QueueGuarantees, QueuePort, QueueStrategy } from './queue/port.ts';
import type { StockContext, StockGuarantees, StockPort } from './stock/port.ts';
import type { EngineContext } from './strategy.ts';

export { z } from 'zod';
export { BackendError } from '../backends/ports.ts';
export type {
  Broker,
  Delivery,
  OutgoingMessage,
  Postgres,
  PublishOutcome,
  Redis,
  RedisReply,
  RedisScript,
  Statement,
} from '../backends/ports.ts';
export { sleep } from '../kernel/clock.ts';
export type { Clock } from '../kernel/clock.ts';
export type { Random } from '../kernel/random.ts';
export type { CacheGuarantees, CachePort, LoadView, PageChange, PageDatabase } from './cache/port.ts';
export type { LedgerPort } from './ledger/port.ts';
export type { HeldLock, LockGuarantees, LockOutcome, LockPort, LockRequest } from './lock/port.ts';
export type { Namespace } from './namespace.ts';
export type {
  EventPublishOutcome,
  QueueContext,
  QueueGuarantees,
  QueuePort,
  QueueStrategy,
} from './queue/port.ts';
export type {
  ReserveOutcome,
  RestoreReason,
  StockContext,
  StockGuarantees,
  StockPort,
  StockSettings,
} from './stock/port.ts';
export type { EngineContext } from './strategy.ts';
export type { Counter, Stage, Telemetry } from './telemetry.ts';
export type { OrderEvent, OrderLine, PlacedOrder, ProductView, Sku } from './types.ts';

/** What a schema has to do, as zod's, Valibot's and ArkType's do: a part of the Standard Schema (standardschema.dev). */
export interface OptionsSchema<Options> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): CheckedOptions<Options> | Promise<CheckedOptions<Options>>;
    readonly types?: { readonly input: unknown; readonly output: Options } | undefined;
  };
}

export type CheckedOptions<Options> =
  { readonly value: Options; readonly issues?: undefined } | { readonly issues: readonly OptionsIssue[] };

export interface OptionsIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

interface OwnStrategy<Name, Port, Guarantees, Options, Context> {
  /** The port it is for. */
  readonly port: Name;
  /** Lower-case letters, digits and hyphens. Reports put `own:` before it. */
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** How it works, what breaks it, what it costs: paragraphs, shown by `strategies show`. */
  readonly page?: string;
  /** What it promises: `strategies check` holds it to that. */
  readonly guarantees: Guarantees;
  /** The services it talks to. */
  readonly uses: readonly ServiceName[];
  /** Of an object of options, each with a default; answers at once. Without it, the strategy has no options. */
  readonly options?: OptionsSchema<Options>;
  /** Called once for each engine node. Time and chance come from the context alone. */
  open(options: Options, context: Context): Port;
}

type None = Readonly<Record<string, never>>;

export type OwnLock<Options = None> = OwnStrategy<'lock', LockPort, LockGuarantees, Options, EngineContext> &
  Pick<LockStrategy, 'creates'>;
export type OwnStock<Options = None> = OwnStrategy<
  'stock',
  StockPort,
  StockGuarantees,
  Options,
  EngineContext & StockContext
>;
export type OwnCache<Options = None> = OwnStrategy<
  'cache',
  CachePort,
  CacheGuarantees,
  Options,
  EngineContext
>;
export type OwnQueue<Options = None> = OwnStrategy<
  'queue',
  QueuePort,
  QueueGuarantees,
  Options,
  QueueContext
> &
  Pick<QueueStrategy, 'creates'>;
