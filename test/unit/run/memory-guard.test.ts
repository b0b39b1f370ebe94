import { describe, expect, it } from 'vitest';
import { MAX_RECEIPT_ROWS } from '../../../src/load/receipts.ts';
import { MemoryGuard } from '../../../src/run/memory-guard.ts';

const GB = 2 ** 30;
const roomy = { heapBytes: 0.1 * GB, heapLimitBytes: 4 * GB, receipts: 1_000 };

const guardOf = (...workers: (typeof roomy)[]) => {
  const guard = new MemoryGuard();
  for (const [worker, memory] of workers.entries()) guard.note(worker, memory);
  return guard;
};

describe('a load goes on', () => {
  it('before the first worker has said anything', () => {
    expect(new MemoryGuard().shortage(GB)).toBeUndefined();
  });

  it('as long as there is memory for it and for its audit', () => {
    const guard = guardOf(roomy, roomy);
    for (let look = 0; look < 10; look += 1) expect(guard.shortage(GB)).toBeUndefined();
  });

  it('when a heap was full for a moment', () => {
    const guard = guardOf(roomy);
    for (let look = 0; look < 10; look += 1) {
      guard.note(0, look % 2 === 1 ? roomy : { ...roomy, heapBytes: 3.9 * GB });
      expect(guard.shortage(GB)).toBeUndefined();
    }
  });
});

describe('a load ends', () => {
  it('when the heap of a worker stays full', () => {
    const guard = guardOf(roomy, { ...roomy, heapBytes: 3.5 * GB });
    const looks = Array.from({ length: 2 }, () => guard.shortage(GB));
    expect(looks).toEqual([
      undefined,
      'a worker thread has 3,584 MB of at most 4,096 MB in its heap; embedded services keep every order there',
    ]);
  });

  it('when its audit would not fit into what is free, over all workers', () => {
    const many = { ...roomy, receipts: 3_000_000 };
    expect(guardOf(many).shortage(GB)).toBeUndefined();
    expect(guardOf(many, many).shortage(GB)).toMatch(
      /^the audit of 6,000,000 receipts takes \d+ MB of memory, and 1,024 MB are free$/,
    );
  });

  it('when the machine has next to nothing left', () => {
    expect(guardOf(roomy).shortage(10 * 2 ** 20)).toContain('10 MB are free');
  });

  it('when the audit takes no more receipts', () => {
    expect(guardOf({ ...roomy, receipts: MAX_RECEIPT_ROWS }).shortage(100 * GB)).toBe(
      'the audit takes 20,000,000 receipts at most',
    );
  });
});
