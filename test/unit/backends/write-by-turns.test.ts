import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { writeByTurns } from '../../../src/backends/real/write-by-turns.ts';

/** A socket that remembers its packets. */
const socket = () => {
  const packets: string[] = [];
  const writable = new Writable({
    write(chunk: Buffer, _encoding, done) {
      packets.push(chunk.toString());
      done();
    },
    writev(chunks, done) {
      packets.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
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

test('a full socket still says so, and when it is empty again', async () => {
  const { writable } = socket();
  writeByTurns(writable);
  const drained = new Promise((resolve) => writable.once('drain', resolve));
  expect(writable.write(Buffer.alloc(writable.writableHighWaterMark))).toBe(false);
  await drained;
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

test('whoever was told to wait hears of it, also when the packet found room after all', async () => {
  const { writable } = socket();
  writeByTurns(writable);
  const half = Buffer.alloc(writable.writableHighWaterMark / 2);
  const told = [writable.write(half), writable.write(half), writable.write(half)];
  expect(told).toEqual([true, false, false]);
  await new Promise((resolve) => writable.once('drain', resolve));
  expect(writable.write(half)).toBe(true);
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
