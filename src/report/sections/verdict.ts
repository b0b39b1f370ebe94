import { formatDuration } from '../../kernel/units.ts';
import { formatNumberOf } from '../figures.ts';
import { bounded, flowing, type Page, paragraph } from '../layout.ts';
import type { Result } from '../model.ts';
import { printable, remark, truncate } from '../text.ts';
import { HEADLINES } from '../wording.ts';

const MAX_REASONS = 6;
const MAX_NOTES = 6;

/** The verdict and why; then what was run, on what. */
export const verdictSection = (result: Result, page: Page): string[] => {
  const { run, exitCode } = result;
  const [tone, words] = HEADLINES[result.verdict];
  const exit = `(exit ${exitCode})`;
  const name = truncate(printable(run.scenario), page.width - words.length - exit.length - 4);
  return [
    page.paint(tone, `${words}  ${name}  ${exit}`),
    ...bounded(result.reasons.map(remark), MAX_REASONS).flatMap((reason) => paragraph(page, reason)),
    '',
    ...flowing(page, [
      formatDuration(run.durationMs),
      formatNumberOf(run.nodes, 'node'),
      formatNumberOf(run.vus, 'virtual user'),
      `seed ${run.seed}`,
    ]),
    ...flowing(
      page,
      Object.entries(run.strategies).map(([port, name]) => `${port} ${printable(name)}`),
    ),
    ...bounded(result.notes.map(remark), MAX_NOTES).flatMap((note) =>
      paragraph(page, note, `  ${page.paint('doubtful', '!')} `, '    '),
    ),
  ];
};
