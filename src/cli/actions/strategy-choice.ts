import type { Subject } from '../../run/check-strategy.ts';
import { importedModule } from '../../engine/own-strategies.ts';
import { REGISTRY, type StrategyPort } from '../../engine/registry.ts';
import { usageError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { importModules } from '../../scenarios/import-modules.ts';
import { MODULE_PATH, moduleUrl } from '../../scenarios/module-paths.ts';

export const PORTS = Object.keys(REGISTRY) as StrategyPort[];

export const strategiesOf = (port: StrategyPort): readonly Subject[] =>
  Object.values(REGISTRY[port]).map((strategy) => ({ port, strategy }));

/** What `names` mean: a strategy, a port with a strategy, or a port with all it has. A strategy may be a module's path. */
export const findStrategies = async (names: readonly string[]): Promise<readonly Subject[]> => {
  const [first = '', second, ...more] = names;
  if (more.length > 0)
    throw usageError(
      `a strategy has a port and a name, not ${names.length} names`,
      'Write them like this: strategies show lock token.',
    );
  if (second === undefined && MODULE_PATH.test(first)) return [await ownOf(first)];
  const port = PORTS.find((name) => name === first);
  if (second === undefined)
    return port === undefined ? among(PORTS.flatMap(strategiesOf), first) : strategiesOf(port);
  if (port === undefined) throw usageError(`there is no port "${first}"`, didYouMean(first, PORTS));
  if (!MODULE_PATH.test(second)) return among(strategiesOf(port), second);
  const own = await ownOf(second);
  if (own.port !== port) throw usageError(`${second} is the module of a ${own.port} strategy`);
  return [own];
};

const among = (candidates: readonly Subject[], name: string): readonly Subject[] => {
  const found = candidates.filter(({ strategy }) => strategy.name === name);
  if (found.length > 0) return found;
  const known = new Set(candidates.map(({ strategy }) => strategy.name));
  const guess = didYouMean(name, [...known]);
  throw usageError(
    `there is no strategy "${name}"`,
    /\.[cm]?[jt]s$/.test(name) ? `A module of yours: ./${name}` : guess,
  );
};

/** The strategy of a module of the user's. */
const ownOf = async (path: string): Promise<Subject> => {
  const url = moduleUrl(path, process.cwd());
  await importModules([url]);
  const own = importedModule(url)!;
  if (own.kind === 'usable') return { ...own, module: url };
  throw usageError(own.problems.map((problem) => `${path} ${problem}`).join('\n'));
};
