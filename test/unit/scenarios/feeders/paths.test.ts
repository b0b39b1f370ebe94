import { describe, expect, it } from 'vitest';
import { parseSetting } from '../../../../src/scenarios/changes.ts';
import { loadScenarios } from '../../../../src/scenarios/load-file.ts';
import { resolveScenario } from '../../../../src/scenarios/overrides.ts';

const shopWith = (feeder: string) => `scenarios:
  shop:
    journey: checkout
    feeders: { people: ${feeder} }
    catalog: { skus: 10, stockPerSku: 100 }
    load: { executor: constant-vus, vus: 2, duration: 1s }
`;

const sourceIn = (path: string, text: string) =>
  loadScenarios(path, text).scenarios['shop']!.feeders['people']!.source;

describe("a feeder's path", () => {
  it('is relative to the scenarios file, unless it is absolute', () => {
    const source = (path: string) => ({ kind: 'csv', path });
    expect(sourceIn('perf/shop.yml', shopWith('{ csv: data/a.csv }'))).toEqual(source('perf/data/a.csv'));
    expect(sourceIn('shop.yml', shopWith('{ csv: a.csv }'))).toEqual(source('a.csv'));
    expect(sourceIn('perf/shop.yml', shopWith('{ csv: /data/a.csv }'))).toEqual(source('/data/a.csv'));
    expect(sourceIn('../shop.yml', shopWith('{ jsonl: a.jsonl }'))).toEqual({
      kind: 'jsonl',
      path: '../a.jsonl',
    });
  });

  it('given by --set is relative to where we are', () => {
    const file = { path: 'perf/shop.yml', text: shopWith('{ csv: a.csv }') };
    const { feeders } = resolveScenario(file, 'shop', [parseSetting('feeders.people.csv=b.csv')]);
    expect(feeders['people']!.source).toEqual({ kind: 'csv', path: 'b.csv' });
  });

  it('that is no path is told as any wrong field', () => {
    expect(() => sourceIn('perf/shop.yml', shopWith('{ csv: 7 }'))).toThrow(
      'scenarios.shop.feeders.people.csv: must be text, not 7',
    );
    expect(() => sourceIn('perf/shop.yml', shopWith('[]'))).toThrow('must be a block of fields');
  });
});
