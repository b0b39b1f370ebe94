import { z } from 'zod';
import { assert } from '../kernel/assert.ts';
import type { Chosen } from '../engine/compose.ts';

/** Variants of a field by name, each with its own fields. */
type Variants = Readonly<Record<string, z.ZodObject>>;

/**
 * A field that is one of several variants: written as the variant's name, or as a block whose `tag` names it and
 * whose other fields are its options. Gives the block, with the options' defaults.
 */
export const variantOf = <Tag extends string>(tag: Tag, variants: Variants) => {
  const blocks = Object.entries(variants).map(([name, options]) =>
    options.safeExtend({ [tag]: z.literal(name) }).strict(),
  );
  const [first, ...others] = blocks;
  assert(first, 'a field has at least one variant');
  const block = z.discriminatedUnion(tag, [first, ...others]);
  return z
    .union([z.enum(Object.keys(variants)), block])
    .transform((value) => (typeof value === 'string' ? block.parse({ [tag]: value }) : value));
};

/** A strategy or a journey: its name, or `{ name, ...options }`. */
export const choiceOf = (known: Readonly<Record<string, { readonly options: z.ZodType }>>) => {
  const variants = Object.entries(known).map(([name, { options }]) => {
    assert(options instanceof z.ZodObject, 'options are described by an object schema');
    return [name, options] as const;
  });
  return variantOf('name', Object.fromEntries(variants)).transform(({ name, ...options }): Chosen => {
    assert(typeof name === 'string', 'the tag of a variant is its name');
    return { name, options };
  });
};
