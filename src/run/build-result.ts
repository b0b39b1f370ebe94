import { cpus, totalmem, availableParallelism } from 'node:os';
import type { ServiceName } from '../backends/ports.ts';
import type { Evidence, InvariantResult } from '../audit/evidence.ts';
import { stockAccounts } from '../audit/stock-accounts.ts';
import { STAGES } from '../engine/telemetry.ts';
import type { CostCounter } from '../load/counted-backends.ts';
import type { WorkerReport } from '../load/protocol.ts';
import { ITERATION_METRICS } from '../load/virtual-user.ts';
import type { TimelineRow } from '../measure/history.ts';
import { isSaturated, worstHealth } from '../measure/saturation.ts';
import type { Snapshot } from '../measure/snapshot.ts';
import { summarize } from '../measure/summary.ts';
import { evaluateThresholds } from '../measure/thresholds.ts';
import { topFailures } from '../report/failures.ts';
import type { Result } from '../report/model.ts';
import { stockRows } from '../report/stock-rows.ts';
import { judge } from '../report/verdict.ts';
import type { Endpoints } from '../services/types.ts';
import type { RunJob } from './request.ts';
import { formatCount } from '../kernel/units.ts';
import { maxVusOf, planOf } from '../scenarios/executors/index.ts';
import { version } from '../kernel/version.ts';

export interface Findings {
  readonly job: RunJob;
  readonly runId: string;
  readonly endpoints: Endpoints;
  readonly notes: readonly string[];
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** All workers' snapshots, merged. */
  readonly measured: Snapshot;
  readonly reports: readonly WorkerReport[];
  readonly evidence: Evidence;
  readonly audited: readonly InvariantResult[];
  readonly serialCycleUs: number | undefined;
  /** Of this process, from the begin of the load to the end of the drain. */
  readonly cpuMs: number;
  readonly timeline: readonly TimelineRow[];
  readonly lostServices: readonly ServiceName[];
  readonly interrupted: boolean;
}

/** Puts everything that was found out into the shape that is saved and shown. Pure but for the machine's name. */
export const buildResult = (findings: Findings): Result => {
  const { job, measured, durationMs, interrupted } = findings;
  const { scenario } = job;
  const seconds = Math.max(durationMs, 1) / 1_000;
  const count = (name: string) => measured.counters[name] ?? 0;
  const latency = latencies(measured);
  const orders = orderFigures(findings, count, seconds);
  const thresholds = evaluateThresholds(scenario.thresholds, {
    latency,
    counters: measured.counters,
    durationMs,
  });
  const audit = findings.audited.map((result) => ({ ...result, offenders: [...result.offenders] }));
  const verdict = judge({
    audit,
    thresholds,
    interrupted,
    ordersAttempted: orders.attempted,
    lostServices: findings.lostServices,
  });
  const health = worstHealth(findings.reports.map((report) => report.health));
  return {
    schema: 'trade-sim.result/1',
    ...verdict,
    interrupted,
    notes: [...findings.notes, ...clampNotes(count)],
    run: runFigures(findings),
    environment: environment(),
    orders,
    failures: topFailures(findings.reports.flatMap(({ failures }) => failures)),
    iterations: {
      completed: count('iterations.completed'),
      failed: count('iterations.failed'),
      dropped: count('iterations.dropped'),
      perSecond: count('iterations.completed') / seconds,
    },
    latency,
    cache: {
      reads: count('cache.reads'),
      hits: count('cache.hits'),
      hitRatio: ratio(count('cache.hits'), count('cache.reads')),
      loads: count('cache.loads'),
      peakConcurrentLoads: measured.peaks['cache.concurrent-loads'] ?? 0,
    },
    lock: {
      attempts: count('lock.attempts'),
      acquired: count('lock.acquired'),
      contended: count('lock.contended'),
      expired: count('lock.expired'),
      acquireRatio: ratio(count('lock.acquired'), count('lock.attempts')),
      ...serialBound(findings.serialCycleUs, orders, durationMs),
    },
    queue: {
      published: count('queue.published'),
      confirmed: count('queue.confirmed'),
      delivered: count('queue.delivered'),
      redelivered: count('queue.redelivered'),
      deadLettered: count('queue.dead-lettered'),
    },
    cost: costFigures(findings.cpuMs, orders, count),
    model: modelFigures(findings.reports, count),
    ...stockRows(stockAccounts(findings.evidence)),
    audit,
    thresholds,
    generator: { ...health, saturated: isSaturated(health) },
    timeline: [...findings.timeline],
  };
};

