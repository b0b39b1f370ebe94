import type { Message } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { isReturned } from '../../../src/backends/real/rabbitmq-publisher.ts';

const returned = {
  fields: { exchange: 'x', routingKey: 'q' },
  content: Buffer.from('Größe'),
} as Message;

describe('a returned message', () => {
  const sent = { exchange: 'x', routingKey: 'q', body: 'Größe', persistent: true, confirm: true };

  it('is like the one that was sent', () => {
    expect(isReturned(returned)(sent)).toBe(true);
  });

  it.each([{ exchange: '' }, { routingKey: 'other' }, { body: 'Grösse' }])(
    'is not like another: %o',
    (other) => {
      expect(isReturned(returned)({ ...sent, ...other })).toBe(false);
    },
  );
});
