import type { EventKind, OrderEvent } from '../types.ts';

const KINDS: readonly EventKind[] = ['placed', 'paid', 'cancelled'];

/** `[kind, order id, key, user, epoch ms, sku, units, sku, units…]` as JSON: some 60 bytes for a one-line order. */
export const encodeEvent = ({ kind, order, atMs }: OrderEvent): string => {
  let body = `[${KINDS.indexOf(kind)},${order.orderId},${order.key},${order.user},${atMs}`;
  for (const { sku, units } of order.lines) body += `,${sku},${units}`;
  return `${body}]`;
};

/** `undefined`: not one of our messages. */
export const decodeEvent = (body: string): OrderEvent | undefined => {
  let parts: unknown;
  try {
    parts = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length < 7 || parts.length % 2 === 0) return undefined;
  if (!parts.every((part): part is number => typeof part === 'number')) return undefined;
  const [kindIndex, orderId, key, user, atMs, ...pairs] = parts as [number, number, number, number, number];
  const kind = KINDS[kindIndex];
  if (kind === undefined) return undefined;
  const numbers: readonly number[] = pairs;
  const lines = Array.from({ length: numbers.length / 2 }, (_, i) => ({
    sku: numbers[2 * i]!,
    units: numbers[2 * i + 1]!,
  }));
  return { kind, order: { orderId, key, user, lines }, atMs };
};
