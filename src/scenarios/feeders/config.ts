import { z } from 'zod';

/** Which row an iteration gets: see row-order.ts. */
const ORDERS = ['sequential', 'random', 'unique'] as const;
export type FeederOrder = (typeof ORDERS)[number];

/** What happens when all rows were used: they are used again, or the load ends. */
const ENDINGS = ['recycle', 'stop'] as const;

type InlineRow = Readonly<Record<string, string | number | boolean>>;

export type FeederSource =
  /** Paths are relative to the scenarios file. */
  | { readonly kind: 'csv'; readonly path: string }
  | { readonly kind: 'jsonl'; readonly path: string }
  | { readonly kind: 'rows'; readonly rows: readonly InlineRow[] };

/** Data that iterations take rows of. */
export interface FeederConfig {
  readonly source: FeederSource;
  readonly order: FeederOrder;
  readonly whenExhausted: (typeof ENDINGS)[number];
}

/** They are part of the configuration, which goes into every result: what is longer belongs into a file. */
const MAX_INLINE_ROWS = 1_000;

const file = (description: string) =>
  z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe(`${description}; its path, from the folder of the scenarios file`);

const feeder = z
  .strictObject({
    csv: file('a file of comma-separated values, the first line names the columns'),
    jsonl: file('a file with a JSON object on each line'),
    rows: z
      .array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
      .min(1)
      .max(MAX_INLINE_ROWS)
      .optional()
      .describe('the rows themselves'),
    order: z
      .enum(ORDERS)
      .default('sequential')
      .describe(
        'sequential: one after another, over all iterations; random: any row, chosen by the seed; unique: each virtual user has rows that no other one gets',
      ),
    whenExhausted: z
      .enum(ENDINGS)
      .optional()
      .describe('when all rows were used: recycle uses them again, stop ends the load (default of unique)'),
  })
  .superRefine(({ csv, jsonl, rows, order, whenExhausted }, context) => {
    const sources = [csv, jsonl, rows].filter((source) => source !== undefined);
    if (sources.length !== 1)
      context.addIssue({ code: 'custom', message: 'needs one of csv, jsonl and rows (Write csv: FILE.)' });
    if (order === 'random' && whenExhausted === 'stop')
      context.addIssue({
        code: 'custom',
        path: ['whenExhausted'],
        message: 'rows drawn at random never run out (Leave it out, or take another order.)',
      });
  })
  .transform(({ csv, jsonl, rows = [], order, whenExhausted }): FeederConfig => {
    const ending = whenExhausted ?? (order === 'unique' ? 'stop' : 'recycle');
    const common = { order, whenExhausted: ending };
    if (csv !== undefined) return { source: { kind: 'csv', path: csv }, ...common };
    if (jsonl !== undefined) return { source: { kind: 'jsonl', path: jsonl }, ...common };
    return { source: { kind: 'rows', rows }, ...common };
  });

export const feedersSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and hyphens, at most 32'),
  feeder,
);
