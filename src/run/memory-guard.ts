import { formatCount } from '../kernel/units.ts';
import type { WorkerMemory } from '../load/protocol.ts';
import { MAX_RECEIPT_ROWS } from '../load/receipts.ts';

/** Of the audit's book, for a receipt and the ledger row that it is compared with (bench/audit.ts). */
const AUDIT_BYTES_PER_RECEIPT = 160;
/** For the report, and for whatever else the machine does. */
const RESERVE_BYTES = 128 * 2 ** 20;
/** A heap is full when it is so twice in a row: at a moment much of it may be garbage. */
const FULL_HEAP_SHARE = 0.8;
const FULL_LOOKS = 2;

const inMegabytes = (bytes: number): string => `${formatCount(Math.round(bytes / 2 ** 20))} MB`;

/** Looks every second whether there is memory for the load to go on, and for the audit that comes after it. */
export class MemoryGuard {
  readonly #workers = new Map<number, WorkerMemory>();
  #fullLooks = 0;

  note(worker: number, memory: WorkerMemory): void {
    this.#workers.set(worker, memory);
  }

  /** Why the load has to end now. `availableBytes`: what the process can still get. */
  shortage(availableBytes: number): string | undefined {
    const workers = [...this.#workers.values()];
    const receipts = workers.reduce((sum, worker) => sum + worker.receipts, 0);
    if (receipts >= MAX_RECEIPT_ROWS)
      return `the audit takes ${formatCount(MAX_RECEIPT_ROWS)} receipts at most`;
    const auditBytes = receipts * AUDIT_BYTES_PER_RECEIPT;
    if (auditBytes + RESERVE_BYTES > availableBytes)
      return (
        `the audit of ${formatCount(receipts)} receipts takes ${inMegabytes(auditBytes)} of memory, ` +
        `and ${inMegabytes(availableBytes)} are free`
      );
    const full = workers.find(
      ({ heapBytes, heapLimitBytes }) => heapBytes > heapLimitBytes * FULL_HEAP_SHARE,
    );
    this.#fullLooks = full ? this.#fullLooks + 1 : 0;
    if (!full || this.#fullLooks < FULL_LOOKS) return undefined;
    const { heapBytes, heapLimitBytes } = full;
    return `a worker thread has ${inMegabytes(heapBytes)} of at most ${inMegabytes(heapLimitBytes)} in its heap; embedded services keep every order there`;
  }
}
