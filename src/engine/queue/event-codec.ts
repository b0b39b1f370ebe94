import { EVENT_KINDS, type OrderEvent, type OrderLine } from '../types.ts';

const MAX_INT32 = 2 ** 31 - 1;

const encodeEvent = ({ kind, order, atMs }: OrderEvent): string => {
  const atUs = Math.round(atMs * 1_000);
  let body = `[${EVENT_KINDS.indexOf(kind)},${order.orderId},${order.key},${order.user},${atUs}`;
  for (const { sku, units } of order.lines) body += `,${sku},${units}`;
  return `${body}]`;
};

/**
 * `[kind, order id, key, user, epoch µs, sku, units, sku, units…]` as JSON: some 50 bytes for a one-line order.
 * Several events are a list of such lists.
 */
export const encodeEvents = (events: readonly OrderEvent[]): string =>
  events.length === 1 ? encodeEvent(events[0]!) : `[${events.map(encodeEvent).join(',')}]`;

/** `undefined`: not one of our messages, or one with numbers that the ledger cannot hold. */
export const decodeEvents = (body: string): readonly OrderEvent[] | undefined => {
  let parts: unknown;
  try {
    parts = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const events: OrderEvent[] = [];
  for (const each of Array.isArray(parts[0]) ? (parts as unknown[]) : [parts]) {
    const event = decodeEvent(each);
    if (event === undefined) return undefined;
    events.push(event);
  }
  return events;
};

const decodeEvent = (parts: unknown): OrderEvent | undefined => {
  if (!isOddManyNumbers(parts) || parts.length < 7) return undefined;
  const [kindIndex, orderId, key, user, atUs] = parts as [number, number, number, number, number];
  const kind = EVENT_KINDS[kindIndex];
  if (kind === undefined) return undefined;
  if (![orderId, key, user, atUs].every(Number.isSafeInteger)) return undefined;
  const lines: OrderLine[] = [];
  for (let i = 5; i < parts.length; i += 2) {
    const [sku, units] = [parts[i]!, parts[i + 1]!];
    if (!isInt32(sku) || !isInt32(units)) return undefined;
    lines.push({ sku, units });
  }
  return { kind, order: { orderId, key, user, lines }, atMs: atUs / 1_000 };
};

const isOddManyNumbers = (parts: unknown): parts is number[] =>
  Array.isArray(parts) && parts.length % 2 === 1 && parts.every((part) => typeof part === 'number');

const isInt32 = (number: number): boolean => Number.isInteger(number) && Math.abs(number) <= MAX_INT32;
