import { newLedgerLog, type Evidence, type LedgerLog } from '../audit/evidence.ts';
import { EVENT_KINDS } from '../engine/types.ts';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import type { OpenSpace } from '../load/space.ts';
import { joinReceipts } from '../load/receipts.ts';
import type { WorkerReport } from '../load/protocol.ts';
import type { Snapshot } from '../measure/snapshot.ts';
import type { Scenario } from '../scenarios/schema.ts';

const PAGE_ROWS = 10_000;

/** What the run's space says, read before its services may go. A witness that cannot be heard is undefined. */
export interface StoreEvidence {
  readonly ledger: LedgerLog | undefined;
  readonly stockLevels: readonly number[] | undefined;
  readonly backlog: { readonly waiting: number; readonly deadLettered: number } | undefined;
}

/** Each read is bounded by its connection; `limitMs` bounds them all. */
export const readStores = async (space: OpenSpace, limitMs: number): Promise<StoreEvidence> => {
  const hear = async <T>(witness: Promise<T>): Promise<T | undefined> => {
    try {
      return await withDeadline(wallClock, witness, limitMs, () => new Error('no answer in time'));
    } catch {
      return undefined;
    }
  };
  const [ledger, stockLevels, backlog] = await Promise.all([
    hear(readLedger(space)),
    hear(space.levels()),
    hear(space.backlog()),
  ]);
  return { ledger, stockLevels, backlog };
};

const readLedger = async (space: OpenSpace): Promise<LedgerLog> => {
  const log = newLedgerLog();
  for (let afterSeq = 0; ;) {
    const page = await space.ledgerPage(afterSeq, PAGE_ROWS);
    for (const entry of page) log.push({ ...entry, kind: EVENT_KINDS.indexOf(entry.kind) });
    if (page.length < PAGE_ROWS) return log;
    afterSeq = page.at(-1)!.seq;
  }
};

/** Puts all witnesses side by side for the audit. */
export const assembleEvidence = (
  { catalog }: Scenario,
  stores: StoreEvidence,
  reports: readonly WorkerReport[],
  workers: number,
  { counters }: Snapshot,
  drained: boolean,
): Evidence => ({
  catalogue: {
    initialUnits: Array.from({ length: catalog.skus }, () => catalog.stockPerSku),
    limitPerUser: catalog.limitPerUser,
  },
  ...stores,
  receipts:
    reports.length === workers ? joinReceipts(reports.flatMap(({ receipts }) => receipts)) : undefined,
  events: {
    confirmed: counters['queue.confirmed'] ?? 0,
    unknown: counters['queue.unknown'] ?? 0,
    confirmedLines: counters['queue.confirmed-lines'] ?? 0,
    redelivered: counters['queue.redelivered'] ?? 0,
  },
  drained,
  unknownOrders: counters['orders.unknown'] ?? 0,
});
