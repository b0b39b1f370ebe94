import { formatCount } from '../../kernel/units.ts';
import type { Evidence } from '../evidence.ts';
import { orderBookOf } from '../order-book.ts';
import { oversoldOf, tallyStock, type StockTally } from '../stock-accounts.ts';
import { counted, gapIn, held, invariant, Offenders, unknown, violated } from '../verdicts.ts';

export const noOversell = invariant(
  'no-oversell',
  'Per SKU, units placed less units cancelled never exceed the initial units, at any point of the ledger and by the receipts; no stock level is below 0.',
  (evidence) => {
    const tallies = tallyStock(evidence);
    const offenders = new Offenders();
    let oversold = 0;
    for (const tally of tallies) {
      const excess = oversoldOf(tally);
      oversold += excess;
      if (excess > 0) offenders.add(() => describeExcess(tally, excess));
      const { sku, available } = tally;
      if (available !== undefined && available < 0) offenders.add(() => `sku-${sku}: level ${available}`);
    }
    const skus = counted(tallies.length, 'SKU');
    if (offenders.count > 0) {
      return violated(`${counted(oversold, 'unit')} oversold; ${skus} checked`, offenders);
    }
    const { placed, cancelled } = orderBookOf(evidence).ledgerEntries;
    const doubt = doubtOf(evidence, tallies) ?? (placed === 0 ? 'no order is in the ledger' : undefined);
    if (doubt !== undefined) return unknown(doubt);
    const taken = tallies.reduce((sum, { outstanding }) => sum + outstanding, 0);
    const initial = tallies.reduce((sum, tally) => sum + tally.initial, 0);
    return held(
      `${formatCount(taken)} of ${counted(initial, 'unit')} taken, no SKU beyond its stock at any of ` +
        `${counted(placed + cancelled, 'ledger row')}; ${skus} checked`,
    );
  },
);

const describeExcess = ({ sku, initial }: StockTally, excess: number): string =>
  `sku-${sku}: ${counted(initial + excess, 'unit')} promised of ${formatCount(initial)}, ${formatCount(excess)} oversold`;

/** What is still on its way to the ledger is known by its receipts; without them, or without an answer, it may be an oversell. */
const doubtOf = (evidence: Evidence, tallies: readonly StockTally[]): string | undefined => {
  const unread = gapIn(evidence, 'ledger');
  if (unread !== undefined) return unread;
  const onItsWay = gapIn(evidence, 'drained queue');
  if (onItsWay === undefined) return undefined;
  const canHide = tallies.some(({ initial, promised, unanswered }) => promised + unanswered > initial);
  return canHide || gapIn(evidence, 'receipts') !== undefined ? onItsWay : undefined;
};
