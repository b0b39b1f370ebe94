import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { servers, startServers, type PrivateServers } from './private-servers.ts';
import { Home, resultOf } from './trade-sim.ts';

const home = new Home();
let privateServers: PrivateServers;

beforeAll(async () => {
  privateServers = await startServers();
});

afterAll(async () => {
  home.remove();
  await privateServers.stop();
});

const ROWS = 150;
const customers = Array.from({ length: ROWS }, (_, row) => `${5_000 + row},${row % 3 === 0}`);

const SCENARIO = `scenarios:
  shop:
    journey: { name: checkout, browses: 2, user: customers.id, declined: customers.declined }
    feeders:
      customers: { csv: customers.csv, order: unique }
    catalog: { skus: 40, stockPerSku: 10000, popularity: zipf }
    load: { executor: constant-vus, vus: 12, duration: 60s }
    steps: { byNode: true, maxSeries: 88 }
    thresholds: ['step.latency{step:pay,outcome:done}:count>0']
    seed: 7
`;

test('the same seed asks for the same on 1, 2 and 4 worker threads, with each row of a feeder once', async () => {
  writeFileSync(join(home.folder, 'shop.yml'), SCENARIO);
  writeFileSync(join(home.folder, 'customers.csv'), `id,declined\n${customers.join('\n')}\n`);
  const asked: object[] = [];
  for (const nodes of [1, 2, 4]) {
    const flags = ['-f', 'shop.yml', '--nodes', String(nodes), ...servers(privateServers.urls), '--json'];
    const ended = await home.run(['run', 'shop', ...flags]);
    const { steps = [], orders, stock, iterations, notes, thresholds, audit } = resultOf(ended);
    expect(audit.map(({ verdict }) => verdict)).toEqual(audit.map(() => 'held'));
    expect(iterations).toMatchObject({ completed: ROWS, failed: 0 });
    expect(notes).toContain(`The load ended with the ${ROWS} rows of the feeder customers.`);
    expect(thresholds).toMatchObject([{ verdict: 'passed' }]);
    expect(new Set(steps.map(({ node }) => node)).size).toBe(nodes);
    const times: Record<string, number> = {};
    for (const { step, outcome, latency } of steps)
      times[`${step} ${outcome}`] = (times[`${step} ${outcome}`] ?? 0) + latency.count;
    const sold = Object.fromEntries(stock.map((row) => [row.sku, row.sold]));
    asked.push({ times, sold, paid: orders.paid, cancelled: orders.cancelled });
  }
  expect(asked[1]).toEqual(asked[0]);
  expect(asked[2]).toEqual(asked[0]);
  expect(asked[0]).toMatchObject({
    times: { 'browse found': 2 * ROWS, 'take-cart done': expect.any(Number) },
  });
});
