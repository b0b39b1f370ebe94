import { z } from 'zod';
import { blamed, blaming } from '../engine/own-faults.ts';
import type { OwnModule } from '../engine/own-strategies.ts';
import type { OptionsSchema } from '../engine/strategy-module.ts';
import type { ModuleShape } from './module-shape.ts';

/** A user's strategy in the form of ours. `exported`: the object itself, on which `open` is called. */
export const adapted = (shape: ModuleShape, exported: object): OwnModule => {
  const name = `own:${shape.name}`;
  const common = {
    name,
    summary: shape.summary,
    page: shape.page ?? '',
    uses: shape.uses,
    options: optionsOf(shape.options),
    open(options: unknown, context: object): never {
      try {
        const port: object = shape.open.call(exported, options, context);
        // What it opens is of its port's shape as far as types can say; `strategies check` goes further.
        return blaming(port, name) as never;
      } catch (error) {
        throw blamed(error, name, 'open');
      }
    },
  };
  switch (shape.port) {
    case 'lock': {
      const { guarantees, creates } = shape;
      return { kind: 'usable', port: 'lock', strategy: { ...common, guarantees, creates } };
    }
    case 'stock':
      return { kind: 'usable', port: 'stock', strategy: { ...common, guarantees: shape.guarantees } };
    case 'cache':
      return { kind: 'usable', port: 'cache', strategy: { ...common, guarantees: shape.guarantees } };
    case 'queue': {
      const { guarantees, creates } = shape;
      return { kind: 'usable', port: 'queue', strategy: { ...common, guarantees, creates } };
    }
  }
};

/** Our own zod as it is, so that `strategies show` can list the options; any other schema behind it. */
const optionsOf = (schema: OptionsSchema<unknown> | undefined): z.ZodType => {
  if (schema === undefined) return z.strictObject({});
  return schema instanceof z.ZodType
    ? schema
    : z.unknown().transform((value, context) => checked(schema, value, context));
};

const checked = (schema: OptionsSchema<unknown>, value: unknown, context: z.RefinementCtx): unknown => {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) {
    // It must not end the process by failing later.
    result.catch(() => {});
    context.addIssue({
      code: 'custom',
      message: 'its options are checked asynchronously, which is not supported',
    });
    return z.NEVER;
  }
  if (result.issues === undefined) return result.value;
  for (const { message, path = [] } of result.issues) {
    const fields = path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
    context.addIssue({ code: 'custom', message, path: fields });
  }
  return z.NEVER;
};
