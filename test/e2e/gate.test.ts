import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadBaseline } from '../../src/report/gate/baseline.ts';
import { HISTORY_HEADER } from '../../src/report/gate/history.ts';
import { gateSchema, type GateReport } from '../../src/report/gate/model.ts';
import { Home, MAIN } from './trade-sim.ts';

const home = new Home();
afterAll(() => home.remove());

const FILE = join(home.folder, 'gate.yml');
writeFileSync(
  FILE,
  `scenarios:
  sale:
    journey: { name: flash-sale, readsPerOrder: 0, doubleClickShare: 0, botShare: 0 }
    catalog: { skus: 1, stockPerSku: 1000000 }
    engine: { cache: none }
    load: { executor: constant-vus, vus: 60, duration: 300ms }
`,
);
const SALE = ['sale', '--file', FILE, '--services', 'embedded'];
/** As few as can fail: this is about the way to the verdict, not about its sharpness. */
const SHORT = ['--max-pairs', '7', '--json'];
const FEW = ['--pairs', '2', '--max-pairs', '2', '--json'];

const reportOf = ({ stdout }: { readonly stdout: string }): GateReport =>
  gateSchema.parse(JSON.parse(stdout));

test('a much slower candidate is a regression: exit 6, in every form', async () => {
  const junit = join(home.folder, 'gate.xml');
  const ended = await home.run([
    'gate',
    ...SALE,
    // A lock that is polled for, on one product, against none.
    '--lock',
    'setnx',
    '--against',
    'lock=none',
    '--report',
    `junit=${junit}`,
    ...SHORT,
  ]);
  const report = reportOf(ended);
  expect([ended.exitCode, report.exitCode, report.verdict, report.pairs]).toEqual([6, 6, 'regression', 7]);
  expect(report.metrics.map(({ verdict }) => verdict)).toContain('regression');
  expect(report.invariants.map(({ verdict }) => verdict)).not.toContain('violated');
  expect(readFileSync(junit, 'utf8')).toContain('<failure');
  expect(ended.stderr).toMatch(/^pair 7 of 7 · candidate · .*\/s · p50 /m);
});

test('equal arms are no regression, whether or not the machine is quiet enough for a pass', async () => {
  // The scenario, though there is a folder of this name.
  mkdirSync(join(home.folder, 'sale'));
  const ended = await home.run(['gate', ...SALE, '--against', 'sale', ...SHORT]);
  expect([0, 7]).toContain(ended.exitCode);
  expect(reportOf(ended).metrics).toHaveLength(4);
});

test('overselling ends a gate at once: exit 4', async () => {
  const unsafe = ['--stock', 'read-modify-write', '--set', 'catalog.stockPerSku=20'];
  const ended = await home.run(['gate', ...SALE, ...unsafe, '--against', 'stock=lua', ...SHORT]);
  const report = reportOf(ended);
  expect([ended.exitCode, report.verdict]).toEqual([4, 'violated']);
  expect(report.reasons[0]).toMatch(/^the candidate: no-oversell: /);
  expect(report.pairs).toBe(0);
});

test('another installed trade-sim is measured by its own program', async () => {
  const ended = await home.run([
    'gate',
    ...SALE,
    '--duration',
    '1s',
    '--against',
    resolve(dirname(MAIN), '../..'),
    ...FEW,
  ]);
  const report = reportOf(ended);
  expect([0, 7]).toContain(ended.exitCode);
  expect(report.base).toMatch(/^trade-sim \d+\.\d+\.\d+ in /);
  expect(new Set(report.rounds.map(({ runId }) => runId)).size).toBe(4);
});

test('a baseline is recorded, judged by, and updated; the history grows by a line each time', async () => {
  const [file, history] = [join(home.folder, 'sale.json'), join(home.folder, 'history.csv')];
  const recorded = await home.run(['baseline', 'record', ...SALE, '-o', file, '--rounds', '2']);
  expect([recorded.exitCode, recorded.stdout]).toEqual([0, expect.stringContaining('sale, 2 rounds')]);
  const baseline = loadBaseline(file, readFileSync(file, 'utf8'));
  expect(baseline.rounds).toHaveLength(2);
  expect(baseline.calibration).toMatchObject({ redis: null, postgres: null });

  const against = ['gate', ...SALE, '--baseline', file, '--history', history, ...FEW];
  const slower = reportOf(await home.run([...against, '--lock', 'setnx']));
  expect([slower.against, slower.speed?.redis]).toEqual(['baseline', null]);
  expect(slower.notes.join()).toContain('configured otherwise');
  // So few rounds prove nothing, and a stall while it calibrated makes another machine of this one.
  expect(['informational', 'inconclusive']).toContain(slower.verdict);
  expect((await home.run([...against, '--vus', '61'])).stderr).toContain('with another load');

  writeFileSync(file, JSON.stringify({ ...baseline, environment: { ...baseline.environment, cores: 999 } }));
  const elsewhere = await home.run([...against, '--lock', 'setnx']);
  expect([elsewhere.exitCode, reportOf(elsewhere).verdict]).toEqual([0, 'informational']);

  const update = ['baseline', 'update', ...SALE, '-o', file, '--rounds', '2', '--history', history];
  expect((await home.run(update)).exitCode).toBe(0);
  const lines = readFileSync(history, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(`${lines[0]}\n`).toBe(HISTORY_HEADER);
});

test('calibrate proposes margins to copy', async () => {
  const { exitCode, stdout } = await home.run(['gate', 'calibrate', ...SALE, '--pairs', '2']);
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/\n--margin throughput=\d+%,p50=\d+%,p95=\d+%,p99=\d+%\n$/),
  ]);
});

test('Ctrl-C ends a gate with what there is', async () => {
  const command = home.start(['gate', ...SALE, '--against', 'sale', ...SHORT]);
  await command.until(/^pair 2 of 7 · candidate · /m);
  command.kill('SIGINT');
  const ended = await command.ended;
  const report = reportOf(ended);
  expect([ended.exitCode, report.verdict]).toEqual([130, 'interrupted']);
  expect(report.pairs).toBeGreaterThan(0);
  expect(report.pairs).toBeLessThan(7);
});
