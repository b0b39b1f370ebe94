import { describe, expect, it } from 'vitest';
import { renderJson } from '../../../src/report/json.ts';
import { loadResult } from '../../../src/report/load-result.ts';
import { resultFixture } from '../../support/result-fixture.ts';

const refused = (message: string) =>
  expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) });

describe('a saved result', () => {
  it('is read back as it was', () => {
    expect(loadResult('r.json', renderJson(resultFixture()))).toEqual(resultFixture());
  });

  it('is refused with what is wrong with it', () => {
    const { latency, ...rest } = resultFixture();
    const load = (value: unknown) => () => loadResult('r.json', JSON.stringify(value));
    expect(() => loadResult('r.json', '{')).toThrow(refused('r.json is not JSON'));
    expect(load([])).toThrow(refused('r.json is not a result of this version of trade-sim: the document'));
    expect(load({ ...resultFixture(), schema: 'trade-sim.result/9' })).toThrow(refused('schema: '));
    expect(load(rest)).toThrow(refused('latency: '));
    const orders = latency['order.latency'];
    const withOrders = (changes: object) => ({
      ...rest,
      latency: { ...latency, 'order.latency': { ...orders, ...changes } },
    });
    expect(load(withOrders({ hdr: 'HISTFAAAAC94nJNp' }))).toThrow(
      refused('the histogram of order.latency cannot be read'),
    );
    expect(load(withOrders({ count: 3 }))).toThrow(
      refused('the histogram of order.latency has 312650 values, its count says 3'),
    );
  });
});
