import { expect, test } from 'vitest';
import { namespaceOf, REDIS_PREFIX } from '../../../src/engine/namespace.ts';

const namespace = namespaceOf('a1b2');

test('every name carries the run, and what it is of', () => {
  expect(namespace.key('stock:0')).toBe('trade-sim:{a1b2}:stock:0');
  expect(namespace.queue('ledger')).toBe('trade-sim.a1b2.ledger');
  expect(namespace.schema).toBe('trade_sim_a1b2');
});

test("a run's keys share one slot of a cluster: all that hashes is between the braces", () => {
  const tags = ['stock:0', 'cart:7', 'lock:0'].map((name) => /\{(.+?)\}/.exec(namespace.key(name))?.[1]);
  expect(new Set(tags)).toEqual(new Set(['a1b2']));
});

test('no run has names that begin with those of another', () => {
  const longer = namespaceOf('a1b2c');
  expect(longer.key('x').startsWith(namespace.key(''))).toBe(false);
  expect(longer.queue('x').startsWith(namespace.queue(''))).toBe(false);
  expect(namespace.key('x').startsWith(REDIS_PREFIX)).toBe(true);
});
