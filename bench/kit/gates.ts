import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { DEFAULT_MARGINS } from '../../src/report/gate/metrics.ts';
import type { GateReport } from '../../src/report/gate/model.ts';
import { gateAgainst, type GateRequest } from '../../src/run/gate/gate.ts';
import type { Observer } from '../../src/run/request.ts';
import { importStrategiesOf, resolveScenario } from '../../src/scenarios/overrides.ts';
import type { Scenario } from '../../src/scenarios/schema.ts';
import type { Urls } from './services.ts';

/** Short rounds of orders alone: a customer at a time on each of two nodes, so that an order waits for nobody. */
const SALE = `scenarios:
  sale:
    journey: { name: flash-sale, readsPerOrder: 0, doubleClickShare: 0, botShare: 0 }
    catalog: { skus: 1, stockPerSku: 1000000000 }
    engine: { nodes: 2, lock: none, cache: none, queue: confirm, stock: { name: STOCK, busyUs: BUSY } }
    load: { executor: constant-vus, vus: 2, warmup: 200ms, duration: 1s }
`;

const MODULE = fileURLToPath(new URL('./slowed-stock.js', import.meta.url));

/** The sale, each order of which keeps its thread busy for this long. */
export const saleOf = async (busyUs: number): Promise<Scenario> => {
  const text = SALE.replace('STOCK', JSON.stringify(MODULE)).replace('BUSY', String(busyUs));
  const file = { path: 'sale.yml', text };
  await importStrategiesOf(file, 'sale', []);
  return resolveScenario(file, 'sale', []);
};

export const never = {
  stop: new AbortController().signal,
  kill: new AbortController().signal,
};
export const silent: Observer = { phase() {}, say() {}, update() {} };

/** What is kept of a gate. */
export interface Outcome {
  readonly gate: number;
  readonly startedAt: string;
  readonly verdict: GateReport['verdict'];
  readonly pairs: number;
  readonly durationMs: number;
  /** Processes that wanted to run, over the last minute. */
  readonly load: number;
  readonly busyUs: number;
  readonly metrics: readonly {
    readonly [
      Field in 'metric' | 'verdict' | 'change' | 'low' | 'high' | 'holmP' | 'spread' | 'detectable'
    ]: GateReport['metrics'][number][Field];
  }[];
}

/** One gate of `candidate` against `base`, numbered: another number has other seeds. */
export const oneGate = async (
  gate: number,
  base: Scenario,
  candidate: Scenario,
  urls: Urls,
): Promise<Pick<Outcome, Exclude<keyof Outcome, 'busyUs'>>> => {
  const seed = 1 + 100 * gate;
  const request: GateRequest = {
    scenario: { ...candidate, seed },
    services: { mode: 'given', given: urls, allowRemote: false },
    command: 'npm run bench',
    margins: DEFAULT_MARGINS,
    pairs: 7,
    maxPairs: 15,
  };
  const sides = { kind: 'scenario', label: 'base', scenario: { ...base, seed } } as const;
  const { startedAt, verdict, pairs, durationMs, metrics } = await gateAgainst(request, sides, never, silent);
  return {
    gate,
    startedAt,
    verdict,
    pairs,
    durationMs: Math.round(durationMs),
    load: loadavg()[0]!,
    metrics: metrics.map(({ metric, verdict: found, change, low, high, holmP, spread, detectable }) => ({
      metric,
      verdict: found,
      change,
      low,
      high,
      holmP,
      spread,
      detectable,
    })),
  };
};

/** Gates that were run before, and room for more: a line of JSON each, so that a run can be taken up again. */
export class GateLog {
  readonly #path: string;

  /** `npm run bench -- NAME [FILE]`; without a file, beside the compiled benchmarks. */
  constructor(name: string) {
    this.#path = process.argv[3] ?? fileURLToPath(new URL(`../../${name}.jsonl`, import.meta.url));
    console.log(`outcomes are in ${this.#path}; those that are there already are not run again`);
  }

  read(): Outcome[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Outcome);
  }

  add(outcome: Outcome): void {
    appendFileSync(this.#path, `${JSON.stringify(outcome)}\n`);
    console.log(inWords(outcome));
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const inWords = ({ gate, verdict, pairs, durationMs, load, metrics }: Outcome): string =>
  [
    `gate ${gate}: ${verdict}, ${pairs} pairs, ${Math.round(durationMs / 1_000)} s, load ${load.toFixed(1)}`,
    ...metrics.map(
      ({ metric, change, low, high }) => `${metric} ${percent(change)} [${percent(low)}, ${percent(high)}]`,
    ),
  ].join('; ');

export const countOf = (outcomes: readonly Outcome[], verdict: Outcome['verdict']): number =>
  outcomes.filter((outcome) => outcome.verdict === verdict).length;

/** How all gates went, for the evidence. */
export const printOutcomes = (outcomes: readonly Outcome[]): void => {
  const verdicts = [...new Set(outcomes.map(({ verdict }) => verdict))];
  console.log(
    `${outcomes.length} gates: ${verdicts.map((verdict) => `${countOf(outcomes, verdict)} ${verdict}`).join(', ')}`,
  );
};
