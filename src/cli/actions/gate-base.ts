import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { z } from 'zod';
import { messageOf, usageError } from '../../kernel/errors.ts';
import type { Base } from '../../run/gate/gate.ts';
import type { Installed } from '../../run/gate/installed.ts';
import { urlsOf } from '../../run/segments.ts';
import { SERVICE_NAMES, type Endpoints, type ServiceMode } from '../../services/types.ts';
import type { Io } from '../io.ts';
import { FIELD_FLAGS, fieldPathOf } from '../scenario-options.ts';
import { readScenarios, scenarioOf, scenariosPathOf } from './scenario-choice.ts';

/** Reads `--against`: settings, an installed trade-sim, a scenarios file, or the name of a scenario. */
export const baseOf = async (io: Io, command: Command, name: string, profile: string): Promise<Base> => {
  if (/^[\w.-]+=/.test(profile)) {
    const settings = profile.split(/,(?=[\w.-]+=)/).map((text) => {
      const [field = '', value = ''] = text.split(/=(.*)/s);
      return { path: fieldPathOf(field), value, from: '--against' };
    });
    return { kind: 'scenario', label: profile, scenario: await scenarioOf(command, name, settings) };
  }
  const main = mainOf(profile);
  if (main !== undefined) return installed(io, command, name, profile, main);
  const [path = '', itsName = name] = profile.split('#');
  if (/\.ya?ml$/.test(path))
    return {
      kind: 'scenario',
      label: profile,
      scenario: await scenarioOf(command, itsName, [], readScenarios(path)),
    };
  return { kind: 'scenario', label: `the scenario ${profile}`, scenario: await scenarioOf(command, profile) };
};

const manifest = z.object({
  name: z.literal('trade-sim'),
  version: z.string(),
  bin: z.object({ 'trade-sim': z.string() }),
});

interface Main {
  readonly path: string;
  readonly version: string | undefined;
}

/** The program of an installed trade-sim: its own file, its package, or a folder it is installed in. */
const mainOf = (path: string): Main | undefined => {
  if (!existsSync(path)) return undefined;
  if (statSync(path).isFile())
    return /\.[cm]?js$/.test(path) ? { path: resolve(path), version: undefined } : undefined;
  const folder = [path, join(path, 'node_modules', 'trade-sim')].find(
    (candidate) => manifest.safeParse(manifestIn(candidate)).success,
  );
  if (folder === undefined) {
    // A folder may have the name of a scenario.
    if (!/[./\\]/.test(path)) return undefined;
    throw usageError(
      `--against ${path}: there is no trade-sim in this folder`,
      'Name the folder of its package, one that it is installed in, or its dist/cli/main.js.',
    );
  }
  const { bin, version } = manifest.parse(manifestIn(folder));
  const main = resolve(folder, bin['trade-sim']);
  if (!existsSync(main)) throw usageError(`--against ${path}: it is not built`, `There is no ${main}.`);
  return { path: main, version };
};

const manifestIn = (folder: string): unknown => {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch (error) {
    return messageOf(error);
  }
};

const OWN_MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/** Both sides get the same flags, and the servers that are there already. */
const installed = (io: Io, command: Command, name: string, profile: string, base: Main): Base => {
  const label = base.version === undefined ? profile : `trade-sim ${base.version} in ${profile}`;
  const flags = ['run', name, '--file', resolve(scenariosPathOf(command)), ...fieldFlags(command)];
  const side = (of: string, main: string, endpoints: Endpoints): Installed => ({
    label: of,
    main,
    args: [...flags, ...serviceFlags(command, endpoints)],
    env: { ...io.env, ...serviceVariables(command, endpoints) },
  });
  return {
    kind: 'installed',
    label,
    processesOn: (endpoints) => ({
      base: side(label, base.path, endpoints),
      candidate: side('the candidate', OWN_MAIN, endpoints),
    }),
  };
};

const fieldFlags = (command: Command): string[] => [
  ...FIELD_FLAGS.flatMap(([flag]) => {
    const option = command.options.find(({ long }) => long === `--${flag}`)!;
    const value = command.getOptionValue(option.attributeName()) as string | undefined;
    return value === undefined || flag === 'seed' ? [] : [`--${flag}`, value];
  }),
  ...((command.getOptionValue('set') as string[] | undefined) ?? []).flatMap((setting) => ['--set', setting]),
];

/** Passwords go by the environment: arguments are for everybody to see. */
const serviceVariables = (command: Command, endpoints: Endpoints): Installed['env'] => {
  const { redis, rabbitmq, postgres } = urlsOf(endpoints);
  const lockRedis = command.getOptionValue('lockRedis') as string | undefined;
  return {
    REDIS_URL: redis,
    AMQP_URL: rabbitmq,
    DATABASE_URL: postgres,
    ...(lockRedis !== undefined && { TRADE_SIM_LOCK_REDIS: lockRedis }),
  };
};

const serviceFlags = (command: Command, endpoints: Endpoints): string[] => {
  const real = SERVICE_NAMES.filter((service) => endpoints[service].url !== undefined).length;
  const mode: ServiceMode = real === 0 ? 'embedded' : real === SERVICE_NAMES.length ? 'given' : 'auto';
  return ['--services', mode, ...(command.getOptionValue('allowRemote') === true ? ['--allow-remote'] : [])];
};
