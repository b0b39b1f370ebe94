import { page } from './html/document.ts';
import { html } from './html/markup.ts';
import { auditSection, stockSection, thresholdsSection } from './html/sections/findings.ts';
import { cacheSection, costSection, queueSection } from './html/sections/flow.ts';
import { generatorSection } from './html/sections/generator.ts';
import {
  latencyOverTimeSection,
  percentilesSection,
  stagesSection,
  stepsSection,
} from './html/sections/latency.ts';
import { lockSection } from './html/sections/lock.ts';
import { ordersSection } from './html/sections/orders.ts';
import { originSection, repeatSection } from './html/sections/origin.ts';
import { verdictSection } from './html/sections/verdict.ts';
import type { Result } from './model.ts';
import { HEADLINES } from './wording.ts';

const LINKS = [
  ['orders', 'Orders'],
  ['latency', 'Latency'],
  ['stages', 'Stages'],
  ['lock', 'Lock'],
  ['cache', 'Cache'],
  ['queue', 'Queue'],
  ['generator', 'Load generator'],
  ['stock', 'Stock'],
  ['audit', 'Audit'],
  ['origin', 'Configuration'],
  ['repeat', 'Run it again'],
] as const;

const SECTIONS = [
  ordersSection,
  latencyOverTimeSection,
  percentilesSection,
  stagesSection,
  stepsSection,
  lockSection,
  cacheSection,
  queueSection,
  generatorSection,
  auditSection,
  stockSection,
  thresholdsSection,
  costSection,
  repeatSection,
  originSection,
];

/** The result as one page that opens anywhere: scripts and style within, no request leaves it. */
export const renderHtml = (result: Result): string => {
  const { scenario, id } = result.run;
  const body = html`<header>
      ${verdictSection(result)}
      <nav aria-label="Parts of the report">
        <ul>
          ${LINKS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
        </ul>
      </nav>
    </header>
    <main>${SECTIONS.map((section) => section(result))}</main>
    <footer>trade-sim ${result.environment.tradeSim}, run ${id}. Charts by uPlot (MIT).</footer>`;
  const [, words] = HEADLINES[result.verdict];
  return page(`${words} ${scenario}`, body);
};
