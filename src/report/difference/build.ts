import { isDeepStrictEqual } from 'node:util';
import { SERVICE_NAMES } from '../../services/types.ts';
import type { Result } from '../model.ts';
import { runIdsOf } from '../merge/parts.ts';

/** What both results have, or one of them; null: there is none. */
export interface Pair<T> {
  readonly a: T | null;
  readonly b: T | null;
}

interface Figure extends Pair<number> {
  readonly name: string;
  readonly unit: 'per-second' | 'share' | 'ms' | 'count';
}

const PERCENTILES = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const;
type Percentile = (typeof PERCENTILES)[number];

/** Two results side by side. Pure data, as it is saved: `trade-sim.difference/1`. */
export interface Difference {
  readonly schema: 'trade-sim.difference/1';
  readonly runs: Readonly<Record<'a' | 'b', RunInBrief>>;
  readonly figures: readonly Figure[];
  /** By metric, from the whole histograms, in µs. A metric that neither recorded is left out. */
  readonly latency: readonly ({ readonly metric: string; readonly count: Pair<number> } & Readonly<
    Record<Percentile, Pair<number>>
  >)[];
  readonly outcomes: readonly ({ readonly outcome: string } & Pair<number>)[];
  /** Of invariants, thresholds and the load generator. */
  readonly findings: readonly ({ readonly name: string } & Pair<string>)[];
  /** Fields of the configuration that are not equal, by their paths. */
  readonly configuration: readonly ({ readonly field: string } & Pair<unknown>)[];
  readonly environment: readonly ({ readonly what: string } & Pair<string | number>)[];
  /** Processor, cores or memory: the figures then say as much of the machines as of what was run. */
  readonly machinesDiffer: boolean;
}

interface RunInBrief {
  /** As the user called it. */
  readonly name: string;
  readonly runs: number;
  readonly id: string;
  readonly scenario: string;
  readonly verdict: Result['verdict'];
  readonly startedAt: string;
  readonly durationMs: number;
}

export interface Named {
  readonly name: string;
  readonly result: Result;
}

export const differenceOf = (a: Named, b: Named): Difference => {
  const environment = environmentOf(a.result, b.result);
  return {
    schema: 'trade-sim.difference/1',
    runs: { a: briefOf(a), b: briefOf(b) },
    figures: figuresOf(a.result, b.result),
    latency: latencyOf(a.result.latency, b.result.latency),
    outcomes: OUTCOMES.map((outcome) => ({
      outcome,
      a: a.result.orders[outcome],
      b: b.result.orders[outcome],
    })),
    findings: findingsOf(a.result, b.result),
    configuration: configurationOf(a.result, b.result),
    environment,
    machinesDiffer: environment.some(({ what }) => MACHINE.includes(what)),
  };
};

const briefOf = ({ name, result }: Named): RunInBrief => ({
  name,
  runs: runIdsOf(result).length,
  id: result.run.id,
  scenario: result.run.scenario,
  verdict: result.verdict,
  startedAt: result.run.startedAt,
  durationMs: result.run.durationMs,
});

const OUTCOMES = [
  'accepted',
  'replayed',
  'soldOut',
  'limitReached',
  'contended',
  'failed',
  'unknown',
] as const satisfies (keyof Result['orders'])[];

const figuresOf = (a: Result, b: Result): Figure[] => {
  const figure = (name: string, unit: Figure['unit'], of: (result: Result) => number | null): Figure => ({
    name,
    unit,
    a: of(a),
    b: of(b),
  });
  return [
    figure('orders attempted', 'per-second', ({ orders }) => orders.attemptedPerSecond),
    figure('orders accepted', 'per-second', ({ orders }) => orders.acceptedPerSecond),
    figure('iterations', 'per-second', ({ iterations }) => iterations.perSecond),
    figure('iterations dropped', 'count', ({ iterations }) => iterations.dropped),
    figure('first sold out', 'ms', ({ orders }) => orders.soldOutAtMs),
    figure('locks won', 'share', ({ lock }) => lock.acquireRatio),
    figure('cache hits', 'share', ({ cache }) => cache.hitRatio),
    figure('Redis commands per order', 'count', ({ cost }) => cost.redisCommandsPerOrder),
    figure('messages per order', 'count', ({ cost }) => cost.messagesPerOrder),
    figure('transactions per order', 'count', ({ cost }) => cost.transactionsPerOrder),
    figure('CPU per order', 'ms', ({ cost }) => cost.cpuMsPerOrder),
    figure('units oversold', 'count', ({ stockTotal }) => stockTotal.oversold),
  ];
};

const latencyOf = (a: Result['latency'], b: Result['latency']): Difference['latency'] => {
  const metrics = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return metrics.flatMap((metric) => {
    const [ofA, ofB] = [a[metric], b[metric]];
    if ((ofA?.count ?? 0) + (ofB?.count ?? 0) === 0) return [];
    const pair = (name: Percentile): Pair<number> => ({
      a: ofA === undefined || ofA.count === 0 ? null : ofA[name],
      b: ofB === undefined || ofB.count === 0 ? null : ofB[name],
    });
    const percentiles = Object.fromEntries(PERCENTILES.map((name) => [name, pair(name)])) as Record<
      Percentile,
      Pair<number>
    >;
    return [{ metric, count: { a: ofA?.count ?? 0, b: ofB?.count ?? 0 }, ...percentiles }];
  });
};

const findingsOf = (a: Result, b: Result): Difference['findings'] => {
  const verdicts = ({ audit, thresholds, generator }: Result) =>
    new Map<string, string>([
      ...audit.map(({ invariant, verdict }) => [invariant, verdict] as const),
      ...thresholds.map(({ text, verdict }) => [text, verdict] as const),
      ['load generator', generator.saturated ? 'over its limits' : 'healthy'],
    ]);
  const [ofA, ofB] = [verdicts(a), verdicts(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])].map((name) => ({
    name,
    a: ofA.get(name) ?? null,
    b: ofB.get(name) ?? null,
  }));
};

/** Every leaf of a configuration by its path. */
const leavesOf = (value: unknown, path: readonly string[] = []): [path: string, leaf: unknown][] =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
    : [[path.join('.'), value]];

const configurationOf = (a: Result, b: Result): Difference['configuration'] => {
  const [ofA, ofB] = [a, b].map(({ run }) => new Map(leavesOf(run.configuration)));
  return [...new Set([...ofA!.keys(), ...ofB!.keys()])].flatMap((field) => {
    const [left, right] = [ofA!.get(field) ?? null, ofB!.get(field) ?? null];
    return isDeepStrictEqual(left, right) ? [] : [{ field, a: left, b: right }];
  });
};

const MACHINE: readonly string[] = ['processor', 'cores', 'memory, bytes'];

const environmentOf = (a: Result, b: Result): Difference['environment'] => {
  const facts = ({ environment, run }: Result) =>
    new Map<string, string | number>([
      ['processor', environment.cpu],
      ['cores', environment.cores],
      ['memory, bytes', environment.memoryBytes],
      ['Node.js', environment.node],
      ['trade-sim', environment.tradeSim],
      ...SERVICE_NAMES.map((name): [string, string] => {
        const { version, origin } = run.services[name];
        return [name, `${version} (${origin})`];
      }),
    ]);
  const ofB = facts(b);
  return [...facts(a)].flatMap(([what, left]) => {
    const right = ofB.get(what)!;
    return left === right ? [] : [{ what, a: left, b: right }];
  });
};
