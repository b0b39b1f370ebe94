import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TradeSimError } from '../../../src/kernel/errors.ts';
import { parseThreshold } from '../../../src/scenarios/thresholds.ts';

describe('a threshold', () => {
  it.each([
    ['order.latency:p99<200ms', 'order.latency', 'p99', '<', 200_000],
    ['lock.wait:max<=1.5s', 'lock.wait', 'max', '<=', 1_500_000],
    ['persist.lag:mean<800us', 'persist.lag', 'mean', '<', 800],
    ['orders.accepted:rate>1000/s', 'orders.accepted', 'rate', '>', 1_000],
    ['orders.failed:count<=0', 'orders.failed', 'count', '<=', 0],
    ['queue.dead-lettered:count<1', 'queue.dead-lettered', 'count', '<', 1],
  ])('%s is read', (text, metric, aggregate, comparison, limit) => {
    expect(parseThreshold(text)).toEqual({ text, metric, aggregate, comparison, limit, of: [] });
  });

  it('of a share knows its whole', () => {
    expect(parseThreshold('cache.hits:share>=90%')).toMatchObject({ limit: 0.9, of: ['cache.reads'] });
    expect(parseThreshold('iterations.dropped:share<0.1%')).toMatchObject({
      limit: 0.001,
      of: ['iterations.completed', 'iterations.dropped'],
    });
  });

  it('may have blanks between its parts, and is kept without them', () => {
    const spaced = parseThreshold('  order.latency : p99 <  200ms ');
    expect(spaced).toEqual(parseThreshold('order.latency:p99<200ms'));
  });

  it.each([
    ['order.latncy:p99<200ms', 1, 'there is no metric "order.latncy"', 'Did you mean "order.latency"?'],
    ['order.latency p99<200ms', 15, 'a colon is missing', undefined],
    ['order.latency:p98<200ms', 15, 'no aggregate "p98"', undefined],
    ['order.latency:share<1%', 15, 'no aggregate "share"', undefined],
    ['cache.loads:share<1%', 13, 'no aggregate "share"', 'It has count, rate.'],
    ['order.latency:p99 200ms', 19, 'is not a comparison', undefined],
    ['order.latency:p99==200ms', 18, '"==" is not a comparison', undefined],
    ['order.latency:p99<200', 19, '"200" is not a duration', undefined],
    ['orders.failed:share<5', 21, '"5" is not a share', undefined],
    ['orders.failed:count<5.5', 21, '"5.5" is not a count', undefined],
    ['', 1, 'there is no metric ""', undefined],
  ])('%j is refused at character %i', (text, character, what, hint) => {
    expect(() => parseThreshold(text)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(new RegExp(`at character ${character}: .*${what}`)),
        ...(hint !== undefined && { hint }),
      }),
    );
  });

  it('of any text is read, or refused with a usage error', () => {
    const parts = fc.constantFrom(
      'order.latency',
      'orders.failed',
      ':',
      'p99',
      'share',
      '<',
      '<=',
      '=',
      '5%',
      '1s',
      ' ',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
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
