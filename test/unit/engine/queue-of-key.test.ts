import { describe, expect, test } from 'vitest';
import { queueOfKey } from '../../../src/engine/lock/queue-of-key.ts';

describe('the queue of a key', () => {
  // From the authors' own list: http://www.isthe.com/chongo/tech/comp/fnv/
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('is its FNV-1a hash: "%s"', (key, hash) => {
    expect(queueOfKey(key, 2 ** 32)).toBe(hash);
    expect(queueOfKey(key, 64)).toBe(hash % 64);
  });

  test('is another for the hottest ten SKUs, and each has its share of ten thousand', () => {
    const queues = Array.from({ length: 10_000 }, (_, sku) => queueOfKey(`lock:${sku}`, 64));
    expect(new Set(queues.slice(0, 10)).size).toBe(10);
    const shares = Array.from({ length: 64 }, (_, queue) => queues.filter((one) => one === queue).length);
    expect(Math.min(...shares)).toBeGreaterThan(10_000 / 64 / 2);
    expect(Math.max(...shares)).toBeLessThan((10_000 / 64) * 2);
  });
});
