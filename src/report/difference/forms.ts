import { page } from '../html/document.ts';
import { html } from '../html/markup.ts';
import { dataTable, section } from '../html/table.ts';
import { renderJson } from '../json.ts';
import { heading, newPage, paragraph, table, type Page } from '../layout.ts';
import { comment, folded, list, plain, table as markdownTable } from '../markdown-text.ts';
import { printable, truncate } from '../text.ts';
import type { Difference } from './build.ts';
import { caveatOf, partsOf, sidesOf, type Part } from './tables.ts';

const TITLE = 'Two results side by side';
/** In the tables with many columns of figures. */
const NARROW_COLUMNS = 18;
/** The first column of the others. */
const NAME_COLUMNS = 26;

const terminalPart = (screen: Page, { title, gist, heads, rows }: Part): string => {
  const cellColumns = Math.max(NARROW_COLUMNS, Math.floor(screen.width / heads.length) - 2);
  const nameColumns = cellColumns > NARROW_COLUMNS ? Math.max(NAME_COLUMNS, cellColumns) : NARROW_COLUMNS;
  const cells = rows.map(([name = '', ...others], index) => [
    name === rows[index - 1]?.[0] ? '' : truncate(printable(name), nameColumns),
    ...others.map((cell) => truncate(printable(cell), cellColumns)),
  ]);
  const columns = heads.map((head, index) => ({ head, align: index === 0 ? 'left' : 'right' }) as const);
  return [
    heading(screen, title),
    ...(gist === '' ? [] : paragraph(screen, gist)),
    ...(rows.length > 0 ? table(screen, columns, cells) : []),
  ].join('\n');
};

export const renderDifference = (
  difference: Difference,
  { columns, color }: { readonly columns: number; readonly color: boolean },
): string => {
  const screen = newPage(columns, color);
  const sections = [
    [
      heading(screen, TITLE),
      ...sidesOf(difference).flatMap((side) => paragraph(screen, printable(side), '  ', '     ')),
    ].join('\n'),
    ...partsOf(difference).map((part) => terminalPart(screen, part)),
    paragraph(screen, caveatOf(difference), `  ${screen.paint('doubtful', '!')} `, '    ').join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
};

const markdownPart = ({ title, gist, heads, rows }: Part): string => {
  const summary = gist === '' ? title : `${title}: ${gist}`;
  if (rows.length === 0) return `${summary}.`;
  return folded(
    summary,
    markdownTable(
      heads,
      '--:',
      rows.map((row) => row.map(plain)),
    ),
  );
};

const renderMarkdown = (difference: Difference): string =>
  comment([
    `### ${TITLE}`,
    list(sidesOf(difference).map(plain)),
    caveatOf(difference),
    ...partsOf(difference).map(markdownPart),
  ]);

const renderHtml = (difference: Difference): string =>
  page(
    TITLE,
    html`<header>
        <div class="verdict doubtful">
          <h1>${TITLE}</h1>
          ${sidesOf(difference).map((side) => html`<p>${side}</p>`)}
          <p>${caveatOf(difference)}</p>
        </div>
      </header>
      <main>
        ${partsOf(difference).map(({ title, gist, heads, rows }, index) =>
          section(
            `part-${index}`,
            title,
            gist,
            rows.length === 0
              ? []
              : [dataTable(`part-${index}-caption`, `${title}, A beside B.`, heads, rows)],
          ),
        )}
      </main>`,
  );

/** Every form that a comparison of two results can be written in, by the name users type. */
export const DIFFERENCE_FORMS = {
  html: renderHtml,
  json: renderJson,
  markdown: renderMarkdown,
} as const satisfies Record<string, (difference: Difference) => string>;
