import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { REGISTRY } from '../../../src/engine/registry.ts';
import { renderScenario } from '../../../src/scenarios/effective.ts';
import { JOURNEYS } from '../../../src/scenarios/journeys/index.ts';
import { renderScenarioList, renderValidation } from '../../../src/scenarios/listing.ts';
import { loadScenarios } from '../../../src/scenarios/load-file.ts';
import { withLine } from './file.ts';

const nameOf = (known: Readonly<Record<string, unknown>>) => fc.constantFrom(...Object.keys(known));

/** Stocks that take any lock and any catalogue. */
const STOCKS = Object.fromEntries(
  Object.entries(REGISTRY.stock).filter(
    ([, { guarantees }]) => guarantees.oversellSafe !== 'with-fence' && guarantees.maxUnits === undefined,
  ),
);

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
const level = fc.nat({ max: 1_000_000 });
const rateOrNone = fc.oneof(rate, fc.constant('0/s'));
const open = { arrivals: fc.constantFrom('uniform', 'poisson'), maxVus: vus, ...times };
const stageDuration = fc.constantFrom('0s', '90ms', '1.5m', '5h');
const stagesOf = <T>(target: fc.Arbitrary<object>, last: T) =>
  fc
    .array(
      fc.record({ duration: stageDuration }).chain((stage) => target.map((to) => ({ ...stage, ...to }))),
      { maxLength: 4 },
    )
    .map((stages) => [...stages, last]);

type FieldsOf = Readonly<Record<string, fc.Arbitrary<unknown>>>;
const loadOf = (executor: string, needed: FieldsOf, others: FieldsOf) => {
  const fields: FieldsOf = { executor: fc.constant(executor), ...needed, ...others };
  return fc.record(fields, { requiredKeys: ['executor', ...Object.keys(needed)] });
};
const load = fc.oneof(
  loadOf('constant-vus', { duration: positiveDuration }, { iterations: vus, vus, ...times }),
  loadOf(
    'ramping-vus',
    { stages: stagesOf(fc.record({ vus: level }), { duration: '1s', vus: 1 }) },
    { startVus: level, ...times },
  ),
  loadOf('per-vu-iterations', {}, { duration: positiveDuration, iterations: vus, vus, ...times }),
  loadOf('shared-iterations', { iterations: vus }, { duration: positiveDuration, vus, ...times }),
  loadOf('constant-arrival-rate', { duration: positiveDuration, rate }, open),
  loadOf(
    'ramping-arrival-rate',
    { stages: stagesOf(fc.record({ rate: rateOrNone }), { duration: '1s', rate: '1/s' }) },
    { startRate: rateOrNone, ...open },
  ),
  loadOf(
    'burst',
    { duration: fc.constant('24h'), peakRate: rate, halfLife: positiveDuration },
    { rateBefore: rateOrNone, opensAfter: fc.constantFrom('0s', '5s', '90ms'), ...open },
  ),
);

const rows = fc.array(fc.record({ id: fc.nat(), name: fc.string(), isNew: fc.boolean() }), {
  minLength: 1,
  maxLength: 3,
});
const path = fc.constantFrom('/data/a.csv', '/data/b c.jsonl');
const feeder = fc
  .oneof(fc.record({ csv: path }), fc.record({ jsonl: path }), fc.record({ rows }))
  .chain((source) =>
    fc
      .oneof(
        fc.constant({ ...source, order: 'random' }),
        fc.record(
          {
            order: fc.constantFrom('sequential', 'unique'),
            whenExhausted: fc.constantFrom('stop', 'recycle'),
          },
          { requiredKeys: [] },
        ),
      )
      .map((way) => ({ ...source, ...way })),
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
        stock: nameOf(STOCKS),
        cache: nameOf(REGISTRY.cache),
        queue: nameOf(REGISTRY.queue),
        lockWait: duration,
      },
      { requiredKeys: [] },
    ),
    load,
    feeders: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/), feeder, { maxKeys: 2 }),
    steps: fc.record(
      { byNode: fc.constant(false), maxSeries: fc.integer({ min: 22, max: 1_024 }) },
      { requiredKeys: [] },
    ),
    thresholds: fc.subarray(['order.latency:p99<200ms', 'orders.failed:share<0.1%', 'lock.expired:count<=0']),
    seed: fc.maxSafeNat(),
  },
  { requiredKeys: ['journey', 'catalog', 'load'] },
);

describe('a scenario with every default written out', () => {
  it('reads back as the same scenario', { timeout: 30_000 }, () => {
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

  it('is confirmed by validate', () => {
    expect(renderValidation('shop.yml', scenarios)).toBe('shop.yml: 1 valid scenario: shop');
  });
});
