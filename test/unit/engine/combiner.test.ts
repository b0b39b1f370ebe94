import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Combiner } from '../../../src/engine/stock/combiner.ts';

/** A far end that answers when it is told to, each request with its tenfold. */
const farEnd = () => {
  const calls: {
    readonly batch: readonly number[];
    readonly answer: () => void;
    readonly fail: () => void;
  }[] = [];
  const send = (batch: readonly number[]) =>
    new Promise<readonly number[]>((resolve, reject) => {
      calls.push({
        batch,
        answer: () => resolve(batch.map((n) => n * 10)),
        fail: () => reject(new Error('failed')),
      });
    });
  return { calls, send, batches: () => calls.map(({ batch }) => batch) };
};

test('a lone request leaves at once, and who comes meanwhile goes together', async () => {
  const { calls, send, batches } = farEnd();
  const combiner = new Combiner(send, { maxBatch: 3, maxCalls: 1, maxWaiting: 10 });
  const answers = Promise.all([1, 2, 3, 4, 5].map((n) => combiner.ask(n)));
  expect(batches()).toEqual([[1]]);
  calls[0]!.answer();
  await turnOfTheLoop();
  expect(batches()).toEqual([[1], [2, 3, 4]]);
  calls[1]!.answer();
  await turnOfTheLoop();
  expect(batches()).toEqual([[1], [2, 3, 4], [5]]);
  calls[2]!.answer();
  expect(await answers).toEqual([10, 20, 30, 40, 50]);
});

test('several calls are under way at once, as many as allowed', () => {
  const { send, batches } = farEnd();
  const combiner = new Combiner(send, { maxBatch: 3, maxCalls: 2, maxWaiting: 10 });
  for (const n of [1, 2, 3]) combiner.ask(n).catch(() => {});
  expect(batches()).toEqual([[1], [2]]);
});

test('a failed call fails all of its batch and no other', async () => {
  const { calls, send, batches } = farEnd();
  const combiner = new Combiner(send, { maxBatch: 2, maxCalls: 1, maxWaiting: 10 });
  const outcomes = Promise.allSettled([1, 2, 3, 4].map((n) => combiner.ask(n)));
  calls[0]!.answer();
  await turnOfTheLoop();
  expect(batches()).toEqual([[1], [2, 3]]);
  calls[1]!.fail();
  await turnOfTheLoop();
  expect(batches()).toEqual([[1], [2, 3], [4]]);
  calls[2]!.answer();
  expect((await outcomes).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ]);
});

test('no more wait than allowed', async () => {
  const { send } = farEnd();
  const combiner = new Combiner(send, { maxBatch: 1, maxCalls: 1, maxWaiting: 2 });
  for (const n of [1, 2, 3]) combiner.ask(n).catch(() => {});
  await expect(combiner.ask(4)).rejects.toMatchObject({ effect: 'none' });
});
