import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../src/kernel/random.ts';
import { loadBaseline, type Baseline } from '../../../../src/report/gate/baseline.ts';
import { renderBaseline } from '../../../../src/report/gate/baseline-terminal.ts';
import {
  differences,
  requireSameLoad,
  speedRange,
  speedRatios,
  unlikeness,
} from '../../../../src/report/gate/fingerprint.ts';
import { HISTORY_HEADER, historyLine } from '../../../../src/report/gate/history.ts';
import { resultFixture } from '../../../support/result-fixture.ts';
import { asRound, roundOf } from './rounds.ts';

const random = new SeededRandom(1);
const { environment, run } = resultFixture();
const calibration = { cpu: 1_000, redis: 50_000, postgres: 2_000 };
const baseline: Baseline = {
  schema: 'trade-sim.baseline/1',
  scenario: 'sale',
  recordedAt: '2026-11-24T10:00:00.000Z',
  command: 'trade-sim baseline record sale -o sale.json',
  configuration: {
    name: 'sale',
    journey: 'a',
    catalog: { skus: 1 },
    load: { vus: 2 },
    engine: { lock: 'none' },
  },
  environment: { ...environment },
  services: { ...run.services },
  calibration,
  rounds: [1, 2, 3].map((pair) => asRound('candidate', pair, roundOf(random, 0.01))),
  orderLatency: '',
};
const same = speedRatios(calibration, calibration);

test('a baseline reads back as what was written', () => {
  expect(loadBaseline('sale.json', JSON.stringify(baseline))).toEqual(baseline);
});

test.each([
  ['{', 'is not JSON'],
  ['{}', 'not a baseline'],
  [JSON.stringify({ ...baseline, rounds: [] }), 'rounds'],
  [JSON.stringify({ ...baseline, schema: 'trade-sim.baseline/2' }), 'schema'],
])('refuses %s', (text, expected) => expect(() => loadBaseline('sale.json', text)).toThrow(expected));

describe('another machine', () => {
  test('has its speed from the geometric mean of its parts, embedded ones left out', () => {
    const speed = speedRatios(calibration, { cpu: 2_000, redis: 50_000, postgres: 1_000 });
    expect(speed).toMatchObject({ cpu: 2, redis: 1, postgres: 0.5 });
    expect(speed.mean).toBeCloseTo(1);
    expect(speedRange(speed)).toEqual({ mean: expect.closeTo(0), low: Math.log(0.5), high: Math.log(2) });
    const embedded = { cpu: 500, redis: null, postgres: null };
    expect(speedRatios(embedded, { ...embedded, cpu: 600 }).mean).toBeCloseTo(1.2);
  });

  test('that is alike can be judged by', () => {
    expect(unlikeness({ environment, services: run.services }, baseline, same)).toEqual([]);
    expect(differences({ environment, services: run.services }, baseline, { lock: 'none' })).toEqual([]);
  });

  test.each([
    ['cores', { environment: { ...environment, cores: 8 } }, same],
    ['Node.js', { environment: { ...environment, node: '99.1.0' } }, same],
    ['Redis', { services: { ...run.services, redis: { origin: 'local', version: '8.0.1' } } }, same],
    [
      'PostgreSQL',
      { services: { ...run.services, postgres: { origin: 'embedded', version: 'model' } } },
      same,
    ],
    ['times as fast', {}, { ...same, cpu: 3, redis: 3, postgres: 3, mean: 3 }],
    ['parts differ', {}, { ...same, cpu: 1.3, redis: 0.8, mean: 1.01 }],
  ] as const)('says nothing here where it differs by: %s', (reason, changes, speed) => {
    const here = { environment, services: run.services, ...changes };
    expect(unlikeness(here, baseline, speed)).toEqual([expect.stringContaining(reason)]);
  });

  test('with another processor, a minor version or another engine is told', () => {
    const here = {
      environment: { ...environment, cpu: 'Another' },
      services: { ...run.services, redis: { origin: 'local' as const, version: '7.9.9' } },
    };
    expect(unlikeness(here, baseline, same)).toEqual([]);
    expect(differences(here, baseline, { lock: 'token' })).toEqual([
      expect.stringContaining('Another processor'),
      expect.stringContaining('Redis 7.9.9'),
      expect.stringContaining('The engine is configured otherwise'),
    ]);
  });
});

test('another load is a mistake', () => {
  const now = { ...baseline.configuration, name: 'sale' };
  expect(() => requireSameLoad('f', baseline, now)).not.toThrow();
  expect(() => requireSameLoad('f', baseline, { ...now, load: { vus: 3 } })).toThrow('another load');
  expect(() => requireSameLoad('f', baseline, { ...now, name: 'other' })).toThrow('of sale');
});

test('is shown beside its predecessor', () => {
  const text = renderBaseline('sale.json', baseline, baseline, { columns: 80, color: false });
  expect(text).toContain('sale, 3 rounds, recorded 2026-11-24T10:00:00.000Z');
  expect(text).toMatch(/order latency p50 .* 0\.0 %/);
});

test('the history is CSV with a column for each thing', () => {
  const line = historyLine(
    { ...baseline, startedAt: baseline.recordedAt, verdict: 'recorded', scenario: 'a "b", c' },
    'abc',
  );
  const columns = HISTORY_HEADER.trim().split(',');
  const cells = line
    .trim()
    .match(/("([^"]|"")*"|[^,]*)(,|$)/g)!
    .map((cell) => cell.replace(/,$/, ''));
  expect(cells.slice(0, columns.length)).toHaveLength(columns.length);
  expect(cells[0]).toBe('2026-11-24T10:00:00.000Z');
  expect(cells[1]).toBe('"a ""b"", c"');
  expect(Number(cells[columns.indexOf('orders_per_second')])).toBeGreaterThan(900);
});
