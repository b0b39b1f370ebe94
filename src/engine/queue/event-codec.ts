import { EVENT_KINDS, type OrderEvent } from '../types.ts';

const MAX_INT32 = 2 ** 31 - 1;

type Numbers = [kind: number, order: number, key: number, user: number, atMs: number, ...pairs: number[]];

const encodeEvent = ({ kind, order, atMs }: OrderEvent): string => {
  let body = `[${EVENT_KINDS.indexOf(kind)},${order.orderId},${order.key},${order.user},${atMs}`;
  for (const { sku, units } of order.lines) body += `,${sku},${units}`;
  return `${body}]`;
};

/**
 * `[kind, order id, key, user, epoch ms, sku, units, sku, units…]` as JSON: some 60 bytes for a one-line order.
 * Several events are a list of such lists.
 */
export const encodeEvents = (events: readonly OrderEvent[]): string => {
  const bodies = events.map(encodeEvent);
  return bodies.length === 1 ? bodies[0]! : `[${bodies.join(',')}]`;
};

/** `undefined`: not one of our messages, or one with numbers that the ledger cannot hold. */
export const decodeEvents = (body: string): readonly OrderEvent[] | undefined => {
  let parts: unknown;
  try {
    parts = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const several = Array.isArray(parts[0]) ? (parts as unknown[]) : [parts];
  const events = several.map(decodeEvent).filter((event) => event !== undefined);
  return events.length === several.length ? events : undefined;
};

const decodeEvent = (parts: unknown): OrderEvent | undefined => {
  if (!Array.isArray(parts) || parts.length < 7 || parts.length % 2 === 0) return undefined;
  if (!parts.every((part): part is number => typeof part === 'number')) return undefined;
  const [kindIndex, orderId, key, user, atMs, ...pairs] = parts as Numbers;
  const kind = EVENT_KINDS[kindIndex];
  if (kind === undefined || ![orderId, key, user].every(Number.isSafeInteger)) return undefined;
  if (!pairs.every((number) => Number.isInteger(number) && Math.abs(number) <= MAX_INT32)) return undefined;
  const lines = Array.from({ length: pairs.length / 2 }, (_, i) => ({
    sku: pairs[2 * i]!,
    units: pairs[2 * i + 1]!,
  }));
  return { kind, order: { orderId, key, user, lines }, atMs };
};
