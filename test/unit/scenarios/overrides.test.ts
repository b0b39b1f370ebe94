import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REGISTRY } from '../../../src/engine/registry.ts';
import { TradeSimError } from '../../../src/kernel/errors.ts';
import { parseSetting, type Override } from '../../../src/scenarios/changes.ts';
import { resolveScenario } from '../../../src/scenarios/overrides.ts';
import { anyText } from '../../support/any-text.ts';
import { FILE, linesOf, withLine } from './file.ts';

const file = { path: 'shop.yml', text: FILE };
const openFile = {
  path: 'shop.yml',
  text: withLine(
    'executor: constant-vus\n      vus: 5',
    'executor: constant-arrival-rate\n      rate: 100/s',
  ),
};

const settings = (...texts: string[]): Override[] => texts.map(parseSetting);
const resolve = (...texts: string[]) => resolveScenario(file, 'shop', settings(...texts));
const problemsOf = (...texts: string[]) => linesOf(() => resolve(...texts));

const further = (value: string): Override => ({
  path: 'thresholds',
  value,
  from: '--threshold',
  isFurther: true,
});

describe('a further threshold', () => {
  const texts = (scenario: { thresholds: readonly { text: string }[] }) =>
    scenario.thresholds.map(({ text }) => text);

  it('is added to those of the file, whatever YAML would make of it', () => {
    const added = [further('step.latency{step: pay} : p99 < 1s'), further('orders.failed:count<1 abort')];
    expect(texts(resolveScenario(file, 'shop', added))).toEqual([
      'order.latency:p99<200ms',
      'step.latency{step:pay}:p99<1s',
      'orders.failed:count<1 abort',
    ]);
    const none = { ...file, text: FILE.replace(/ +thresholds:\n.*\n/, '') };
    expect(texts(resolveScenario(none, 'shop', added))).toHaveLength(2);
  });

  it('that is wrong is told by the flag that gave it', () => {
    const added = [further('orders.failed:count<1'), further('order.latncy:p99<1s'), further('x:y')];
    expect(linesOf(() => resolveScenario(file, 'shop', added))).toEqual([
      '--threshold order.latncy:p99<1s: at character 1: there is no metric "order.latncy" (Did you mean "order.latency"?)',
      '    order.latncy:p99<1s',
      '    ^',
      expect.stringContaining('--threshold x:y: at character 1: there is no metric "x" (Known: '),
      '    x:y',
      '    ^',
    ]);
  });

  it('leaves a list that is none to be found as such', () => {
    const wrong = { ...file, text: FILE.replace(/ +thresholds:\n.*\n/, '    thresholds: 5\n') };
    expect(linesOf(() => resolveScenario(wrong, 'shop', [further('orders.failed:count<1')]))).toEqual([
      expect.stringContaining('must be a list, not 5'),
    ]);
  });
});

describe('an override', () => {
  it('sets a field, whether or not the file has it', () => {
    const scenario = resolve('catalog.skus=7', 'engine.nodes=3', 'load.warmup=2s', 'description=a-b');
    expect(scenario.catalog.skus).toBe(7);
    expect(scenario.engine.nodes).toBe(3);
    expect(scenario.load.warmupMs).toBe(2_000);
    expect(scenario.description).toBe('a-b');
  });

  it('sets an option of a choice that is written as a mere name', () => {
    expect(resolve('engine.lock.ttlMs=500').engine.lock).toEqual({ name: 'token', options: { ttlMs: 500 } });
    expect(resolve('journey.maxLines=2').journey.options).toMatchObject({ maxLines: 2 });
  });

  it('sets whole blocks and lists in YAML', () => {
    const scenario = resolve('engine.lock={name: setnx, ttlMs: 50}', 'thresholds=["orders.failed:count<1"]');
    expect(scenario.engine.lock).toEqual({ name: 'setnx', options: { ttlMs: 50 } });
    expect(scenario.thresholds.map(({ text }) => text)).toEqual(['orders.failed:count<1']);
  });

  it('comes after those before it', () => {
    expect(resolve('seed=5', 'seed=6').seed).toBe(6);
    expect(resolve('engine.lock=setnx', 'engine.lock.ttlMs=9').engine.lock).toEqual({
      name: 'setnx',
      options: { ttlMs: 9 },
    });
  });

  it('leaves the other scenarios of the file unread', () => {
    const text = `${FILE}  other:\n    journey: nowhere\n`;
    expect(resolveScenario({ path: 'shop.yml', text }, 'shop', []).name).toBe('shop');
  });

  it('may contain the sign =', () => {
    expect(parseSetting('description=a=b')).toEqual({ path: 'description', value: 'a=b', from: '--set' });
    expect(() => parseSetting('load.rate')).toThrow('--set load.rate sets nothing');
  });
});

