import { describe, expect, it } from 'vitest';
import { loadScenarios } from '../../../src/scenarios/load-file.ts';
import { linesOf } from './file.ts';

const problemsOf = (fields: string) =>
  linesOf(() =>
    loadScenarios(
      'shop.yml',
      `scenarios:
  shop:
    journey: checkout
    catalog: { skus: 10, stockPerSku: 100 }
    load: { executor: constant-vus, vus: 2, duration: 1s }
${fields}`,
    ),
  );

describe('the series of the steps', () => {
  it.each([
    ['    engine: { nodes: 64 }', undefined],
    ['    engine: { nodes: 2 }\n    steps: { byNode: true }', undefined],
    ['    engine: { nodes: 3 }\n    steps: { byNode: true, maxSeries: 66 }', undefined],
    ['    engine: { nodes: 3 }\n    steps: { byNode: true }', 66],
    ['    steps: { maxSeries: 21 }', 22],
  ])('are bounded: more than the limit are refused before the run: %#', (fields, series) => {
    const problem = `its steps may have ${series} series (Allow as many, or leave out byNode.)`;
    expect(problemsOf(fields)).toEqual(
      series === undefined ? [] : [expect.stringContaining(problem) as string],
    );
  });
});
