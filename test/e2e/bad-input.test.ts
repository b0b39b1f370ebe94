import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Home, STACK_TRACE } from './trade-sim.ts';

const home = new Home();
afterAll(() => home.remove());

writeFileSync(join(home.folder, 'broken.yml'), 'scenarios:\n  shop:\n    load: { vus: 0 }\n    loda: {}\n');

describe('what cannot be used as given is refused with one message before anything starts', () => {
  test.each([
    [['run', 'flash-sale', '--vuss', '5'], '--vuss'],
    [['run', 'flash-sal'], 'Did you mean "flash-sale"?'],
    [['run', 'flash-sale', '--lock', 'tokn'], 'Did you mean "token"?'],
    [['run', 'shop', '--file', 'none.yml'], 'none.yml cannot be read'],
    [['run', 'shop', '--file', 'broken.yml'], 'broken.yml:4'],
    [['run', 'checkout', '--vus', '0'], '--vus 0'],
    [['run', 'flash-sale', '--duration', '10 sec'], '--duration 10 sec'],
    [['run', 'flash-sale', '--set', 'catalog.stockPerSku=-1'], 'catalog.stockPerSku=-1'],
    [['run', 'flash-sale', '--json', 'none/result.json'], 'none/result.json'],
    [['run', 'flash-sale', '--redis', 'redis://:secret@192.0.2.1'], '--allow-remote'],
    [['run', 'flash-sale', '--amqp', 'http://user:secret@localhost'], 'amqp://'],
  ])('%j', async (args, complaint) => {
    const { exitCode, stdout, stderr } = await home.run(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^trade-sim: /m);
    expect(stderr).toContain(complaint);
    expect(stderr).not.toMatch(STACK_TRACE);
    expect(stderr).not.toContain('secret');
    expect(home.instances()).toEqual([]);
  });
});

test('--debug shows where it happened', async () => {
  expect((await home.run(['run', 'flash-sal', '--debug'])).stderr).toMatch(STACK_TRACE);
});