describe('an override of the load', () => {
  it('brings its executor with it', () => {
    const closed = resolveScenario(openFile, 'shop', [{ path: 'load.vus', value: '9', from: '--vus' }]);
    expect(closed.load).toEqual({
      executor: 'constant-vus',
      vus: 9,
      durationMs: 10_000,
      warmupMs: 0,
      gracefulStopMs: 5_000,
    });
    expect(resolve('load.rate=50/s').load).toMatchObject({ executor: 'constant-arrival-rate', rate: 50 });
  });

  it('keeps the executor where that knows the field', () => {
    expect(resolve('load.duration=1s').load).toMatchObject({ executor: 'constant-vus', vus: 5 });
  });

  it('leaves a load in stages what it is, and says that its length is not one field', () => {
    const stages = 'executor: ramping-vus\n      stages: [{ duration: 10s, vus: 5 }]';
    const staged = {
      path: 'shop.yml',
      text: withLine('executor: constant-vus\n      vus: 5\n      duration: 10s', stages),
    };
    const change = (path: string, value: string) => () =>
      resolveScenario(staged, 'shop', [{ path, value, from: '--set' }]);
    expect(change('load.warmup', '1s')().load).toMatchObject({ executor: 'ramping-vus', warmupMs: 1_000 });
    expect(linesOf(change('load.duration', '1s'))).toEqual([
      '--set load.duration=1s: is not a known field (Known: executor, startVus, stages, warmup, gracefulStop.)',
    ]);
    expect(linesOf(change('load.vus', '5'))[0]).toContain('does not say when it ends');
  });

  it('may name the executor, and the file need not be rewritten for it', () => {
    const scenario = resolve('load.executor=constant-arrival-rate', 'load.rate=5');
    expect(scenario.load).toMatchObject({ executor: 'constant-arrival-rate', rate: 5 });
  });

  it('is refused where no executor knows all of it', () => {
    expect(problemsOf('load.rate=5', 'load.vus=5')).toEqual([
      expect.stringContaining('--set load.rate=5: is not a known field'),
    ]);
  });

  it('does not mend a wrong executor of the file', () => {
    const text = withLine('constant-vus', 'constant');
    const problems = linesOf(() =>
      resolveScenario({ path: 'shop.yml', text }, 'shop', settings('load.vus=5')),
    );
    expect(problems).toEqual([expect.stringContaining('shop.yml:10:17 scenarios.shop.load.executor')]);
  });
});

