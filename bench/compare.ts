import { compare, type Contender } from '../src/run/compare.ts';
import type { Observer } from '../src/run/request.ts';
import { flashSaleScenario } from './kit/flash-sale.ts';
import { median, printBar } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/** What `compare` costs beyond warm-up, load and drain, for each combination and round: real services, two nodes. */
const ROUNDS = 4;
const LOCKS = ['none', 'token', 'fenced'];
const SALE = { nodes: 2, vus: 100, warmupMs: 500, durationMs: 1_500, stock: 'lua' };
const BAR_MS = 2_000;

const silent: Observer = { phase() {}, say() {}, update() {} };
const never = new AbortController().signal;

const contenders = LOCKS.map((lock): Contender => ({
  label: lock,
  design: lock,
  choices: { 'engine.lock': lock },
  scenario: flashSaleScenario({ ...SALE, lock }),
}));

await withServices(async (urls) => {
  const services = { mode: 'given', given: urls, allowRemote: false } as const;
  const { arms } = await compare(
    { contenders, rounds: ROUNDS, services, command: 'npm run bench' },
    { stop: never, kill: never },
    silent,
  );
  for (const { label, runs } of arms) {
    const each = runs.map(({ overheadMs }) => Math.round(overheadMs)).join(', ');
    console.log(`${label.padEnd(8)} ${each} ms by round`);
  }
  const all = arms.flatMap(({ runs }) => runs.map(({ overheadMs }) => overheadMs));
  printBar('ms beside the load, median', median(all), '<=', BAR_MS);
  printBar('ms beside the load, worst', Math.max(...all), '<=', BAR_MS);
});
