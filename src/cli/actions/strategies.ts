import { z } from 'zod';
import { REGISTRY, type StrategyPort } from '../../engine/registry.ts';
import type { Strategy } from '../../engine/strategy.ts';
import { usageError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { wrap } from '../../report/text.ts';

type AnyStrategy = Strategy<never, object>;

const PORTS = Object.keys(REGISTRY) as StrategyPort[];

interface Found {
  readonly port: StrategyPort;
  readonly strategy: AnyStrategy;
}

const strategiesOf = (port: StrategyPort): Found[] =>
  (Object.values(REGISTRY[port]) as unknown as AnyStrategy[]).map((strategy) => ({ port, strategy }));

const ALL = PORTS.flatMap(strategiesOf);

/** Every strategy's page that `names` mean: a strategy, a port with a strategy, or a port with all it has. */
export const showStrategies = (names: readonly string[], width: number): string =>
  find(names)
    .map((found) => renderPage(found, width))
    .join('\n');

const find = (names: readonly string[]): readonly Found[] => {
  const [first = '', second, ...more] = names;
  if (more.length > 0)
    throw usageError(
      `a strategy has a port and a name, not ${names.length} names`,
      'Write them like this: strategies show lock token.',
    );
  const port = PORTS.find((name) => name === first);
  if (second === undefined) return port === undefined ? among(ALL, first) : strategiesOf(port);
  if (port === undefined) throw usageError(`there is no port "${first}"`, didYouMean(first, PORTS));
  return among(strategiesOf(port), second);
};

const among = (candidates: readonly Found[], name: string): readonly Found[] => {
  const found = candidates.filter(({ strategy }) => strategy.name === name);
  if (found.length > 0) return found;
  const known = new Set(candidates.map(({ strategy }) => strategy.name));
  throw usageError(`there is no strategy "${name}"`, didYouMean(name, [...known]));
};

/** One line about every strategy, by port. */
export const listStrategies = (width: number): string => {
  const longest = Math.max(...ALL.map(({ strategy }) => strategy.name.length));
  return PORTS.map((port) => {
    const rows = strategiesOf(port).map(({ strategy: { name, summary } }) =>
      hanging(summary, width, `  ${name.padEnd(longest)}  `, ' '.repeat(longest + 4)),
    );
    return `${port}\n${rows.join('\n')}\n`;
  }).join('\n');
};

/** Wraps `text` behind `first`; its further lines are indented by `rest`, which is no shorter. */
const hanging = (text: string, width: number, first: string, rest: string): string =>
  wrap(text, width - rest.length)
    .map((line, index) => `${index === 0 ? first : rest}${line}`)
    .join('\n');

const renderPage = ({ port, strategy }: Found, width: number): string => {
  const { name, summary, page, guarantees, uses } = strategy;
  const paragraphs = page.split('\n\n').map((paragraph) => wrap(paragraph, width).join('\n'));
  const promised = Object.entries(guarantees).map(([guarantee, value]) =>
    hanging(`${spaced(guarantee)}: ${String(value)}`, width, '  ', '    '),
  );
  return [
    wrap(`${port} ${name}: ${summary}`, width).join('\n'),
    ...paragraphs,
    `Guarantees\n${promised.join('\n')}`,
    `Uses: ${uses.length > 0 ? uses.join(', ') : 'no service'}`,
    `Options\n${renderOptions(strategy, width)}`,
  ]
    .join('\n\n')
    .concat('\n');
};

const spaced = (camelCase: string): string =>
  camelCase.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const renderOptions = ({ options }: AnyStrategy, width: number): string => {
  const schema = z.toJSONSchema(options, { io: 'input' });
  const rows = Object.entries(schema.properties ?? {}).map(([option, about]) => {
    const { description = '', default: preset } = about as { description?: string; default?: unknown };
    return hanging(`${option} (${JSON.stringify(preset)}): ${description}`, width, '  ', '    ');
  });
  return rows.length > 0 ? rows.join('\n') : '  none';
};
