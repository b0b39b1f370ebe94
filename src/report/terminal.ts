import { newPage } from './layout.ts';
import type { Result } from './model.ts';
import { engineSection } from './sections/engine.ts';
import { auditSection, thresholdsSection } from './sections/findings.ts';
import { generatorSection } from './sections/generator.ts';
import { latencySection } from './sections/latency.ts';
import { ordersSection } from './sections/orders.ts';
import { originSection, repeatSection } from './sections/origin.ts';
import { stepsSection } from './sections/steps.ts';
import { stockSection } from './sections/stock.ts';
import { verdictSection } from './sections/verdict.ts';

const SECTIONS = [
  verdictSection,
  ordersSection,
  latencySection,
  stepsSection,
  stockSection,
  auditSection,
  thresholdsSection,
  engineSection,
  generatorSection,
  originSection,
  repeatSection,
];

/** The result for a person at a terminal of `columns`: the verdict first, then what it rests on. */
export const renderTerminal = (
  result: Result,
  options: { readonly columns: number; readonly color: boolean },
): string => {
  const page = newPage(options.columns, options.color);
  const sections = SECTIONS.map((section) => section(result, page)).filter((lines) => lines.length > 0);
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};
