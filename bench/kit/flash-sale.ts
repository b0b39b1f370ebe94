import type { Observer } from '../../src/run/request.ts';
import { runScenario } from '../../src/run/run-scenario.ts';
import { scenariosFile, type Scenario } from '../../src/scenarios/schema.ts';
import type { Result } from '../../src/report/model.ts';
import type { Urls } from './services.ts';

export interface FlashSale {
  readonly nodes: number;
  /** Over all nodes. */
  readonly vus: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly lock: string;
  readonly stock: string;
  /** Default 1. */
  readonly eventsPerMessage?: number;
}

/** The orders of a flash sale alone: no looks, no double clicks, no bots, and stock that does not run out. */
export const flashSaleScenario = (sale: FlashSale): Scenario => {
  const { nodes, vus, warmupMs, durationMs, lock, stock, eventsPerMessage = 1 } = sale;
  const queue = { name: 'confirm', eventsPerMessage };
  const { scenarios } = scenariosFile.parse({
    scenarios: {
      bench: {
        journey: { name: 'flash-sale', readsPerOrder: 0, doubleClickShare: 0, botShare: 0 },
        catalog: { skus: 1, stockPerSku: 1_000_000_000, limitPerUser: 0 },
        engine: { nodes, lock, stock, cache: 'none', queue, lockWait: '30s' },
        // What others take of a shared host is no reason to end a benchmark.
        generator: { overLimits: 'note' },
        load: { executor: 'constant-vus', vus, warmup: `${warmupMs}ms`, duration: `${durationMs}ms` },
      },
    },
  });
  return scenarios['bench']!;
};

const silent: Observer = { phase() {}, say() {}, update() {} };

/** One whole run of trade-sim, audit and all. Without URLs, on the embedded models. Rejects when it did not pass. */
export const runFlashSale = async (sale: FlashSale, urls: Urls | undefined): Promise<Result> => {
  const never = new AbortController().signal;
  const result = await runScenario(
    {
      scenario: flashSaleScenario(sale),
      services: urls
        ? { mode: 'given', given: urls, allowRemote: false }
        : { mode: 'embedded', given: {}, allowRemote: false },
      keep: false,
      command: 'npm run bench',
    },
    { stop: never, kill: never },
    silent,
  );
  if (result.verdict !== 'passed')
    throw new Error(`a run ended ${result.verdict}: ${result.reasons.join('; ')}`);
  return result;
};
