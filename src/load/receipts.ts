import { ColumnLog, joinLogs, type ColumnLogData, type ColumnTable } from '../kernel/columns.ts';

/**
 * What the virtual users themselves were told: one row per order line of every attempt that ended `accepted` or
 * `unknown`, and of every later step of an order. Attempts that certainly placed nothing are only counted.
 * Kept apart from everything the engine writes: the audit compares the two.
 */
const RECEIPT_COLUMNS = {
  /** Index into RECEIPT_KINDS. */
  kind: 'uint8',
  key: 'float64',
  /** 0 where the client was not told one. */
  orderId: 'float64',
  user: 'float64',
  sku: 'int32',
  units: 'int32',
} as const;

export const RECEIPT_KINDS = [
  'accepted',
  /** Accepted again under the same key. */
  'replayed',
  'unknown',
  'paid',
  'pay-unknown',
  'cancelled',
  'cancel-unknown',
] as const;
export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

/** 33 bytes a row: 0.5 MB in memory, and some 660 MB on disk at the bound. */
export const MAX_RECEIPT_ROWS = 20_000_000;

export type ReceiptLog = ColumnLog<typeof RECEIPT_COLUMNS>;
export type Receipts = ColumnTable<typeof RECEIPT_COLUMNS>;

export const newReceiptLog = (maxRows = MAX_RECEIPT_ROWS): ReceiptLog =>
  new ColumnLog(RECEIPT_COLUMNS, maxRows);

export const joinReceipts = (logs: readonly ColumnLogData[]): Receipts => joinLogs(RECEIPT_COLUMNS, logs);
