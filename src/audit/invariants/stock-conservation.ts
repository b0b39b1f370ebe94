import { formatCount } from '../../kernel/units.ts';
import { tallyStock, type StockTally } from '../stock-accounts.ts';
import { counted, gapIn, held, invariant, Offenders, unknown, violated } from '../verdicts.ts';

export const stockConservation = invariant(
  'stock-conservation',
  "Per SKU, initial units = units left in the stock's store + units placed less units cancelled in the ledger, give or take the units of orders and cancellations without an answer.",
  (evidence) => {
    const doubt = gapIn(evidence, 'stock levels', 'ledger', 'receipts', 'drained queue');
    if (doubt !== undefined) return unknown(doubt);
    const tallies = tallyStock(evidence);
    const offenders = new Offenders();
    for (const tally of tallies) {
      if (!isBalanced(tally)) offenders.add(() => describe(tally));
    }
    const skus = counted(tallies.length, 'SKU');
    if (offenders.count > 0) {
      return violated(`${formatCount(offenders.count)} of ${skus} out of balance`, offenders);
    }
    const sum = (units: (tally: StockTally) => number) =>
      tallies.reduce((total, tally) => total + units(tally), 0);
    if (sum(({ placed }) => placed) === 0) return unknown('no order is in the ledger');
    const unanswered = sum(allowanceOf);
    return held(
      `${formatCount(sum(({ initial }) => initial))} initial = ${formatCount(sum(availableOf))} available + ` +
        `${counted(
          sum(({ outstanding }) => outstanding),
          'unit',
        )} taken, over ${skus}` +
        (unanswered > 0 ? `, with up to ${counted(unanswered, 'unit')} allowed for lost answers` : ''),
    );
  },
);

const availableOf = ({ available }: StockTally): number => available ?? 0;

const allowanceOf = ({ unanswered, doubtfulReturns }: StockTally): number => unanswered + doubtfulReturns;

/** Units that left the store without an entry in the ledger; below 0: entries whose units never left the store. */
const missingUnits = (tally: StockTally): number => tally.initial - availableOf(tally) - tally.outstanding;

const isBalanced = (tally: StockTally): boolean => {
  const missing = missingUnits(tally);
  return missing >= -tally.doubtfulReturns && missing <= allowanceOf(tally);
};

const describe = (tally: StockTally): string => {
  const missing = missingUnits(tally);
  const what =
    missing > 0
      ? `${counted(missing, 'unit')} left the store without an order`
      : `${counted(-missing, 'unit')} sold but still in the store`;
  return `sku-${tally.sku}: ${what} (${formatCount(tally.initial)} initial, ${formatCount(availableOf(tally))} available, ${formatCount(tally.outstanding)} taken)`;
};
