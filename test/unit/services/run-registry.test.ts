import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { leftovers, recordRun } from '../../../src/services/run-registry.ts';

let state = '';
const runs = () => join(state, 'trade-sim', 'runs');

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'run-registry-test-'));
  vi.stubEnv('XDG_STATE_HOME', state);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true });
});

/** As if the process that wrote the record had been killed. */
const disown = (runId: string) => {
  const path = join(runs(), `${runId}.json`);
  const record = JSON.parse(readFileSync(path, 'utf8')) as { owner: { startedAt: string } };
  record.owner.startedAt = 'long ago';
  writeFileSync(path, JSON.stringify(record));
};

test('a run that lives is no leftover; one whose process died is, until it is forgotten', async () => {
  await recordRun({ runId: 'alive', urls: { redis: 'redis://:pw@127.0.0.1:1' } });
  await recordRun({ runId: 'killed', urls: { postgres: 'postgres://127.0.0.1:2/db' } });
  disown('killed');
  const [killed, ...others] = await leftovers();
  expect(others).toEqual([]);
  expect(killed!.record).toMatchObject({ runId: 'killed', urls: { postgres: 'postgres://127.0.0.1:2/db' } });
  killed!.forget();
  expect(await leftovers()).toEqual([]);
  expect(readdirSync(runs())).toEqual(['alive.json']);
});

test('a run that ended well forgets itself', async () => {
  const run = await recordRun({ runId: 'done', urls: {} });
  run.forget();
  run.forget();
  expect(readdirSync(runs())).toEqual([]);
});

test('only the owner can read a record: it has passwords', async () => {
  await recordRun({ runId: 'secret', urls: { redis: 'redis://:pw@127.0.0.1:1' } });
  expect(statSync(join(runs(), 'secret.json')).mode & 0o777).toBe(0o600);
  expect(statSync(join(state, 'trade-sim')).mode & 0o777).toBe(0o700);
});

test('a spoilt record does no harm', async () => {
  await recordRun({ runId: 'spoilt', urls: {} });
  writeFileSync(join(runs(), 'spoilt.json'), '{');
  expect(await leftovers()).toEqual([]);
});

test('a run id cannot lead out of the folder', async () => {
  await expect(recordRun({ runId: '../escape', urls: {} })).rejects.toThrow('assertion failed');
});
