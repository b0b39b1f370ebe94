import { audit } from '../src/audit/check.ts';
import { newLedgerLog, type Evidence } from '../src/audit/evidence.ts';
import { newReceiptLog } from '../src/load/receipts.ts';
import { collectGarbage } from './kit/heap.ts';
import { median } from './kit/rounds.ts';

/** How long the audit of a million receipts against a million ledger rows takes, and how much memory. */
const ROUNDS = 3;
const ORDERS = 1_000_000;
const SKUS = 1_000;
const UNITS_PER_SKU = 2_000;

const evidenceOf = (orders: number): Evidence => {
  const receipts = newReceiptLog();
  const ledger = newLedgerLog();
  const stockLevels = Array.from({ length: SKUS }, () => UNITS_PER_SKU);
  for (let i = 0; i < orders; i += 1) {
    const row = { kind: 0, key: i * 16, orderId: i + 1, user: i, sku: i % SKUS, units: 1 };
    receipts.push(row);
    ledger.push({ ...row, seq: i + 1 });
    stockLevels[row.sku]! -= 1;
  }
  return {
    catalogue: { initialUnits: stockLevels.map(() => UNITS_PER_SKU), limitPerUser: 1 },
    receipts,
    ledger,
    stockLevels,
    backlog: { waiting: 0, deadLettered: 0 },
    events: { confirmed: orders, unknown: 0, confirmedLines: orders, redelivered: 0 },
    drained: true,
    unknownOrders: 0,
  };
};

let mostBytes = 0;
const seconds = Array.from({ length: ROUNDS }, () => {
  const evidence = evidenceOf(ORDERS);
  collectGarbage();
  const before = process.memoryUsage().rss;
  const startedMs = performance.now();
  const broken = audit(evidence).filter(({ verdict }) => verdict !== 'held');
  if (broken.length > 0) throw new Error(`not held: ${broken.map(({ detail }) => detail).join('; ')}`);
  const elapsedMs = performance.now() - startedMs;
  mostBytes = Math.max(mostBytes, process.memoryUsage().rss - before);
  return elapsedMs / 1_000;
});
console.log(`${ORDERS.toLocaleString('en-US')} orders audited in ${median(seconds).toFixed(2)} s`);
console.log(`${Math.round(mostBytes / ORDERS)} bytes of memory for each`);
