import { describe, expect, it } from 'vitest';
import { type Grounds, judge, shortageIn } from '../../../src/report/verdict.ts';
import { generatorSchema } from '../../../src/scenarios/generator.ts';
import { held, resultFixture } from '../../support/result-fixture.ts';

const audited = (invariant: string, verdict: 'held' | 'violated' | 'unknown') => ({
  ...held(invariant, `detail of ${invariant}`),
  verdict,
});
const violated = audited('no-oversell', 'violated');
const unknown = audited('no-lost-orders', 'unknown');
const threshold = (verdict: 'passed' | 'failed' | 'unknown') => ({
  text: 'order.latency:p99<200ms',
  verdict,
  actual: verdict === 'unknown' ? null : 1,
});

const generator = (overLimits: 'inconclusive' | 'note', reasons: string[]): Grounds['generator'] => ({
  ...resultFixture().generator,
  limits: { ...generatorSchema.parse({}), overLimits },
  saturated: reasons.length > 0,
  reasons,
});
const overloaded = generator('inconclusive', ['40 % of the arrivals were dropped']);

const grounds = (changes: Partial<Grounds> = {}): Grounds => ({
  audit: [held('no-oversell', 'none'), held('no-lost-orders', 'none')],
  thresholds: [threshold('passed')],
  interrupted: false,
  generator: generator('inconclusive', []),
  ordersAttempted: 100,
  lostServices: [],
  shortage: undefined,
  ...changes,
});

const TABLE: readonly [title: string, Partial<Grounds>, verdict: string, exitCode: number][] = [
  ['all is well', {}, 'passed', 0],
  ['no threshold was asked for', { thresholds: [] }, 'passed', 0],
  ['an invariant is violated', { audit: [violated] }, 'violated', 4],
  ['an invariant is unknown', { audit: [held('no-oversell', ''), unknown] }, 'inconclusive', 7],
  ['a threshold failed', { thresholds: [threshold('passed'), threshold('failed')] }, 'threshold-failed', 5],
  ['a threshold is unknown', { thresholds: [threshold('unknown')] }, 'inconclusive', 7],
  ['interrupted', { interrupted: true }, 'interrupted', 130],
  ['there was no memory for more', { shortage: 'the audit takes too much' }, 'inconclusive', 7],
  ['no order was attempted', { ordersAttempted: 0 }, 'inconclusive', 7],
  ['nothing was audited', { audit: [] }, 'inconclusive', 7],
  [
    'a service was lost and something is unknown',
    { lostServices: ['redis'], audit: [unknown] },
    'service-lost',
    3,
  ],
  ['a service was lost and came back', { lostServices: ['redis'] }, 'passed', 0],
  [
    'violated, whatever else',
    {
      audit: [violated, unknown],
      interrupted: true,
      lostServices: ['redis'],
      thresholds: [threshold('failed')],
    },
    'violated',
    4,
  ],
  ['violated with no attempt counted', { audit: [violated], ordersAttempted: 0 }, 'violated', 4],
  [
    'interrupted before a loss',
    { audit: [unknown], interrupted: true, lostServices: ['redis'] },
    'interrupted',
    130,
  ],
  [
    'interrupted before a failed threshold',
    { interrupted: true, thresholds: [threshold('failed')] },
    'interrupted',
    130,
  ],
  [
    'a loss before a failed threshold',
    { audit: [unknown], lostServices: ['postgres'], thresholds: [threshold('failed')] },
    'service-lost',
    3,
  ],
  [
    'a failed threshold of nothing is no finding',
    { ordersAttempted: 0, thresholds: [threshold('failed')] },
    'inconclusive',
    7,
  ],
  ['the generator was over its limits', { generator: overloaded }, 'inconclusive', 7],
  [
    'the generator was over its limits, and only notes were asked for',
    { generator: generator('note', ['40 % of the arrivals were dropped']) },
    'passed',
    0,
  ],
  [
    'the generator was over its limits, and no verdict on speed was asked for',
    { generator: overloaded, thresholds: [] },
    'inconclusive',
    0,
  ],
  [
    'the generator was over its limits, and an invariant is unknown',
    { generator: overloaded, thresholds: [], audit: [unknown] },
    'inconclusive',
    7,
  ],
  [
    'a violation before a generator over its limits',
    { generator: overloaded, audit: [violated] },
    'violated',
    4,
  ],
  [
    'a generator over its limits before a failed threshold: it may have failed it',
    { generator: overloaded, thresholds: [threshold('failed')] },
    'inconclusive',
    7,
  ],
  [
    'a failed threshold before a doubt',
    { audit: [unknown], thresholds: [threshold('failed')] },
    'threshold-failed',
    5,
  ],
];

describe('judge', () => {
  it.each(TABLE)('%s', (_, changes, verdict, exitCode) => {
    expect(judge(grounds(changes))).toMatchObject({ verdict, exitCode });
  });

  it('gives every reason, the weightiest first', () => {
    const { reasons } = judge(
      grounds({ audit: [unknown, violated], thresholds: [threshold('failed'), threshold('unknown')] }),
    );
    expect(reasons).toEqual([
      'no-oversell: detail of no-oversell',
      'threshold order.latency:p99<200ms failed',
      'no-lost-orders could not be judged: detail of no-lost-orders',
      'threshold order.latency:p99<200ms could not be judged: there is no such value in this run',
    ]);
  });

  it('names the memory there was none for, to be found again in a saved result', () => {
    const { reasons } = judge(grounds({ shortage: '12 MB are free' }));
    expect(reasons[0]).toBe('the load was ended early: 12 MB are free');
    expect(shortageIn(reasons)).toBe('12 MB are free');
    expect(shortageIn(judge(grounds()).reasons)).toBeUndefined();
  });

  it('says which limit the generator was over, and what holds all the same', () => {
    expect(judge(grounds({ generator: overloaded, thresholds: [] })).reasons).toEqual([
      'load generator: 40 % of the arrivals were dropped',
      '2 of 2 invariants held',
    ]);
  });

  it('says which threshold ended the load, and when', () => {
    const ending = { ...threshold('failed'), abortedAtMs: 6_000 };
    expect(judge(grounds({ thresholds: [ending] })).reasons).toEqual([
      'threshold order.latency:p99<200ms failed and ended the load after 6.00s',
    ]);
  });

  it('says what a pass rests on', () => {
    expect(judge(grounds({ lostServices: ['redis'] })).reasons).toEqual([
      '2 of 2 invariants held, 1 of 1 thresholds passed',
      'Redis was lost in mid-run, yet everything could be audited',
    ]);
    expect(judge(grounds({ thresholds: [] })).reasons).toEqual(['2 of 2 invariants held']);
  });
});
