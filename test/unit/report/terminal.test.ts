import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/report/model.ts';
import { renderTerminal } from '../../../src/report/terminal.ts';
import { displayWidth } from '../../../src/report/text.ts';
import { resultFixture } from '../../support/result-fixture.ts';

const render = (changes: Partial<Result> = {}, columns = 80, color = false): string =>
  renderTerminal(resultFixture(changes), { columns, color });

const widest = (text: string): number => Math.max(...text.split('\n').map(displayWidth));

const withAudit = (index: number, changes: Partial<Result['audit'][number]>): Result['audit'] =>
  resultFixture().audit.map((entry, at) => (at === index ? { ...entry, ...changes } : entry));

/** Everything long, large or foreign at once. */
const extreme = (): Partial<Result> => {
  const base = resultFixture();
  const word = 'x'.repeat(300);
  const many = Array.from({ length: 40 }, (_, index) => `finding ${index} ${'and so on '.repeat(30)}`);
  const large = 8_999_999_999;
  const units = { initial: large, available: large, reserved: large, sold: large, oversold: large };
  return {
    reasons: many,
    notes: [word, ...many],
    run: {
      ...base.run,
      scenario: `闪购 ${word}`,
      strategies: { ...base.run.strategies, lock: word },
      services: { ...base.run.services, redis: { origin: 'docker', version: word } },
    },
    environment: { ...base.environment, cpu: word },
    orders: { ...base.orders, attempted: 999_999_999, soldOut: 999_999_999, unknown: 5, failed: 999_999 },
    failures: Array.from({ length: 10 }, () => ({ outcome: 'failed' as const, reason: word, count: 7 })),
    latency: {
      ...base.latency,
      [word]: { ...base.latency['order.latency'], count: 999_999_999, max: 6e10 },
    },
    stock: Array.from({ length: 50 }, (_, sku) => ({ sku, ...units })),
    stockTotal: { skus: 10_000_000, ...units },
    audit: base.audit.map((entry) => ({
      ...entry,
      verdict: 'violated',
      detail: word,
      offenders: many.slice(0, 10),
    })),
    thresholds: [{ text: word, verdict: 'failed', actual: 123_456_789.123 }],
    generator: { eventLoopUtilization: 1, loopDelayP99Ms: 1e6, gcPauseMs: 1e6, saturated: true },
  };
};

describe('the layout', () => {
  it('reads like this at 80 columns', async () => {
    await expect(render()).toMatchFileSnapshot('terminal-80.txt');
  });

  it.each([80, 100, 120, 200])(
    'has no line that is longer than %i columns, nor than is easily read',
    (columns) => {
      for (const changes of [{}, extreme()])
        for (const color of [false, true])
          expect(widest(render(changes, columns, color))).toBeLessThanOrEqual(Math.min(columns, 100));
    },
  );

  it('is bounded, however much there is to say', () => {
    expect(render(extreme()).split('\n').length).toBeLessThan(250);
    expect(render(extreme())).toContain('… and 34 more: see --json');
  });

  it('says the same with colours as without', () => {
    expect(render({}, 80, false)).not.toContain('\u001B');
    expect(render({}, 80, true)).toContain('\u001B[1m');
    expect(stripVTControlCharacters(render({}, 80, true))).toBe(render({}, 80, false));
  });
});

describe('the first line', () => {
  it.each([
    ['passed', 0, '✔ PASSED'],
    ['violated', 4, '✘ VIOLATED'],
    ['threshold-failed', 5, '✘ THRESHOLD FAILED'],
    ['inconclusive', 7, '? INCONCLUSIVE'],
    ['service-lost', 3, '✘ SERVICE LOST'],
    ['interrupted', 130, '‖ INTERRUPTED'],
  ] as const)('is the verdict: %s', (verdict, exitCode, words) => {
    const [first] = render({ verdict, exitCode }).split('\n');
    expect(first).toBe(`${words}  flash-sale  (exit ${exitCode})`);
  });

  it('is followed by the reasons', () => {
    const [, ...lines] = render({ reasons: ['first of all', 'then again'] }).split('\n');
    expect(lines.slice(0, 2)).toEqual(['  first of all', '  then again']);
  });
});

describe('what came from outside', () => {
  it('cannot rewrite the screen', () => {
    const { run, environment } = resultFixture();
    const evil = 'evil\u001B[2J\u001B]0;x\u0007\r\nname\u202E';
    const text = render({
      reasons: [evil],
      notes: [evil],
      run: { ...run, id: evil, scenario: evil, command: evil, strategies: { ...run.strategies, lock: evil } },
      environment: { ...environment, cpu: evil },
      failures: [{ outcome: 'unknown', reason: evil, count: 1 }],
      audit: withAudit(0, { verdict: 'violated', detail: evil, offenders: [evil] }),
      thresholds: [{ text: evil, verdict: 'unknown', actual: null }],
    });
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text.split('\n')[0]).toBe('✔ PASSED  evil name  (exit 0)');
  });

  it('shows no password', () => {
    const text = render({ notes: ['given: redis://u:hunter2@127.0.0.1:6379'] });
    expect(text).toContain('redis://u:***@127.0.0.1:6379');
  });
});

