import type { z } from 'zod';

/** A strategy's options with what is wanted where it has such options, and as they are by default where it has not. */
export const optionsOf = (
  { options }: { readonly options: z.ZodType },
  wanted: Readonly<Record<string, unknown>> = {},
): unknown => {
  const asked = options.safeParse(wanted);
  return asked.success ? asked.data : options.parse({});
};
