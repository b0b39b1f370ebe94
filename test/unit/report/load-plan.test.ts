import { describe, expect, it } from 'vitest';
import { renderLoadPlan } from '../../../src/report/load-plan.ts';
import { loadScenarios } from '../../../src/scenarios/load-file.ts';

const shopWith = (load: string, extra = '') =>
  loadScenarios(
    'shop.yml',
    `scenarios:
  shop:
    description: A shop
    journey: checkout
    catalog: { skus: 10, stockPerSku: 100, limitPerUser: 2 }
    engine: { nodes: 3 }
    load: ${load}
${extra}`,
  ).scenarios['shop']!;

const BURST =
  '{ executor: burst, rateBefore: 100/s, opensAfter: 2s, peakRate: 1000/s, halfLife: 1s, duration: 10s, warmup: 1s, maxVus: 500 }';

describe('the plan of a load', () => {
  it('says all that a run would do, and draws it, in 80 columns', () => {
    expect(renderLoadPlan(shopWith(BURST), 80)).toBe(`shop: A shop

Load      burst: 1,000/s after 2.00s, halving every 1.00s, for 10.0s
Arrivals  1,638, uniform; beyond 500 under way at once they are dropped
Warm-up   1,000/s for 1.00s, not measured
Journey   checkout
Products  10, 100 units of each, at most 2 for a user
Engine    lock none, stock lua, cache aside, queue confirm
Nodes     3 with 166 or 167 VUs each, at most
Seed      1

1,000/s │               ▂
        │              ▆█▆▃
        │              █████▅▂
        │              ████████▅▃▂
        │              ████████████▆▅▄▃▂▁
    0/s │▅▅▅▅▅▅▅▅▅▅▅▅▅▅███████████████████▇▇▆▅▅▄▄▄▃▃▃▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
        └───────────────────────────────────────────────────────────────────────
         0s                                                                10.0s
`);
  });

  it('fits any width', () => {
    for (const columns of [40, 80, 120])
      for (const load of [BURST, '{ executor: ramping-vus, stages: [{ duration: 1m, vus: 1000000 }] }'])
        for (const line of renderLoadPlan(shopWith(load), columns).split('\n'))
          expect(line.length).toBeLessThanOrEqual(columns);
  });

  it('draws virtual users in stages, and nothing where the time is not known', () => {
    const ramp = renderLoadPlan(
      shopWith('{ executor: ramping-vus, stages: [{ duration: 5s, vus: 8 }, { duration: 5s, vus: 0 }] }'),
      80,
    );
    expect(ramp).toContain('Iterations  as many as the virtual users get done');
    expect(ramp).toContain('Warm-up     none');
    expect(ramp).toMatch(/^8 VUs │ +\S+$/m);
    const pile = renderLoadPlan(shopWith('{ executor: shared-iterations, iterations: 1000, vus: 3 }'), 80);
    expect(pile).toContain('Iterations  1,000 at most, first come, first served');
    expect(pile).toContain('Nodes       3 with 1 VUs each, at most');
    expect(pile).not.toContain('│');
  });

  it('knows of random arrivals only about how many they are', () => {
    expect(renderLoadPlan(shopWith(BURST.replace('maxVus', 'arrivals: poisson, maxVus')), 80)).toContain(
      'Arrivals  about 1,638, poisson;',
    );
  });
});
