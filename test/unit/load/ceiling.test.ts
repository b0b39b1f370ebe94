import { expect, it } from 'vitest';
import { ceilingPerSecond } from '../../../src/load/ceiling.ts';

it('the ceiling of a thread is measured once', async () => {
  const first = ceilingPerSecond();
  expect(ceilingPerSecond()).toBe(first);
  expect(await first).toBeGreaterThan(0);
});
