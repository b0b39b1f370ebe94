import { afterEach, beforeEach, expect, describe, test } from 'vitest';
import { replacing } from '../../src/contract/faults.ts';
import { composeEngine } from '../../src/engine/compose.ts';
import { openRunSpace } from '../../src/engine/run-space.ts';
import { WORLDS, type Space } from '../support/worlds.ts';

const chosen = (name: string) => ({ name, options: {} });

describe.each(WORLDS)('the space of a run, $world', ({ open }) => {
  let space: Space;

  beforeEach(async () => {
    space = await open();
  });
  afterEach(() => space.close());

  test('looks after its services without an index that the load would pay for; the audit has it made', async () => {
    const node = await space.node();
    let indexes = 0;
    const postgres = replacing(node.postgres, {
      index(table, columns) {
        indexes += 1;
        return node.postgres.index(table, columns);
      },
    });
    const backends = { ...node, postgres };
    const engine = composeEngine(
      {
        lock: chosen('none'),
        stock: chosen('lua'),
        cache: chosen('none'),
        queue: chosen('direct'),
        lockWaitMs: 0,
        catalogue: { skus: 1, limitPerUser: 1 },
      },
      backends,
    );
    const { namespace, random } = node;
    const run = openRunSpace({ ...engine, backends, namespace, unitsBySku: [1], random });
    await run.prepare();
    await run.probe('postgres');
    expect(indexes).toBe(0);
    await run.ledgerPage(0, 1);
    await run.ledgerPage(0, 1);
    expect(indexes).toBe(1);
  });
});
