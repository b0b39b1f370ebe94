import { z } from 'zod';
import type { Strategy } from '../../engine/strategy.ts';
import type { Subject } from '../../run/check-strategy.ts';
import { printableLines, wrap } from '../../report/text.ts';
import { findStrategies, PORTS, strategiesOf } from './strategy-choice.ts';

/** The page of every strategy that `names` mean. */
export const showStrategies = async (names: readonly string[], width: number): Promise<string> =>
  (await findStrategies(names)).map((found) => renderPage(found, width)).join('\n');

const OWN =
  'Your own: the path of a module in the place of a name, as in --lock ./my-lock.js (docs/writing-a-strategy.md).';

/** One line about every strategy, by port. */
export const listStrategies = (width: number): string => {
  const longest = Math.max(...PORTS.flatMap(strategiesOf).map(({ strategy }) => strategy.name.length));
  const sections = PORTS.map((port) => {
    const rows = strategiesOf(port).map(({ strategy: { name, summary } }) =>
      hanging(summary, width, `  ${name.padEnd(longest)}  `, ' '.repeat(longest + 4)),
    );
    return `${port}\n${rows.join('\n')}\n`;
  });
  return [...sections, `${wrap(OWN, width).join('\n')}\n`].join('\n');
};

/** Wraps `text` behind `first`; its further lines are indented by `rest`, which is no shorter. */
const hanging = (text: string, width: number, first: string, rest: string): string =>
  wrap(text, width - rest.length)
    .map((line, index) => `${index === 0 ? first : rest}${line}`)
    .join('\n');

const renderPage = ({ port, strategy, module }: Subject, width: number): string => {
  const { name, summary, page, guarantees, uses } = strategy;
  const paragraphs = page === '' ? [] : page.split('\n\n');
  const promised = Object.entries(guarantees).map(([guarantee, value]) =>
    hanging(`${spaced(guarantee)}: ${String(value)}`, width, '  ', '    '),
  );
  const text = [
    wrap(`${port} ${name}: ${summary}`, width).join('\n'),
    ...paragraphs.map((paragraph) => wrap(paragraph, width).join('\n')),
    ...(module === undefined ? [] : [`Module: ${module}`]),
    `Guarantees\n${promised.join('\n')}`,
    `Uses: ${uses.length > 0 ? uses.join(', ') : 'no service'}`,
    `Options\n${renderOptions(strategy, width)}`,
  ].join('\n\n');
  return `${module === undefined ? text : printableLines(text)}\n`;
};

const spaced = (camelCase: string): string =>
  camelCase.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const renderOptions = ({ options }: Pick<Strategy<never, object>, 'options'>, width: number): string => {
  if (!(options instanceof z.ZodObject)) return '  checked by a schema of its own';
  const schema = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' });
  const rows = Object.entries(schema.properties ?? {}).map(([option, about]) => {
    const { description = '', default: preset } = about as { description?: string; default?: unknown };
    return hanging(`${option} (${JSON.stringify(preset)}): ${description}`, width, '  ', '    ');
  });
  return rows.length > 0 ? rows.join('\n') : '  none';
};
