import type { ServiceName } from '../backends/ports.ts';
import type { Evidence, InvariantResult } from '../audit/evidence.ts';
import { stockAccounts } from '../audit/stock-accounts.ts';
import { STAGES } from '../engine/telemetry.ts';
import type { CostCounter } from '../load/counted-backends.ts';
import type { WorkerReport } from '../load/protocol.ts';
import { ITERATION_METRICS } from '../load/virtual-user.ts';
import type { TimelineRow } from '../measure/history.ts';
import { generatorFigures, overLimits } from '../measure/generator.ts';
import type { Snapshot } from '../measure/snapshot.ts';
import { summarize } from '../measure/summary.ts';
import type { ThresholdResult } from '../measure/thresholds.ts';
import { topFailures } from '../report/failures.ts';
import type { Result } from '../report/model.ts';
import { stockRows } from '../report/stock-rows.ts';
import { stepRows, type StepRow } from '../report/steps.ts';
import { judge } from '../report/verdict.ts';
import type { Endpoint, Endpoints } from '../services/types.ts';
import type { RunJob } from './request.ts';
import { formatCount } from '../kernel/units.ts';
import { maxVusOf, planOf } from '../scenarios/executors/index.ts';
import { firstExhausted } from '../scenarios/feeders/feeding.ts';
import { STEP_METRIC } from '../scenarios/steps.ts';
import { described, environment, servicesOf } from './origin.ts';

export interface Findings {
  readonly job: RunJob;
  readonly runId: string;
  readonly endpoints: Endpoints;
  /** Redis servers of the lock's own, which it used. */
  readonly lockMasters: readonly Endpoint[];
  readonly notes: readonly string[];
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** All workers' snapshots, merged. */
  readonly measured: Snapshot;
  readonly reports: readonly WorkerReport[];
  readonly evidence: Evidence;
  readonly audited: readonly InvariantResult[];
  readonly serialCycleUs: number | undefined;
  readonly ceilingPerSecond: number;
  /** Of this process, from the begin of the load to the end of the drain. */
  readonly cpuMs: number;
  readonly timeline: readonly TimelineRow[];
  readonly thresholds: readonly ThresholdResult[];
  /** What memory there was none for, and ended the load. */
  readonly shortage: string | undefined;
  readonly lostServices: readonly ServiceName[];
  readonly interrupted: boolean;
}

/** Puts everything that was found out into the shape that is saved and shown. Pure but for the machine's name. */
export const buildResult = (findings: Findings): Result => {
  const { measured, durationMs, interrupted } = findings;
  const seconds = Math.max(durationMs, 1) / 1_000;
  const count = (name: string) => measured.counters[name] ?? 0;
  const latency = latencies(measured);
  const orders = orderFigures(findings, count, seconds);
  const thresholds = [...findings.thresholds];
  const audit = findings.audited.map((result) => ({ ...result, offenders: [...result.offenders] }));
  const generator = generatorOf(findings, latency['order.latency']);
  const verdict = judge({
    audit,
    thresholds,
    interrupted,
    generator,
    ordersAttempted: orders.attempted,
    shortage: findings.shortage,
    lostServices: findings.lostServices,
  });
  return {
    schema: 'trade-sim.result/1',
    ...verdict,
    interrupted,
    notes: [
      ...findings.notes,
      ...clampNotes(count),
      ...exhaustedNotes(findings.job, count),
      ...generatorNotes(generator),
    ],
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
    steps: stepsOf(measured),
    cache: {
      reads: count('cache.reads'),
      hits: count('cache.hits'),
      hitRatio: ratio(count('cache.hits'), count('cache.reads')),
      loads: count('cache.loads'),
      expiries: count('cache.expiries'),
      peakConcurrentLoads: measured.peaks['cache.concurrent-loads'] ?? 0,
      lostWrites: count('cache.lost-writes'),
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
    generator,
    timeline: [...findings.timeline],
  };
};

const generatorOf = (
  { job, reports, measured, durationMs, ceilingPerSecond }: Findings,
  orders: Result['latency'][string],
): Result['generator'] => {
  const { load, generator: limits } = job.scenario;
  const plannedMs = Math.min(load.durationMs ?? durationMs, durationMs);
  const figures = generatorFigures(
    reports.map(({ snapshot }) => snapshot),
    measured,
    plannedMs,
  );
  const reasons = overLimits(figures, orders.count > 0 ? orders.p99 / 1_000 : null, limits);
  const workers = [...figures.workers];
  return { ...figures, workers, ceilingPerSecond, limits, saturated: reasons.length > 0, reasons };
};

/** What does not decide the verdict is said all the same. */
const generatorNotes = ({ limits, reasons = [] }: Result['generator']): string[] =>
  limits?.overLimits === 'note' ? reasons.map((reason) => `Load generator: ${reason}`) : [];

/** Durations that no histogram could hold: the percentiles know them only as its ends. */
const clampNotes = (count: (name: string) => number): string[] => {
  const [low, high] = [count('measure.clamped-low'), count('measure.clamped-high')];
  return [
    ...(low > 0 ? [`${formatCount(low)} durations came out below 0 and count as 0: clocks disagreed.`] : []),
    ...(high > 0 ? [`${formatCount(high)} durations were longer than 60 s and count as 60 s.`] : []),
  ];
};

/** The load was shorter than planned for want of rows. */
const exhaustedNotes = ({ scenario, feeds }: RunJob, count: (name: string) => number): string[] => {
  const first = firstExhausted(scenario.feeders, feeds);
  const begun = count('iterations.completed') + count('iterations.failed') + count('iterations.dropped');
  return first === undefined || begun < first.rows
    ? []
    : [`The load ended with the ${formatCount(first.rows)} rows of the feeder ${first.name}.`];
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

const stepsOf = ({ histograms }: Snapshot): StepRow[] =>
  stepRows(
    Object.fromEntries(
      Object.entries(histograms).flatMap(([series, encoded]) =>
        series.startsWith(`${STEP_METRIC}{`) ? [[series, summarize(encoded)]] : [],
      ),
    ),
  );

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

const runFigures = ({
  job,
  runId,
  endpoints,
  lockMasters,
  startedAtMs,
  durationMs,
}: Findings): Result['run'] => {
  const { scenario } = job;
  const { lock, stock, cache, queue } = scenario.engine;
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
    services: servicesOf(endpoints),
    ...(lockMasters.length > 0 && { lockMasters: lockMasters.map(described) }),
    command: job.command,
    configuration: { ...scenario },
  };
};

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
