import { formatCount } from '../kernel/units.ts';
import type { Evidence, Invariant, InvariantName, InvariantResult } from './evidence.ts';

type Judgement = Omit<InvariantResult, 'invariant'>;

const MAX_OFFENDERS = 10;

/** An invariant from its judge: a pure function of the evidence. */
export const invariant = (
  name: InvariantName,
  statement: string,
  judge: (evidence: Evidence) => Judgement,
): Invariant => ({ name, statement, check: (evidence) => ({ invariant: name, ...judge(evidence) }) });

export const held = (detail: string): Judgement => ({ verdict: 'held', detail, offenders: [] });

export const unknown = (detail: string): Judgement => ({ verdict: 'unknown', detail, offenders: [] });

export const violated = (detail: string, offenders: Offenders): Judgement => ({
  verdict: 'violated',
  detail,
  offenders: offenders.first,
});

/** Counts all offenders and puts the first ones into words. */
export class Offenders {
  count = 0;
  readonly first: string[] = [];

  add(describe: () => string): void {
    this.count += 1;
    if (this.first.length < MAX_OFFENDERS) this.first.push(describe());
  }
}

/** `1 order`, `1,234 orders`: the plural by an s. */
export const counted = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

type Witness = 'ledger' | 'receipts' | 'stock levels' | 'drained queue';

const WITNESS_GAPS: Readonly<Record<Witness, (evidence: Evidence) => string | undefined>> = {
  ledger: ({ ledger }) => {
    if (ledger === undefined) return 'the ledger could not be read';
    return ledger.dropped > 0
      ? `${counted(ledger.dropped, 'ledger row')} found no room: beyond the audit's bound, or the disk was full`
      : undefined;
  },
  receipts: ({ receipts }) => {
    if (receipts === undefined) return 'a worker was lost with its receipts';
    return receipts.dropped > 0
      ? `${counted(receipts.dropped, 'receipt')} found no room: beyond the audit's bound, or the disk was full`
      : undefined;
  },
  'stock levels': ({ stockLevels, catalogue }) => {
    if (stockLevels === undefined) return "the stock's store could not be read";
    const missing = catalogue.initialUnits.length - stockLevels.length;
    return missing > 0 ? `the stock's store has no level for ${counted(missing, 'SKU')}` : undefined;
  },
  'drained queue': ({ drained }) => (drained ? undefined : 'the queue was not empty at its deadline'),
};

/** Why these witnesses cannot vouch that nothing is wrong, or `undefined` when each was heard in full. */
export const gapIn = (evidence: Evidence, ...witnesses: Witness[]): string | undefined =>
  witnesses.map((witness) => WITNESS_GAPS[witness](evidence)).find((gap) => gap !== undefined);
