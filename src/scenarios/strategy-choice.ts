import { z } from 'zod';
import { importedModule, type Chosen } from '../engine/own-strategies.ts';
import { REGISTRY, type StrategyPort } from '../engine/registry.ts';
import { assert } from '../kernel/assert.ts';
import { MODULE_PATH } from './module-paths.ts';
import { chosenOf, variantOf, variantsOf } from './shorthand.ts';
import { withHint } from './wording.ts';

const modulePath = z
  .string()
  .regex(MODULE_PATH, { abort: true })
  .meta({ examples: ['./my-strategy.js'] });

/** One of our strategies by its name, or the path of a module with the user's own; either alone or with options. */
export const strategyChoice = (port: StrategyPort) =>
  variantOf('name', variantsOf(REGISTRY[port]), [modulePath, z.looseObject({ name: modulePath })]).transform(
    (value, context): Chosen => {
      const chosen = chosenOf(typeof value === 'string' ? { name: value } : value);
      return MODULE_PATH.test(chosen.name) ? ownChoice(port, chosen, context) : chosen;
    },
  );

/** Of a module that was imported before. */
const ownChoice = (port: StrategyPort, { name: url, options }: Chosen, context: z.RefinementCtx): Chosen => {
  const refuse = (message: string, path: PropertyKey[] = []) =>
    context.addIssue({ code: 'custom', message, path });
  const own = importedModule(url);
  assert(own, 'modules are imported before a scenario is validated');
  if (own.kind === 'unusable') {
    for (const problem of own.problems) refuse(problem);
    return z.NEVER;
  }
  if (own.port !== port) {
    refuse(withHint(`is the module of a ${own.port} strategy`, `Choose it with --${own.port}.`));
    return z.NEVER;
  }
  const checked = own.strategy.options.safeParse(options);
  for (const { message, path } of checked.error?.issues ?? []) refuse(message, path);
  // As given, for the workers to read again: what a schema gives need not be what it takes.
  return checked.success ? { name: own.strategy.name, options, module: url } : z.NEVER;
};
