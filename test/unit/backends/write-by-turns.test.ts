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
  for (const text of ['a', 'b', 'c']) writable.write(text);
  expect(packets).toEqual([]);
  await turn();
  writable.write('d');
  await turn();
  expect(packets).toEqual(['abc', 'd']);
});

test('a full socket still says so, and when it is empty again', async () => {
  const { writable } = socket();
  writeByTurns(writable);
  const drained = new Promise((resolve) => writable.once('drain', resolve));
  expect(writable.write('x'.repeat(writable.writableHighWaterMark))).toBe(false);
  await drained;
  expect(writable.write('y')).toBe(true);
});

test('what was written before the end still leaves', async () => {
  const { writable, packets } = socket();
  writeByTurns(writable);
  writable.write('last');
  writable.end();
  await new Promise((resolve) => writable.once('finish', resolve));
  expect(packets).toEqual(['last']);
});
