import { generatorFindings, generatorRows } from '../../generator-rows.ts';
import type { Result } from '../../model.ts';
import { html, type Markup, NOTHING } from '../markup.ts';
import { facts, section, toned } from '../table.ts';

/** Whether the load generator itself was the limit, and how much it had left. */
export const generatorSection = (result: Result): Markup => {
  const findings = generatorFindings(result);
  return section(
    'generator',
    'Load generator',
    findings.length === 0 ? toned('good', '✔ healthy') : toned('doubtful', '? over its limits'),
    [
      findings.length === 0
        ? NOTHING
        : html`<ul>
            ${findings.map((finding) => html`<li class="reason">${finding}</li>`)}
          </ul>`,
      facts(generatorRows(result).map(([label, figures]) => [label, figures.join(', ')] as const)),
    ],
    'half',
  );
};
