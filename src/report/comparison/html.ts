import { page } from '../html/document.ts';
import { html } from '../html/markup.ts';
import type { Comparison } from '../comparison.ts';
import { FIGURES, sortArms } from './columns.ts';
import { latencySection, scalabilitySection } from './page/curves.ts';
import { intervalPlot } from './page/interval-plot.ts';
import {
  decisionSection,
  figuresSection,
  originSection,
  repeatSection,
  roundsSection,
  verdictSection,
} from './page/sections.ts';
import { gistOf, titleOf } from './wording.ts';

/** The figures that have a plot of their own. */
const PLOTTED = [FIGURES.orders, FIGURES.p50, FIGURES.p99, FIGURES.wait, FIGURES.hits, FIGURES.cpu];

/** The comparison as one page that opens anywhere: scripts and style within, no request leaves it. */
export const renderComparisonHtml = (comparison: Comparison): string => {
  const arms = sortArms(comparison.arms, 'orders').map((arm, color) => ({ arm, color }));
  const links = [
    ['decision', 'Decision'],
    ['orders', 'Orders'],
    ['latency', 'Latency'],
    ...(comparison.scalability.length > 0 ? [['scalability', 'Scalability'] as const] : []),
    ['figures', 'All figures'],
    ['repeat', 'Run it again'],
    ['origin', 'Configuration'],
  ] as const;
  const body = html`<header>
      ${verdictSection(comparison)}
      <nav aria-label="Parts of the comparison">
        <ul>
          ${links.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
        </ul>
      </nav>
    </header>
    <main>
      ${decisionSection(comparison)} ${PLOTTED.map((figure) => intervalPlot(figure.key, figure, arms))}
      ${latencySection(arms)} ${scalabilitySection(comparison)} ${figuresSection(arms)}
      ${roundsSection(comparison)} ${repeatSection(comparison)} ${originSection(comparison)}
    </main>
    <footer>trade-sim ${comparison.environment.tradeSim}. Charts by uPlot (MIT).</footer>`;
  return page(`${titleOf(comparison)}: ${gistOf(comparison)}`, body);
};
