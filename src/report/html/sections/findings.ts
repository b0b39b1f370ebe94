import { formatNumberOf, formatUnits } from '../../figures.ts';
import type { Result } from '../../model.ts';
import { type FindingVerdict, formatActual, MARKS, tally } from '../../wording.ts';
import { html, type Markup, NOTHING } from '../markup.ts';
import { dataTable, section, toned } from '../table.ts';

const mark = (verdict: FindingVerdict) => toned(...MARKS[verdict]);

const offenderList = (offenders: readonly string[]): Markup =>
  offenders.length === 0
    ? NOTHING
    : html`<ul>
        ${offenders.map((offender) => html`<li>${offender}</li>`)}
      </ul>`;

/** What the audit found, invariant by invariant, with the offending orders. */
export const auditSection = ({ audit }: Result): Markup =>
  section(
    'audit',
    'Audit',
    audit.length === 0 ? toned('doubtful', '? nothing was audited') : tally(audit, 'held'),
    audit.length === 0
      ? []
      : [
          html`<div class="words">
            ${dataTable(
              'audit-caption',
              'What must hold after every run; the first offenders where it does not.',
              ['invariant', 'found', 'what was compared'],
              audit.map(({ invariant, verdict, detail, offenders }) => [
                invariant,
                mark(verdict),
                html`${detail} ${offenderList(offenders)}`,
              ]),
            )}
          </div>`,
        ],
  );

/** Each limit that was asked for, beside what was measured. */
export const thresholdsSection = ({ thresholds }: Result): Markup =>
  section(
    'thresholds',
    'Thresholds',
    thresholds.length === 0 ? 'None were set.' : tally(thresholds, 'passed'),
    thresholds.length === 0
      ? []
      : [
          dataTable(
            'thresholds-caption',
            'What the run must reach.',
            ['threshold', 'found', 'measured'],
            thresholds.map((threshold) => [threshold.text, mark(threshold.verdict), formatActual(threshold)]),
          ),
        ],
    'half',
  );

type Account = Omit<Result['stockTotal'], 'skus'>;

const MAX_ROWS = 20;

const row = (label: string, { initial, available, reserved, sold, oversold }: Account) => [
  label,
  ...[initial, available, reserved, sold].map(formatUnits),
  toned((oversold ?? 0) > 0 ? 'bad' : undefined, formatUnits(oversold)),
];

/** Where the units are: the most telling SKUs, and all together. */
export const stockSection = ({ stock, stockTotal }: Result): Markup =>
  section(
    'stock',
    'Stock',
    formatNumberOf(stockTotal.skus, 'SKU'),
    [
      dataTable(
        'stock-caption',
        'Oversold SKUs first, then those with the most units taken.',
        ['', 'initial', 'available', 'reserved', 'sold', 'oversold'],
        [
          ...stock.slice(0, MAX_ROWS).map((account) => row(`sku-${account.sku}`, account)),
          row('all', stockTotal),
        ],
      ),
    ],
    'half',
  );
