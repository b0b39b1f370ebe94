import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TradeSimError } from '../../../src/kernel/errors.ts';
import { judgesWholeLoad, parseThreshold, withAbort } from '../../../src/scenarios/thresholds.ts';
import { anyText } from '../../support/any-text.ts';

/** What a refused text is told, line by line. */
const refusalOf = (text: string): string[] => {
  try {
    parseThreshold(text);
  } catch (error) {
    expect(error).toBeInstanceOf(TradeSimError);
    return (error as TradeSimError).message.split('\n');
  }
  throw new Error(`${text} was read`);
};

describe('a threshold', () => {
  it.each([
    ['lock.wait:max<=1.5s', 'lock.wait', 'max', '<=', 1_500_000],
    ['persist.lag:mean<800us', 'persist.lag', 'mean', '<', 800],
    ['persist.lag:count>=10', 'persist.lag', 'count', '>=', 10],
    ['generator.gc-pause:total<1s', 'generator.gc-pause', 'total', '<', 1_000_000],
    ['orders.accepted:rate>1000/s', 'orders.accepted', 'rate', '>', 1_000],
    ['orders.failed:count<=0', 'orders.failed', 'count', '<=', 0],
    ['queue.dead-lettered:count<1', 'queue.dead-lettered', 'count', '<', 1],
  ])('%s is read', (text, metric, aggregate, comparison, limit) => {
    const threshold = parseThreshold(text);
    expect(threshold).toEqual({ text, metric, tags: {}, aggregate, comparison, limit, of: [] });
    expect(judgesWholeLoad(threshold)).toBe(true);
  });

  it.each([
    ['p50', 50],
    ['p5', 5],
    ['p99.9', 99.9],
    ['p999', 99.9],
    ['p99.99', 99.99],
    ['p9999', 99.99],
  ])('of %s is of a percentile', (name, percentile) => {
    expect(parseThreshold(`order.latency:${name}<200ms`)).toMatchObject({
      aggregate: 'percentile',
      percentile,
      limit: 200_000,
    });
  });

  it('of a share knows its whole', () => {
    expect(parseThreshold('cache.hits:share>=90%')).toMatchObject({ limit: 0.9, of: ['cache.reads'] });
    expect(parseThreshold('iterations.dropped:share<0.1%')).toMatchObject({
      limit: 0.001,
      of: ['iterations.completed', 'iterations.dropped'],
    });
  });

  it('may choose among series by tags, in any order', () => {
    const threshold = parseThreshold('step.latency{step:pay, outcome:paid}:p99<1s');
    expect(threshold).toMatchObject({ metric: 'step.latency', tags: { outcome: 'paid', step: 'pay' } });
    expect(threshold.text).toBe('step.latency{outcome:paid,step:pay}:p99<1s');
  });

  it('may have a window, a begin, and end the load', () => {
    const threshold = parseThreshold('order.latency:p99<200ms over 1m from 5s abort after 20s');
    expect(threshold).toMatchObject({ windowMs: 60_000, fromMs: 5_000, abortAfterMs: 20_000 });
    expect(threshold.text).toBe('order.latency:p99<200ms over 60s from 5s abort after 20s');
    expect(judgesWholeLoad(threshold)).toBe(false);
    expect(parseThreshold('orders.failed:count<1 abort').abortAfterMs).toBe(0);
  });

  it('can be made to end the load', () => {
    const threshold = parseThreshold('order.latency:p99<200ms over 10s');
    expect(withAbort(threshold, 5_000)).toEqual(parseThreshold(`${threshold.text} abort after 5s`));
    const aborting = parseThreshold('orders.failed:count<1 abort after 3s');
    expect(withAbort(aborting, 9_000)).toBe(aborting);
  });

  it('may have blanks between its parts, and is kept without them', () => {
    const spaced = parseThreshold('  order.latency : p99 <  200ms   over   10s ');
    expect(spaced).toEqual(parseThreshold('order.latency:p99<200ms over 10s'));
  });

  it.each([
    ['order.latncy:p99<200ms', 1, 'there is no metric "order.latncy" (Did you mean "order.latency"?)'],
    ['toString:p99<200ms', 1, 'there is no metric "toString" (Known: '],
    ['order.latency p99<200ms', 15, 'a colon is missing'],
    ['order.latency:p98x<200ms', 15, 'order.latency has no aggregate "p98x" (It has min, mean, p50,'],
    ['order.latency:p0<200ms', 15, 'order.latency has no aggregate "p0"'],
    ['order.latency:p100<200ms', 15, 'order.latency has no aggregate "p100"'],
    ['order.latency:percentile<200ms', 15, 'order.latency has no aggregate "percentile"'],
    ['order.latency:share<1%', 15, 'order.latency has no aggregate "share"'],
    ['cache.loads:share<1%', 13, 'cache.loads has no aggregate "share" (It has count, rate.)'],
    ['order.latency:p99 200ms', 19, '"" is not a comparison'],
    ['order.latency:p99==200ms', 18, '"==" is not a comparison (Write <, <=, > or >=.)'],
    ['order.latency:p99<200', 19, '"200" is not a duration'],
    ['orders.failed:share<5', 21, '"5" is not a share (Write a percentage: 0.5%.)'],
    ['orders.failed:count<5.5', 21, '"5.5" is not a count'],
    ['order.latency{step:pay}:p99<1s', 14, 'order.latency has no tags'],
    ['step.latency{stp:pay}:p99<1s', 14, 'step.latency has no tag "stp" (Did you mean "step"?)'],
    ['step.latency{step}:p99<1s', 18, 'a colon is missing (Write {step:value}.)'],
    ['step.latency{step:}:p99<1s', 19, 'step has no value'],
    ['step.latency{step:pay,step:pay}:p99<1s', 23, 'step is there twice'],
    ['step.latency{step:pay:p99<1s', 22, 'a closing brace is missing'],
    ['order.latency:p99<1s ovr 10s', 22, '"ovr" is not understood (Did you mean "over"?)'],
    ['order.latency:p99<1s over 10', 27, '"10" is not a duration'],
    ['order.latency:p99<1s over 1.5s', 27, '"1.5s" is not a whole number of seconds from 1s to 600s'],
    ['order.latency:p99<1s over 0s', 27, '"0s" is not a whole number of seconds from 1s to 600s'],
    ['order.latency:p99<1s over 11m', 27, '"11m" is not a whole number of seconds from 1s to 600s'],
    ['order.latency:p99<1s over 5s over 6s', 30, '"over" is there twice'],
    ['order.latency:p99<1s abort after', 28, '"after" is not understood'],
    ['', 1, 'there is no metric ""'],
  ])('%j is refused at character %i', (text, character, what) => {
    const [first, shown, arrow] = refusalOf(text);
    expect(first).toContain(`at character ${character}: ${what}`);
    expect([shown, arrow]).toEqual([text, `${' '.repeat(character - 1)}^`]);
  });

  it('shows no character that steers the terminal', () => {
    expect(refusalOf('\u001B[2J')).toHaveLength(3);
    expect(refusalOf('\u001B[2J')[1]).toBe('�[2J');
  });

  it('of any text is read, or refused with a usage error', () => {
    const parts = fc.constantFrom(
      'order.latency',
      'orders.failed',
      'step.latency',
      '{step:pay}',
      '{',
      ':',
      'p99',
      'share',
      '<',
      '<=',
      '=',
      '5%',
      '1s',
      ' ',
      ' over ',
      ' from ',
      ' abort ',
      'after ',
    );
    const text = fc.oneof(
      anyText,
      fc.array(parts).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(text, (source) => {
        try {
          const threshold = parseThreshold(source);
          expect(parseThreshold(threshold.text)).toEqual(threshold);
        } catch (error) {
          expect(error).toBeInstanceOf(TradeSimError);
        }
      }),
    );
  });
});
