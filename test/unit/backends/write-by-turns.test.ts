import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { FULL_PACKET, writeByTurns } from '../../../src/backends/real/write-by-turns.ts';

/** A socket that remembers its packets; a slow one is done with each in a later turn. */
const socket = ({ slow = false } = {}) => {
  const packets: string[] = [];
  const settle = (done: () => void) => (slow ? setImmediate(done) : done());
  const writable = new Writable({
    write(chunk: Buffer, _encoding, done) {
      packets.push(chunk.toString());
      settle(done);
    },
    writev(chunks, done) {
      packets.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      settle(done);
    },
  });
  return { writable, packets };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what is written in one turn leaves as one packet, in its order', async () => {
  const { writable, packets } = socket();
  writeByTurns(writable);
  for (const text of ['a', 'b', 'c']) writable.write(Buffer.from(text));
  expect(packets).toEqual([]);
  await turn();
  writable.write(Buffer.from('d'));
  await turn();
  expect(packets).toEqual(['abc', 'd']);
});

test('a full packet leaves at once, and what follows it at the end of the turn', async () => {
  const { writable, packets } = socket();
  writeByTurns(writable);
  for (const length of [1, FULL_PACKET - 2, 1, 1]) writable.write(Buffer.alloc(length, 'x'));
  expect(packets.map(({ length }) => length)).toEqual([FULL_PACKET]);
  await turn();
  expect(packets.map(({ length }) => length)).toEqual([FULL_PACKET, 1]);
});

test('a full socket still says so, and when it is empty again', async () => {
  const { writable } = socket({ slow: true });
  writeByTurns(writable);
  const drained = new Promise((resolve) => writable.once('drain', resolve));
  expect(writable.write(Buffer.alloc(writable.writableHighWaterMark))).toBe(false);
  await drained;
  expect(writable.write(Buffer.from('y'))).toBe(true);
});

test('whoever was told to wait for the sake of what has not left yet hears when there is room', async () => {
  const { writable } = socket({ slow: true });
  writeByTurns(writable);
  expect(writable.write(Buffer.alloc(writable.writableHighWaterMark - 1))).toBe(true);
  expect(writable.write(Buffer.from('x'))).toBe(false);
  await new Promise((resolve) => writable.once('drain', resolve));
  expect(writable.write(Buffer.from('y'))).toBe(true);
});

test('what was written before the end still leaves', async () => {
  const { writable, packets } = socket();
  writeByTurns(writable);
  writable.write(Buffer.from('last'));
  writable.end();
  await new Promise((resolve) => writable.once('finish', resolve));
  expect(packets).toEqual(['last']);
});

test('what is not mere bytes keeps its place', async () => {
  const { writable, packets } = socket();
  writeByTurns(writable);
  writable.write(Buffer.from('a'));
  await new Promise<void>((resolve) => writable.write('b', () => resolve()));
  writable.write(Buffer.from('c'));
  await turn();
  expect(packets.join('')).toBe('abc');
});
