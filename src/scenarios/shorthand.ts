import { z } from 'zod';
import { assert } from '../kernel/assert.ts';
import type { Chosen } from '../engine/own-strategies.ts';

/** Variants of a field by name, each with its own fields. */
type Variants = Readonly<Record<string, z.ZodObject>>;

/**
 * A field that is one of several variants: written as the variant's name, or as a block whose `tag` names it and
 * whose other fields are its options. Gives the block, with the options' defaults. `others`: what it may be besides.
 */
export const variantOf = <Tag extends string>(
  tag: Tag,
  variants: Variants,
  others: readonly z.ZodType[] = [],
) => {
  const blocks = Object.entries(variants).map(([name, options]) =>
    options.safeExtend({ [tag]: z.literal(name) }).strict(),
  );
  const [first, ...rest] = blocks;
  assert(first, 'a field has at least one variant');
  const block = z.discriminatedUnion(tag, [first, ...rest]);
  return z
    .union([z.enum(Object.keys(variants)), block, ...others])
    .transform((value) =>
      typeof value === 'string' && Object.hasOwn(variants, value) ? block.parse({ [tag]: value }) : value,
    );
};

/** Each variant's options, which are described by an object schema. */
export const variantsOf = (known: Readonly<Record<string, { readonly options: z.ZodType }>>): Variants =>
  Object.fromEntries(
    Object.entries(known).map(([name, { options }]) => {
      assert(options instanceof z.ZodObject, 'options are described by an object schema');
      return [name, options] as const;
    }),
  );

/** A journey: its name, or `{ name, ...options }`. */
export const choiceOf = (known: Readonly<Record<string, { readonly options: z.ZodType }>>) =>
  variantOf('name', variantsOf(known)).transform(chosenOf);

/** A block whose name is one of the known ones. */
export const chosenOf = (block: unknown): Chosen => {
  const { name, ...options } = block as Readonly<Record<string, unknown>>;
  assert(typeof name === 'string', 'the tag of a variant is its name');
  return { name, options };
};
