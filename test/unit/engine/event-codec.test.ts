import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEvents, encodeEvents } from '../../../src/engine/queue/event-codec.ts';
import { EVENT_KINDS } from '../../../src/engine/types.ts';

const identity = fc.maxSafeNat();
const small = fc.integer({ min: 0, max: 2 ** 31 - 1 });

const event = fc.record({
  kind: fc.constantFrom(...EVENT_KINDS),
  order: fc.record({
    orderId: identity,
    key: identity,
    user: identity,
    lines: fc.array(fc.record({ sku: small, units: small }), { minLength: 1, maxLength: 10 }),
  }),
  // To the microsecond.
  atMs: fc.integer({ min: 0, max: 2 ** 51 }).map((atUs) => atUs / 1_000),
});

test('events come out as they went in, however many there are', () =>
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), (sent) => {
      expect(decodeEvents(encodeEvents(sent))).toEqual(sent);
    }),
  ));

test('a one-line order is small', () => {
  const order = { orderId: 1_234_567, key: 1_234_567, user: 1_234_567, lines: [{ sku: 0, units: 1 }] };
  expect(encodeEvents([{ kind: 'placed', order, atMs: 1_790_000_000_000.125 }])).toHaveLength(48);
});

test.each([
  ['nothing', ''],
  ['no JSON', 'hello'],
  ['half a message', '[0,1,2,3,4,5'],
  ['no list', '{"kind":0}'],
  ['null', 'null'],
  ['no lines', '[0,1,2,3,4]'],
  ['half a line', '[0,1,2,3,4,5]'],
  ['text for a number', '[0,1,2,3,4,"5",6]'],
  ['a hole', '[0,1,2,3,4,null,6]'],
  ['an unknown kind', '[3,1,2,3,4,5,6]'],
  ['half a kind', '[0.5,1,2,3,4,5,6]'],
  ['half an order', '[0,1.5,2,3,4,5,6]'],
  ['an order beyond the safe integers', '[0,9007199254740992,2,3,4,5,6]'],
  ['half a microsecond', '[0,1,2,3,0.5,5,6]'],
  ['half a unit', '[0,1,2,3,4,5,0.5]'],
  ['more units than the ledger can write', '[0,1,2,3,4,5,2147483648]'],
  ['a SKU that is no number to the ledger', '[0,1,2,3,4,1e300,6]'],
  ['a good event and half a one', '[[0,1,2,3,4,5,6],[0,1,2,3,4,5]]'],
  ['a good event and a number', '[[0,1,2,3,4,5,6],7]'],
  ['an empty list', '[]'],
  ['a list of an empty list', '[[]]'],
  ['lists too deep', '[[[0,1,2,3,4,5,6]]]'],
])('not one of our messages: %s', (_, body) => expect(decodeEvents(body)).toBeUndefined());

test('anything at all is decoded or refused, and never thrown at', () =>
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
      const decoded = decodeEvents(body);
      if (decoded) expect(decodeEvents(encodeEvents(decoded))).toEqual(decoded);
    }),
  ));