/** Durations that no histogram could hold: the percentiles know them only as its ends. */
const clampNotes = (count: (name: string) => number): string[] => {
  const [low, high] = [count('measure.clamped-low'), count('measure.clamped-high')];
  return [
    ...(low > 0 ? [`${formatCount(low)} durations came out below 0 and count as 0: clocks disagreed.`] : []),
    ...(high > 0 ? [`${formatCount(high)} durations were longer than 60 s and count as 60 s.`] : []),
  ];
};

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

const latencies = ({ histograms }: Snapshot): Result['latency'] => {
  const stages = Object.fromEntries(STAGES.map((stage) => [stage, summarize(histograms[stage])]));
  const ofLoad = ITERATION_METRICS.filter((metric) => histograms[metric] !== undefined);
  return {
    ...stages,
    ...Object.fromEntries(ofLoad.map((metric) => [metric, summarize(histograms[metric])])),
  } as Result['latency'];
};

const orderFigures = (
  { reports }: Findings,
  count: (name: string) => number,
  seconds: number,
): Result['orders'] => {
  const soldOutTimes = reports.flatMap(({ soldOutAtMs }) => soldOutAtMs ?? []);
  return {
    attempted: count('orders.attempted'),
    accepted: count('orders.accepted'),
    replayed: count('orders.replayed'),
    soldOut: count('orders.sold-out'),
    limitReached: count('orders.limit-reached'),
    contended: count('orders.contended'),
    failed: count('orders.failed'),
    unknown: count('orders.unknown'),
    paid: count('orders.paid'),
    cancelled: count('orders.cancelled'),
    attemptedPerSecond: count('orders.attempted') / seconds,
    acceptedPerSecond: count('orders.accepted') / seconds,
    soldOutAtMs: soldOutTimes.length > 0 ? Math.max(0, Math.min(...soldOutTimes)) : null,
  };
};

const runFigures = ({ job, runId, endpoints, startedAtMs, durationMs }: Findings): Result['run'] => {
  const { scenario } = job;
  const { lock, stock, cache, queue } = scenario.engine;
  const serviceOf = (name: ServiceName) => {
    const { origin, version } = endpoints[name];
    return { origin, version };
  };
  return {
    id: runId,
    scenario: scenario.name,
    seed: scenario.seed,
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs,
    nodes: scenario.engine.nodes,
    vus: maxVusOf(planOf(scenario.load)),
    strategies: {
      lock: lock.name,
      stock: stock.name,
      cache: cache.name,
      queue: queue.name,
      ledger: 'postgres',
    },
    services: { redis: serviceOf('redis'), rabbitmq: serviceOf('rabbitmq'), postgres: serviceOf('postgres') },
    command: job.command,
    configuration: { ...scenario },
  };
};

const environment = (): Result['environment'] => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  node: process.versions.node,
  tradeSim: version(),
});

/** Orders that had units to take, while there were any: a "sold out" is answered sooner than an order is placed. */
const serialBound = (
  cycleUs: number | undefined,
  { accepted, replayed, soldOutAtMs }: Result['orders'],
  durationMs: number,
): Pick<Result['lock'], 'serialBound'> => {
  if (cycleUs === undefined || cycleUs <= 0) return {};
  const sellingMs = Math.max(1, Math.min(soldOutAtMs ?? durationMs, durationMs));
  const ordersPerSecond = 1e6 / cycleUs;
  const reached = ((accepted + replayed) * 1_000) / sellingMs;
  return { serialBound: { ordersPerSecond, cycleUs, reachedRatio: reached / ordersPerSecond } };
};

const costFigures = (
  cpuMs: number,
  { attempted }: Result['orders'],
  count: (name: CostCounter) => number,
): Result['cost'] => {
  const perOrder = (amount: number) => ratio(amount, attempted);
  return {
    redisCommandsPerOrder: perOrder(count('cost.redis-commands')),
    messagesPerOrder: perOrder(count('cost.messages')),
    transactionsPerOrder: perOrder(count('cost.transactions')),
    cpuMsPerOrder: perOrder(cpuMs),
  };
};

/** P(x), Q(x), C(x): means over nodes, queues and caches, as the article defines them. One queue, one cache. */
const modelFigures = (reports: readonly WorkerReport[], count: (name: string) => number): Result['model'] => {
  const perNode = reports.flatMap(({ snapshot: { counters } }) =>
    counters['lock.attempts']! > 0 ? [counters['lock.acquired']! / counters['lock.attempts']!] : [],
  );
  return {
    P: perNode.length > 0 ? perNode.reduce((sum, p) => sum + p, 0) / perNode.length : null,
    Q: count('queue.confirmed') > 0 ? Math.min(1, count('queue.in-time') / count('queue.confirmed')) : null,
    C: ratio(count('cache.hits'), count('cache.reads')),
  };
};
