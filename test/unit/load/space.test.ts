import { expect, test } from 'vitest';
import type { Backends } from '../../../src/backends/ports.ts';
import { namespaceOf } from '../../../src/engine/namespace.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { connector } from '../../../src/load/connect.ts';
import { openSpace } from '../../../src/load/space.ts';
import { scenariosFile } from '../../../src/scenarios/schema.ts';

test('the node that measures a lock alone has gone when it has: it could serve the others', async () => {
  const { scenarios } = scenariosFile.parse({
    scenarios: {
      sale: {
        journey: 'flash-sale',
        catalog: { skus: 1, stockPerSku: 1_000, limitPerUser: 0 },
        engine: { lock: 'queue-serial' },
        load: { executor: 'constant-vus', vus: 1, duration: '1s' },
      },
    },
  });
  const opened: Backends[] = [];
  const connect = connector({}, namespaceOf('alone'), new SeededRandom(1));
  const space = await openSpace('alone', scenarios['sale']!, async () => {
    const backends = await connect();
    opened.push(backends);
    return backends;
  });
  await space.prepare();
  expect(await space.serialCycleUs()).toBeGreaterThan(0);
  const ask = ({ broker }: Backends) => broker.declare({ exchanges: [], queues: [], bindings: [] });
  expect(opened).toHaveLength(2);
  await ask(opened[0]!);
  await expect(ask(opened[1]!)).rejects.toMatchObject({ service: 'rabbitmq', effect: 'none' });
  await space.close();
});
