import { generatorFindings, generatorRows } from '../generator-rows.ts';
import { heading, labelled, type Page, paragraph } from '../layout.ts';
import type { Result } from '../model.ts';
import { remark } from '../text.ts';

/** Whether the load generator itself was the limit, and how much it had left. */
export const generatorSection = (result: Result, page: Page): string[] => {
  const findings = generatorFindings(result);
  const gist =
    findings.length === 0 ? page.paint('good', '✔ healthy') : page.paint('doubtful', '? over its limits');
  return [
    heading(page, 'Load generator', gist),
    ...findings.flatMap((finding) => paragraph(page, remark(finding), '  - ', '    ')),
    ...labelled(page, generatorRows(result)),
  ];
};
