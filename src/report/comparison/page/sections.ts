import { stringify } from 'yaml';
import { formatCount, formatDuration } from '../../../kernel/units.ts';
import { SERVICE_LABELS, SERVICE_NAMES } from '../../../services/types.ts';
import { html, type Markup, NOTHING } from '../../html/markup.ts';
import { dataTable, facts, section, toned } from '../../html/table.ts';
import type { Arm, Comparison } from '../../comparison.ts';
import { formatMemory, formatNumberOf } from '../../figures.ts';
import type { Tone } from '../../layout.ts';
import { bestOf, FIGURES, type Figure } from '../columns.ts';
import {
  CRITERIA,
  DECISION_NOTES,
  decisionCells,
  formatInterval,
  gistOf,
  remarksOf,
  titleOf,
} from '../wording.ts';
import { swatch, type Colored } from './interval-plot.ts';

const toneOf = ({ verdict }: Pick<Arm, 'verdict'>): Tone =>
  verdict === 'passed' ? 'good' : verdict === 'violated' ? 'bad' : 'doubtful';

/** Who was wrong and who is best, before any table. */
export const verdictSection = (comparison: Comparison): Markup => {
  const { arms, rounds, seed } = comparison;
  const tones = arms.map(toneOf);
  const tone = tones.includes('bad') ? 'bad' : tones.includes('doubtful') ? 'doubtful' : 'good';
  return html`<div class="verdict ${tone}" id="verdict">
    <h1>${titleOf(comparison)}</h1>
    <p>
      <span class="${tone}"
        >${tone === 'bad' ? '✘' : tone === 'doubtful' ? '?' : '✔'} ${gistOf(comparison)}</span
      >
    </p>
    <ul>
      ${remarksOf(comparison).map(({ tone: of, text }) => html`<li>${toned(of, text)}</li>`)}
    </ul>
    ${facts([
      ['combinations', formatCount(arms.length)],
      ['rounds', formatCount(rounds)],
      ['seed of the first round', String(seed)],
      ['orders measured', formatCount(arms.reduce((sum, { orderLatency }) => sum + orderLatency.count, 0))],
    ])}
  </div>`;
};

export const decisionSection = ({ decision }: Comparison): Markup =>
  section('decision', 'Decision', 'The five criteria, each with a figure that was measured or counted.', [
    html`<div class="wrapped words">
      ${dataTable(
        'decision-caption',
        'A row for each combination.',
        ['combination', ...CRITERIA],
        decision.map((row) => [
          row.design || 'as configured',
          ...decisionCells(row).map((lines, criterion) => {
            const text = lines.map((line, index) => html`${index === 0 ? NOTHING : html`<br />`}${line}`);
            return CRITERIA[criterion] === 'security' && row.security.violatedRounds > 0
              ? html`<span class="bad">${text}</span>`
              : html`${text}`;
          }),
        ]),
      )}
    </div>`,
    ...DECISION_NOTES.map((note) => html`<p class="quiet">${note}</p>`),
  ]);

const ALL: readonly Figure[] = Object.values(FIGURES);

export const figuresSection = (arms: readonly Colored[]): Markup => {
  const plain = arms.map(({ arm }) => arm);
  const best = ALL.map((figure) => bestOf(plain, figure));
  return section(
    'figures',
    'All figures',
    'Best in green, where its interval is clear of every other that held.',
    [
      html`<div class="wrapped">
        ${dataTable(
          'figures-caption',
          'loads/expiry: cache loads for each life of an entry that was over; 1 is ideal. Costs are per attempt to order.',
          ['combination', 'verdict', 'orders/s, 95 %', ...ALL.map(({ head }) => head)],
          arms.map(({ arm, color }) => [
            html`${swatch(color)}${arm.label || 'as configured'}`,
            toned(toneOf(arm), arm.verdict),
            formatInterval(arm.ordersPerSecond, FIGURES.orders),
            ...ALL.map((figure, index) =>
              toned(best[index] === arm ? 'good' : undefined, figure.format(figure.value(arm))),
            ),
          ]),
        )}
      </div>`,
    ],
  );
};

export const roundsSection = ({ arms }: Comparison): Markup =>
  section(
    'rounds',
    'Rounds',
    'Each in a fresh namespace; every combination once a round, in changing order.',
    [
      html`<details>
        <summary>Every round</summary>
        ${dataTable(
          'rounds-caption',
          'Beside: wall time that the round took beyond warm-up, load and drain.',
          ['combination', 'round', 'run', 'verdict', 'orders/s', 'beside'],
          arms.flatMap(({ label, runs }) =>
            runs.map(({ runId, verdict, ordersPerSecond, overheadMs }, round) => [
              label || 'as configured',
              String(round + 1),
              runId,
              toned(toneOf({ verdict }), verdict),
              formatCount(ordersPerSecond),
              formatDuration(overheadMs),
            ]),
          ),
        )}
      </details>`,
    ],
  );

export const repeatSection = ({ command }: Comparison): Markup =>
  section('repeat', 'Run it again', 'The same seed and configuration make the same decisions.', [
    html`<pre class="command" tabindex="0"><code id="command">${command}</code></pre>
      <button type="button" data-copy="command" hidden>Copy</button>`,
  ]);

export const originSection = ({ arms, environment, services }: Comparison): Markup =>
  section('origin', 'Measured on', environment.cpu, [
    facts([
      ...SERVICE_NAMES.map((name): [string, string] => {
        const { version, origin } = services[name];
        return [SERVICE_LABELS[name], `${version} (${origin})`];
      }),
      ['processor', formatNumberOf(environment.cores, 'core')],
      ['memory', formatMemory(environment.memoryBytes)],
      ['Node.js', environment.node],
      ['trade-sim', environment.tradeSim],
    ]),
    html`<h3>Configurations</h3>`,
    ...arms.map(
      ({ label, choices, configuration }) =>
        html`<details>
          <summary>${label || 'as configured'}</summary>
          <p class="quiet">
            ${Object.entries(choices)
              .map(([path, value]) => `${path}=${value}`)
              .join(' · ')}
          </p>
          <pre tabindex="0"><code>${stringify(configuration)}</code></pre>
        </details>`,
    ),
  ]);
