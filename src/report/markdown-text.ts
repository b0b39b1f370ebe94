import { remark } from './text.ts';

/**
 * Text that came from outside, as text: no markup, no link, no picture. A comment within keeps `@name` from
 * calling people and `#1` from pointing at something.
 */
export const plain = (text: string): string =>
  remark(text)
    .replaceAll(/[\\`*_~[\]()|!{}]/g, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('://', ':<!-- -->//')
    .replaceAll(/www\./gi, 'www<!-- -->.')
    .replaceAll(/[@#]/g, '$&<!-- -->');

/** A fence longer than any within the text, so that nothing ends it. */
export const fenced = (text: string): string => {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sh\n${text}\n${fence}`;
};

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The first column is words, the others are aligned as `align` says. */
export const table = (
  heads: readonly string[],
  align: '---' | '--:',
  rows: readonly (readonly string[])[],
): string =>
  [row(heads), row(heads.map((_, index) => (index === 0 ? '---' : align))), ...rows.map(row)].join('\n');

export const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');

export const folded = (summary: string, content: string): string =>
  `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;

/** What GitHub takes in one comment. */
const MAX_COMMENT = 65_536;
const LEFT_OUT = 'There is more, but not in a comment of this length.';

/** The parts as one comment: what does not fit is left out, which is said. The first ones matter most. */
export const comment = (parts: readonly string[]): string => {
  let text = '';
  let isWhole = true;
  for (const part of parts) {
    const fits = text.length + part.length + LEFT_OUT.length + 4 <= MAX_COMMENT;
    if (fits) text += `${part}\n\n`;
    else isWhole = false;
  }
  return isWhole ? `${text.trimEnd()}\n` : `${text}${LEFT_OUT}\n`;
};
