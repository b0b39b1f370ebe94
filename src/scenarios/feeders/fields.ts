import { z } from 'zod';

/** What of an iteration a feeder's column may give, in place of the journey's own draw. All are kept as numbers. */
export const FED_FIELDS = ['user', 'sku', 'units', 'declined', 'payAfterMs'] as const;
export type FedField = (typeof FED_FIELDS)[number];

/** Who an iteration's customer is, where no feeder says it. */
const IDENTITIES = ['iteration', 'vu'] as const;

/** `customers.id` is the column `id` of the feeder `customers`. */
const COLUMN = /^[^.\s]+\.\S.*$/;

const column = (description: string) =>
  z
    .string()
    .regex(COLUMN, 'is not a column of a feeder (Write FEEDER.COLUMN: customers.id.)')
    .optional()
    .meta({ examples: ['customers.id'] })
    .describe(`${description}: a feeder's column, FEEDER.COLUMN`);

/** The options of a journey whose customers are told apart and may be fed. */
export const fedOptions = {
  user: z
    .string()
    .refine((text) => (IDENTITIES as readonly string[]).includes(text) || COLUMN.test(text), {
      error: 'is neither iteration, vu nor a column of a feeder (Write FEEDER.COLUMN: customers.id.)',
    })
    .default('iteration')
    .describe(
      "who the customer is: a new one in every iteration; the same one in all of a virtual user's (vu); or a feeder's column, FEEDER.COLUMN",
    ),
  sku: column('the product, in place of one by popularity'),
  units: column('units of a product'),
};

/** Of journeys that pay. */
export const paymentOptions = {
  declined: column('whether the payment is declined, true or false, in place of declineShare'),
  payAfterMs: column('pause before the payment, in milliseconds, in place of the think time'),
};

export interface ColumnName {
  readonly feeder: string;
  readonly column: string;
}

/** The columns that a journey's options name, by the field that they give. */
export const columnsOf = (
  options: Readonly<Record<string, unknown>>,
): readonly (ColumnName & { readonly field: FedField })[] =>
  FED_FIELDS.flatMap((field) => {
    const text = options[field];
    if (typeof text !== 'string' || !COLUMN.test(text)) return [];
    const dot = text.indexOf('.');
    return [{ field, feeder: text.slice(0, dot), column: text.slice(dot + 1) }];
  });

/** Clear of the customers by which trade-sim itself probes a shop. */
const MAX_USER = 2 ** 40 - 1;
const MAX_UNITS = 1_000;
const MAX_PAUSE_MS = 3_600_000;

const wholeUpTo = (text: string, max: number): number | undefined =>
  /^\d{1,15}$/.test(text) && Number(text) <= max ? Number(text) : undefined;

const TRUTHS = new Map(Object.entries({ true: 1, '1': 1, yes: 1, false: 0, '0': 0, no: 0 }));

/** Reads a cell. `undefined`: it is not what the field takes, which `expected` says. */
export const readCell = (field: FedField, text: string, skus: number): number | undefined => {
  switch (field) {
    case 'user':
      return wholeUpTo(text, MAX_USER);
    case 'sku':
      return wholeUpTo(text.replace(/^sku-/, ''), skus - 1);
    case 'units': {
      const units = wholeUpTo(text, MAX_UNITS);
      return units === 0 ? undefined : units;
    }
    case 'declined':
      return TRUTHS.get(text.toLowerCase());
    case 'payAfterMs':
      return /^\d{1,7}(\.\d{1,6})?$/.test(text) && Number(text) <= MAX_PAUSE_MS ? Number(text) : undefined;
  }
};

export const expectedIn = (field: FedField, skus: number): string => {
  switch (field) {
    case 'user':
      return `a whole number from 0 to ${MAX_USER.toLocaleString('en-US')}`;
    case 'sku':
      return `a product of the catalogue, 0 to ${(skus - 1).toLocaleString('en-US')}`;
    case 'units':
      return `a whole number from 1 to ${MAX_UNITS.toLocaleString('en-US')}`;
    case 'declined':
      return 'true or false';
    case 'payAfterMs':
      return `milliseconds from 0 to ${MAX_PAUSE_MS.toLocaleString('en-US')}`;
  }
};