describe('a wrong override reads like a wrong line', () => {
  it.each([
    [
      'load.duration=10 sec',
      ': "10 sec" is not a duration (Write a number and a unit: 500ms, 30s, 5m or 1h.)',
    ],
    ['load.vus=0', ': must be at least 1, not 0'],
    ['load.vus=', ': must be a number, not empty'],
    [
      'engine.lock=zookeeper',
      `: "zookeeper" is not known (Known: ${Object.keys(REGISTRY.lock).join(', ')}.)`,
    ],
    ['engine.lock={name: token, ttl: 5}', ' engine.lock.ttl: is not a known field (Did you mean "ttlMs"?)'],
    ['engine.lock.ttl=5', ': is not a known field (Did you mean "ttlMs"?)'],
    [
      'engine.cache.ttlMs=5',
      ` engine.cache.name: is missing (One of ${Object.keys(REGISTRY.cache).join(', ')}.)`,
    ],
    ['laod.vus=5', ' laod: is not a known field (Did you mean "load"?)'],
    ['seed.x=5', ': seed has no fields of its own'],
    ['thresholds.0=x', ': thresholds has no fields of its own'],
    ['description=[', ': this is not YAML: Flow sequence must end with a ]'],
    ['a..b=5', ': "a..b" is not a path (Join the names of fields by dots: load.rate.)'],
    ['=5', ': "" is not a path (Join the names of fields by dots: load.rate.)'],
    ['__proto__.polluted=1', ' __proto__: is not a known field'],
  ])('--set %s', (setting, problem) => {
    expect(problemsOf(setting)).toEqual([expect.stringContaining(`--set ${setting}${problem}`)]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('is named as it was given', () => {
    const given = (from: string) =>
      linesOf(() => resolveScenario(file, 'shop', [{ path: 'load.vus', value: '0', from }]));
    expect(given('--vus')).toEqual(['--vus 0: must be at least 1, not 0']);
    expect(given('TRADE_SIM_VUS')).toEqual(['TRADE_SIM_VUS=0: must be at least 1, not 0']);
  });

  it('is told together with every other problem, of the file too', () => {
    const text = withLine('seed: 3', 'seed: -3');
    const problems = linesOf(() =>
      resolveScenario({ path: 'shop.yml', text }, 'shop', settings('load.vus=0', 'catalog.skus=0')),
    );
    expect(problems).toEqual([
      '--set catalog.skus=0: must be at least 1, not 0',
      '--set load.vus=0: must be at least 1, not 0',
      'shop.yml:15:11 scenarios.shop.seed: must be at least 0, not -3',
    ]);
  });
});

describe('a scenario', () => {
  it('that is not in the file is refused with the nearest that is', () => {
    expect(() => resolveScenario(file, 'shp', [])).toThrow(
      expect.objectContaining({
        message: 'there is no scenario "shp" in shop.yml',
        hint: 'Did you mean "shop"?',
      }),
    );
  });

  it('of a file that is wrong as a whole is refused by what is wrong there', () => {
    expect(linesOf(() => resolveScenario({ path: 'shop.yml', text: 'scenario: {}\n' }, 'shop', []))).toEqual([
      'shop.yml:1:1 scenarios: is missing',
      'shop.yml:1:1 scenario: is not a known field (Did you mean "scenarios"?)',
    ]);
  });
});

describe('any override', () => {
  const segment = fc.oneof(
    fc.constantFrom('load', 'engine', 'lock', 'name', 'ttlMs', 'catalog', 'popularity', 'kind', 'seed'),
    fc.constantFrom('executor', 'vus', 'rate', 'thresholds', '0', '', '__proto__', 'constructor', 'toString'),
    fc.string(),
  );
  const value = fc.oneof(
    anyText,
    fc.constantFrom(
      'constant-vus',
      'constant-arrival-rate',
      'zipf',
      '1e999',
      '.nan',
      '{',
      '*a',
      '&a [*a]',
      '!!x 1',
    ),
    fc.constantFrom('- a', '? b', '{a: 1, a: 2}', 'token', '{name: token}', '0', '-1', '10s', '5/s', '"\\0"'),
    fc.json(),
  );
  const override: fc.Arbitrary<Override> = fc.record({
    path: fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('.')),
    value,
    from: fc.constantFrom('--set', '--vus', 'TRADE_SIM_SEED'),
    isFurther: fc.boolean(),
  });

  it('gives a scenario or a usage error, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(override, { maxLength: 5 }), (overrides) => {
        try {
          expect(resolveScenario(file, 'shop', overrides).name).toBe('shop');
        } catch (error) {
          expect(error).toBeInstanceOf(TradeSimError);
          expect((error as Error).message).not.toBe('');
        }
      }),
      { numRuns: 500 },
    );
  });
});
