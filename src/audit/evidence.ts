import { ColumnLog } from '../kernel/columns.ts';
import type { Receipts } from '../load/receipts.ts';

/** The ledger as the audit read it, over a connection of its own. */
export const LEDGER_COLUMNS = {
  seq: 'float64',
  /** Index into EVENT_KINDS. */
  kind: 'uint8',
  orderId: 'float64',
  key: 'float64',
  user: 'float64',
  sku: 'int32',
  units: 'int32',
} as const;
const MAX_LEDGER_ROWS = 20_000_000;

export type LedgerLog = ColumnLog<typeof LEDGER_COLUMNS>;

export const newLedgerLog = (maxRows = MAX_LEDGER_ROWS): LedgerLog => new ColumnLog(LEDGER_COLUMNS, maxRows);

/**
 * Everything the audit judges by, each part read apart from the others: the customers' receipts, the ledger, the
 * stock's store, the broker, and the engine's own counters. `undefined`: that witness could not be heard.
 */
export interface Evidence {
  readonly catalogue: {
    /** Units of SKU 0, 1, 2… before the first order. */
    readonly initialUnits: readonly number[];
    /** 0: no limit. */
    readonly limitPerUser: number;
  };
  /** `undefined` when a worker was lost with its receipts. */
  readonly receipts: Receipts | undefined;
  /** Ordered by `seq`. */
  readonly ledger: LedgerLog | undefined;
  /** Units left of SKU 0, 1, 2…, as the stock's store says. */
  readonly stockLevels: readonly number[] | undefined;
  /** Events on the broker after the drain. */
  readonly backlog: { readonly waiting: number; readonly deadLettered: number } | undefined;
  /** Events by the engine's own count, over all nodes. */
  readonly events: {
    /** Handed to the queue strategy and accepted by it (confirmed and routed, where the strategy knows). */
    readonly confirmed: number;
    /** Publishes whose answer was lost. */
    readonly unknown: number;
    /** Order lines of accepted events: the ledger rows they must become. */
    readonly confirmedLines: number;
    readonly redelivered: number;
  };
  /** The queue emptied before its deadline. */
  readonly drained: boolean;
  /** Places whose outcome was `unknown`. */
  readonly unknownOrders: number;
}

export type InvariantName =
  | 'no-oversell'
  | 'stock-conservation'
  | 'no-lost-orders'
  | 'no-phantom-orders'
  | 'no-duplicate-orders'
  | 'per-user-limit'
  | 'no-lost-messages';

export interface InvariantResult {
  readonly invariant: InvariantName;
  /** `unknown`: nothing to judge, or a witness is missing. It is not a pass. */
  readonly verdict: 'held' | 'violated' | 'unknown';
  /** One line: what was compared, with counts; for a violation what is wrong and by how much. */
  readonly detail: string;
  /** The first offenders of a violation, at most 10, each in words. */
  readonly offenders: readonly string[];
}

/** A pure check over evidence. */
export interface Invariant {
  readonly name: InvariantName;
  /** One line: what must hold. */
  readonly statement: string;
  check(evidence: Evidence): InvariantResult;
}
