import { expect, it } from 'vitest';
import { sparkline } from '../../../src/report/sparkline.ts';

it.each<[readonly (number | null)[], number, string]>([
  [[0, 1, 2, 3, 4, 5, 6, 7, 8], 9, '▁▂▃▄▅▆▇██'],
  [[5, 5], 4, '  ██'],
  [[0, 0], 2, '▁▁'],
  [[], 3, '   '],
  [[9, 1, null, 2], 3, '▅ █'],
  [[-1, 4], 2, '▁█'],
  [[1, 2], 0, ''],
])('%j in %i columns', (values, columns, line) => {
  expect(sparkline(values, columns)).toBe(line);
});
