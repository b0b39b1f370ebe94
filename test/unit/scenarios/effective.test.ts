import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { REGISTRY } from '../../../src/engine/registry.ts';
import { renderScenario } from '../../../src/scenarios/effective.ts';
import { JOURNEYS } from '../../../src/scenarios/journeys/index.ts';
import { describeLoad, renderScenarioList, renderValidation } from '../../../src/scenarios/listing.ts';
import { loadScenarios } from '../../../src/scenarios/load-file.ts';
import { withLine } from './file.ts';

const nameOf = (known: Readonly<Record<string, unknown>>) => fc.constantFrom(...Object.keys(known));

const positiveDuration = fc.oneof(
  fc.integer({ min: 1, max: 86_400_000 }).map((ms) => `${ms}ms`),
  fc.integer({ min: 1, max: 86_400 }).map((s) => `${s}s`),
  fc.double({ min: 0.001, max: 1_440, noNaN: true }).map((m) => `${m.toFixed(4)}m`),
);
const duration = fc.oneof(positiveDuration, fc.constant('0s'));

const rate = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.double({ min: 0.001, max: 1_000_000, noNaN: true }).map((perSecond) => `${perSecond.toFixed(9)}/s`),
  fc.integer({ min: 1, max: 1_000_000 }).map((perHour) => `${perHour}/h`),
);

const times = { warmup: duration, gracefulStop: duration };
const vus = fc.integer({ min: 1, max: 1_000_000 });
const load = fc.oneof(
  fc.record(
    { executor: fc.constant('constant-vus'), duration: positiveDuration, iterations: vus, vus, ...times },
    { requiredKeys: ['executor', 'duration'] },
  ),
  fc.record(
    {
      executor: fc.constant('constant-arrival-rate'),
      duration: positiveDuration,
      rate,
      maxVus: vus,
      ...times,
    },
    { requiredKeys: ['executor', 'duration', 'rate'] },
  ),
);

const scenario = fc.record(
  {
    description: fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => text.length <= 500),
    journey: fc.oneof(
      nameOf(JOURNEYS),
      fc.record({ name: nameOf(JOURNEYS), thinkMs: fc.double({ min: 0, max: 3_600_000, noNaN: true }) }),
    ),
    catalog: fc.record(
      {
        stockPerSku: fc.nat({ max: 1_000_000_000 }),
        skus: vus,
        limitPerUser: fc.nat({ max: 1_000_000 }),
        popularity: fc.oneof(
          fc.constantFrom('uniform', 'zipf'),
          fc.record({ kind: fc.constant('zipf'), exponent: fc.double({ min: 0.01, max: 10, noNaN: true }) }),
        ),
      },
      { requiredKeys: ['stockPerSku'] },
    ),
    engine: fc.record(
      {
        nodes: fc.integer({ min: 1, max: 64 }),
        lock: fc.oneof(
          nameOf(REGISTRY.lock),
          fc.record({ name: fc.constant('token'), ttlMs: fc.integer({ min: 10, max: 3_600_000 }) }),
        ),
        stock: nameOf(REGISTRY.stock),
        cache: nameOf(REGISTRY.cache),
        queue: nameOf(REGISTRY.queue),
        lockWait: duration,
      },
      { requiredKeys: [] },
    ),
    load,
    thresholds: fc.subarray(['order.latency:p99<200ms', 'orders.failed:share<0.1%', 'lock.expired:count<=0']),
    seed: fc.maxSafeNat(),
  },
  { requiredKeys: ['journey', 'catalog', 'load'] },
);

describe('a scenario with every default written out', () => {
  it('reads back as the same scenario', () => {
    fc.assert(
      fc.property(scenario, (fields) => {
        const given = loadScenarios('given.yml', stringify({ scenarios: { shop: fields } })).scenarios[
          'shop'
        ]!;
        const shown = renderScenario(given);
        expect(loadScenarios('shown.yml', shown).scenarios['shop']).toEqual(given);
        expect(renderScenario(loadScenarios('shown.yml', shown).scenarios['shop']!)).toBe(shown);
      }),
    );
  });

  it('is written by the units a person would choose', () => {
    const text = withLine('duration: 10s', 'duration: 90000ms\n      warmup: 1.5s\n      gracefulStop: 60s');
    const shown = renderScenario(loadScenarios('shop.yml', text).scenarios['shop']!);
    expect(shown).toContain('duration: 90s');
    expect(shown).toContain('warmup: 1500ms');
    expect(shown).toContain('gracefulStop: 1m');
  });
});

describe('the list of scenarios', () => {
  const { scenarios } = loadScenarios(
    'shop.yml',
    withLine('journey: checkout', 'journey: checkout\n    description: A shop'),
  );

  it('has a line for each: name, load and description', () => {
    expect(renderScenarioList(scenarios)).toBe('shop  5 VUs for 10.0s  A shop');
    const other = { ...scenarios['shop']!, name: 'another', description: '' };
    expect(renderScenarioList({ ...scenarios, another: other }).split('\n')).toEqual([
      'shop     5 VUs for 10.0s  A shop',
      'another  5 VUs for 10.0s',
    ]);
  });

  it.each([
    [{ executor: 'constant-vus', vus: 1, iterations: 1_000 }, '1 VU for 1,000 iterations'],
    [
      { executor: 'constant-vus', vus: 2_000, iterations: 1, durationMs: 500 },
      '2,000 VUs for 500ms or 1 iteration',
    ],
    [{ executor: 'constant-arrival-rate', rate: 2_000, durationMs: 90_000, maxVus: 5 }, '2,000/s for 1m 30s'],
  ] as const)('says %j in words', (config, words) => {
    expect(describeLoad({ warmupMs: 0, gracefulStopMs: 0, ...config })).toBe(words);
  });

  it('is confirmed by validate', () => {
    expect(renderValidation('shop.yml', scenarios)).toBe('shop.yml: 1 valid scenario: shop');
  });
});
