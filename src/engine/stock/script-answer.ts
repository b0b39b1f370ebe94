import type { RedisReply } from '../../backends/ports.ts';
import { unreachable } from '../../kernel/assert.ts';
import type { PlacedOrder } from '../types.ts';
import type { ReserveOutcome } from './port.ts';

/** How a reservation script answers: 0 reserved, 1 duplicate of `detail`, 2 sold out and 3 limit reached at line `detail`. */
export const outcomeOf = (
  { lines }: PlacedOrder,
  code: RedisReply | undefined,
  detail: RedisReply | undefined,
): ReserveOutcome => {
  const skuOfLine = () => lines[Number(detail) - 1]!.sku;
  const known = code as 0 | 1 | 2 | 3;
  switch (known) {
    case 0:
      return { kind: 'reserved' };
    case 1:
      return { kind: 'duplicate', orderId: Math.abs(Number(detail)) };
    case 2:
      return { kind: 'sold-out', sku: skuOfLine() };
    case 3:
      return { kind: 'limit-reached', sku: skuOfLine() };
    default:
      return unreachable(known);
  }
};
