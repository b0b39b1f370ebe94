import { Command } from 'commander';
import { z } from 'zod';
import { REGISTRY, type StrategyPort } from '../../engine/registry.ts';
import type { Strategy } from '../../engine/strategy.ts';
import { usageError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { wrap } from '../../report/text.ts';
import type { CliContext } from '../context.ts';
import { columnsOf } from '../io.ts';

type AnyStrategy = Strategy<never, object>;

const PORTS = Object.keys(REGISTRY) as StrategyPort[];
const WIDEST_PAGE = 100;

const strategiesOf = (port: StrategyPort) => Object.values(REGISTRY[port]) as unknown as AnyStrategy[];

/** `trade-sim strategies …`: what there is to choose from, and what each choice means. */
export const strategiesCommand = ({ io }: CliContext): Command => {
  const width = () => Math.min(WIDEST_PAGE, columnsOf(io.stdout));
  return new Command('strategies')
    .description('List the lock, stock, cache and queue strategies, and explain them.')
    .addHelpText(
      'after',
      `
Examples:
  $ trade-sim strategies list
  $ trade-sim strategies show lock token`,
    )
    .addCommand(
      new Command('list')
        .description('Name every strategy with one line about it.')
        .action(() => void io.stdout.write(renderList(width()))),
    )
    .addCommand(
      new Command('show')
        .description('Explain a strategy: how it works, what breaks it, what it costs, its options.')
        .argument('<names...>', 'its name, after its port where two have the same: lock none')
        .action(
          (names: string[]) =>
            void io.stdout.write(
              find(names)
                .map((s) => renderPage(s, width()))
                .join('\n'),
            ),
        ),
    );
};

interface Found {
  readonly port: StrategyPort;
  readonly strategy: AnyStrategy;
}

const find = (names: readonly string[]): Found[] => {
  const all = PORTS.flatMap((port) => strategiesOf(port).map((strategy): Found => ({ port, strategy })));
  const [first = '', second] = names;
  const found = all.filter(({ port, strategy }) =>
    second === undefined ? strategy.name === first : port === first && strategy.name === second,
  );
  if (found.length > 0 && names.length <= 2) return found;
  const name = second ?? first;
  throw usageError(
    `there is no strategy "${names.join(' ')}"`,
    didYouMean(name, [...new Set(all.map(({ strategy }) => strategy.name))]),
  );
};

const renderList = (width: number): string => {
  const longest = Math.max(...PORTS.flatMap(strategiesOf).map(({ name }) => name.length));
  const indent = ' '.repeat(longest + 4);
  return PORTS.map((port) => {
    const rows = strategiesOf(port).map(({ name, summary }) => {
      const [head, ...rest] = wrap(summary, width - indent.length);
      return [`  ${name.padEnd(longest)}  ${head}`, ...rest.map((line) => indent + line)].join('\n');
    });
    return `${port}\n${rows.join('\n')}\n`;
  }).join('\n');
};

const renderPage = ({ port, strategy }: Found, width: number): string => {
  const { name, summary, page, guarantees, uses } = strategy;
  const paragraphs = page.split('\n\n').map((paragraph) => wrap(paragraph, width).join('\n'));
  const promised = Object.entries(guarantees).map(
    ([guarantee, value]) => `  ${spaced(guarantee)}: ${String(value)}`,
  );
  return [
    `${port} ${name}: ${wrap(summary, width - port.length - name.length - 3).join('\n  ')}`,
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
    return wrap(`${option} (${JSON.stringify(preset)}): ${description}`, width - 4)
      .map((line, i) => `${i === 0 ? '  ' : '    '}${line}`)
      .join('\n');
  });
  return rows.length > 0 ? rows.join('\n') : '  none';
};