describe('the sections', () => {
  it('show an unknown audit as unknown, and never as a clean oversell check', () => {
    const text = render({
      audit: withAudit(0, { verdict: 'unknown', detail: 'the ledger could not be read' }),
    });
    expect(text).toMatch(/no-oversell +\? unknown +the ledger could not be read/);
    expect(text).toContain('Audit  6 of 7 held');
    expect(text).toContain('Stock  ? whether anything was oversold could not be judged');
    expect(text).not.toContain('nothing oversold');
  });

  it('show a violation with its first offenders, and the SKUs in their order', () => {
    const account = resultFixture().stock[0]!;
    const text = render({
      audit: withAudit(0, {
        verdict: 'violated',
        detail: '12 too many',
        offenders: ['order 1', 'order 2', 'order 3', 'order 4'],
      }),
      stock: [{ ...account, sku: 17, oversold: 12 }, account],
      stockTotal: { ...resultFixture().stockTotal, skus: 2, oversold: 12 },
    });
    expect(text).toMatch(
      /no-oversell +✘ VIOLATED +12 too many\n +- order 1\n +- order 2\n +- order 3\n +… and 1 more/,
    );
    expect(text).toContain('Stock  ✘ oversold by 12: ');
    expect(text.indexOf('sku-17')).toBeLessThan(text.indexOf('sku-0'));
    expect(text).toContain('all 2 SKUs');
  });

  it('say that nothing was audited', () => {
    expect(render({ audit: [] })).toContain('? nothing was audited');
  });

  it('show thresholds in the unit of their limit', () => {
    const text = render({
      thresholds: [
        { text: 'order.latency:p99<200ms', verdict: 'failed', actual: 311_800 },
        { text: 'orders.accepted:rate>500/s', verdict: 'passed', actual: 10_417.5 },
        { text: 'cache.hits:share>90%', verdict: 'passed', actual: 0.951_23 },
        { text: 'orders.failed:count<=3', verdict: 'failed', actual: 1_200 },
        { text: 'lock.wait:p50<1ms', verdict: 'unknown', actual: null },
      ],
    });
    expect(text).toMatch(/order\.latency:p99<200ms +✘ FAILED +312ms/);
    expect(text).toMatch(/orders\.accepted:rate>500\/s +✔ passed +10,418\/s/);
    expect(text).toMatch(/cache\.hits:share>90% +✔ passed +95\.1 %/);
    expect(text).toMatch(/orders\.failed:count<=3 +✘ FAILED +1,200/);
    expect(text).toMatch(/lock\.wait:p50<1ms +\? unknown +–/);
    expect(render({ thresholds: [] })).not.toContain('Thresholds');
  });

  it('say how many acknowledged changes a cache has lost, if any', () => {
    const { lostWrites, ...cache } = resultFixture().cache;
    expect(render({ cache: { ...cache, lostWrites: 1_200 } })).toContain('1,200 acknowledged changes lost');
    for (const quiet of [cache, { ...cache, lostWrites }])
      expect(render({ cache: quiet })).not.toContain('changes lost');
  });

  it('put the serial bound beside the lock, and say when there is no lock', () => {
    expect(render()).toContain('83.0 % of the serial bound, 989/s (a cycle alone takes 1.01ms)');
    const { run } = resultFixture();
    const unlocked = render({ run: { ...run, strategies: { ...run.strategies, lock: 'none' } } });
    expect(unlocked).toMatch(/lock +none: the critical section is open to all/);
    expect(unlocked).not.toContain('serial bound');
  });

  it('say when the generator was the limit', () => {
    const { generator } = resultFixture();
    expect(render()).toMatch(/Load generator +✔ healthy/);
    const overloaded = { ...generator, saturated: true, reasons: ['95 % of the arrivals were dropped'] };
    expect(render({ generator: overloaded })).toMatch(/Load generator +\? over its limits\n +- 95 % of the/);
  });

  it('set what the load did beside what the generator could do, and the arrivals beside what was due', () => {
    const { generator } = resultFixture();
    expect(render()).toContain('ceiling     512,400/s empty iterations · 10,418/s done, 2.0 % of it');
    expect(render()).not.toContain('arrivals ');
    const arrivals = {
      duePerSecond: 400,
      begunPerSecond: 399,
      begunRatio: 0.9975,
      droppedRatio: 0.0025,
      latenessP99Ms: 1.2,
    };
    expect(render({ generator: { ...generator, arrivals, stealRatio: null } })).toMatch(
      /arrivals +400\/s due · 99\.8 % begun in time · 0\.3 % dropped · p99 1\.20ms late/,
    );
    expect(render({ generator: { ...generator, stealRatio: null } })).toContain('steal unknown');
  });

  it('leave out what a result of an earlier version does not say of the generator', () => {
    const { eventLoopUtilization, loopDelayP99Ms, gcPauseMs } = resultFixture().generator;
    const text = render({ generator: { eventLoopUtilization, loopDelayP99Ms, gcPauseMs, saturated: true } });
    expect(text).toContain('the figures may show its limit');
    expect(text).not.toMatch(/ceiling|steal|NaN|undefined/);
  });

  it('give why orders failed', () => {
    expect(render({ failures: [{ outcome: 'failed', reason: 'redis: gone', count: 1_200 }] })).toContain(
      '  - failed: redis: gone (1,200)\n',
    );
  });

  it('end with a command that can be pasted into a shell', () => {
    const { run } = resultFixture();
    const command = `trade-sim run flash-sale${' --set engine.lock.ttlMs=500'.repeat(6)}`;
    const [, repeated] = render({ run: { ...run, command } }).split('Run it again\n');
    expect(repeated!.replaceAll(/ \\\n +/g, ' ').trim()).toBe(command);
    expect(widest(repeated!)).toBeLessThanOrEqual(80);
  });
});
