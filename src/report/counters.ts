import type { Result } from './model.ts';

const GROUPS = {
  orders: [
    'attempted',
    'accepted',
    'replayed',
    'soldOut',
    'limitReached',
    'contended',
    'failed',
    'unknown',
    'paid',
    'cancelled',
  ],
  iterations: ['completed', 'failed', 'dropped'],
  cache: ['reads', 'hits', 'loads', 'expiries', 'lostWrites'],
  lock: ['attempts', 'acquired', 'contended', 'expired'],
  queue: ['published', 'confirmed', 'delivered', 'redelivered', 'deadLettered'],
} as const;

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What a result counted, by the names that thresholds use: `orders.sold-out`. Adding such counts up loses nothing. */
export const countersOf = (result: Result): Record<string, number> =>
  Object.fromEntries(
    Object.entries(GROUPS).flatMap(([group, fields]) => {
      const counts = result[group as keyof typeof GROUPS] as unknown as Readonly<Record<string, number>>;
      return fields.map((field) => [`${group}.${kebab(field)}`, counts[field] ?? 0] as const);
    }),
  );
