import { encode, newHistogram } from '../../src/measure/histogram.ts';
import { type LatencySummary, summarize } from '../../src/measure/summary.ts';
import type { Result } from '../../src/report/model.ts';

/** By share of the values below, in medians. */
const SHAPE = [
  [0.5, 1],
  [0.9, 2],
  [0.95, 2.4],
  [0.99, 3],
  [0.999, 6],
  [1, 9],
] as const;
const encoded = new Map<string, string>();

/** A histogram of `count` values whose percentiles are those of the summary below, to three digits. */
const hdrOf = (count: number, scaleUs: number): string => {
  const key = `${count} ${scaleUs}`;
  const known = encoded.get(key);
  if (known !== undefined) return known;
  const histogram = newHistogram();
  let recorded = 0;
  for (const [share, medians] of SHAPE) {
    const upTo = Math.round(count * share);
    if (upTo > recorded) histogram.recordValueWithCount(Math.round(medians * scaleUs), upTo - recorded);
    recorded = upTo;
  }
  const { hdr } = summarize(count === 0 ? undefined : encode(histogram));
  histogram.destroy();
  encoded.set(key, hdr);
  return hdr;
};

/** A summary as a run gives it: `scaleUs` is its median in µs. */
export const latencySummary = (count: number, scaleUs: number): LatencySummary => ({
  unit: 'us',
  count,
  min: Math.round(scaleUs * 0.2),
  mean: Math.round(scaleUs * 1.3 * 10) / 10,
  p50: scaleUs,
  p90: scaleUs * 2,
  p95: scaleUs * 2.4,
  p99: scaleUs * 3,
  p999: scaleUs * 6,
  max: scaleUs * 9,
  hdr: hdrOf(count, scaleUs),
});

export const held = (invariant: string, detail: string): Result['audit'][number] => ({
  invariant,
  verdict: 'held',
  detail,
  offenders: [],
});

/** The result of a plausible flash sale that passed; `changes` replace whole fields. */
export const resultFixture = (changes: Partial<Result> = {}): Result => ({
  schema: 'trade-sim.result/1',
  verdict: 'passed',
  exitCode: 0,
  reasons: ['7 of 7 invariants held, 2 of 2 thresholds passed'],
  interrupted: false,
  notes: ['RabbitMQ is embedded: no rabbitmq-server was found on this machine'],
  run: {
    id: 'k3v9x2ab',
    scenario: 'flash-sale',
    seed: 42,
    startedAt: '2025-11-24T08:43:12.250Z',
    durationMs: 30_012,
    nodes: 2,
    vus: 200,
    strategies: { lock: 'token', stock: 'lua', cache: 'aside', queue: 'confirm', ledger: 'postgres' },
    services: {
      redis: { origin: 'local', version: '7.0.15' },
      rabbitmq: { origin: 'embedded', version: 'model' },
      postgres: { origin: 'local', version: '15.14' },
    },
    command: 'trade-sim run flash-sale --seed 42',
    configuration: { catalog: { skus: 1, stockPerSku: 1_000 }, engine: { lock: 'token', stock: 'lua' } },
  },
  environment: {
    cpu: 'AMD EPYC 7763 64-Core Processor',
    cores: 2,
    memoryBytes: 25_769_803_776,
    node: '20.20.2',
    tradeSim: '0.1.0',
  },
  orders: {
    attempted: 312_650,
    accepted: 1_000,
    replayed: 200,
    soldOut: 300_000,
    limitReached: 11_440,
    contended: 10,
    failed: 0,
    unknown: 0,
    paid: 0,
    cancelled: 0,
    attemptedPerSecond: 10_417.5,
    acceptedPerSecond: 33.3,
    soldOutAtMs: 430,
  },
  failures: [],
  iterations: { completed: 312_650, failed: 0, dropped: 0, perSecond: 10_417.5 },
  latency: {
    'order.latency': latencySummary(312_650, 9_600),
    'lock.wait': latencySummary(1_210, 4_200),
    'lock.hold': latencySummary(1_200, 1_010),
    'stock.latency': latencySummary(312_640, 310),
    'cache.latency': latencySummary(625_300, 118),
    'publish.latency': latencySummary(1_000, 523),
    'persist.lag': latencySummary(1_000, 12_400),
    'iteration.response': latencySummary(312_650, 9_900),
    'iteration.service': latencySummary(312_650, 9_900),
    'schedule.lag': latencySummary(0, 0),
  },
  cache: {
    reads: 625_300,
    hits: 624_900,
    hitRatio: 0.99936,
    loads: 400,
    expiries: 160,
    peakConcurrentLoads: 3,
    lostWrites: 0,
  },
  lock: {
    attempts: 1_210,
    acquired: 1_200,
    contended: 10,
    expired: 0,
    acquireRatio: 0.9917,
    serialBound: { ordersPerSecond: 989, cycleUs: 1_011, reachedRatio: 0.83 },
  },
  queue: { published: 1_000, confirmed: 1_000, delivered: 1_000, redelivered: 0, deadLettered: 0 },
  cost: { redisCommandsPerOrder: 3.9, messagesPerOrder: 1, transactionsPerOrder: 0.01, cpuMsPerOrder: 0.12 },
  model: { P: 0.9917, Q: 1, C: 0.99936 },
  stock: [{ sku: 0, initial: 1_000, available: 0, reserved: 1_000, sold: 0, oversold: 0 }],
  stockTotal: { skus: 1, initial: 1_000, available: 0, reserved: 1_000, sold: 0, oversold: 0 },
  audit: [
    held('no-oversell', '1,000 of 1,000 units sold, never more at any of 1,000 ledger entries'),
    held('stock-conservation', '0 available + 1,000 taken = 1,000 initial units of 1 SKU'),
    held('no-lost-orders', 'all 1,000 accepted orders are in the ledger'),
    held('no-phantom-orders', 'all 1,000 ledger orders have a receipt'),
    held('no-duplicate-orders', '1,000 keys, each with one order; 200 replays gave the same order'),
    held('per-user-limit', '1,000 users of 1 SKU, none with more than 1 unit'),
    held('no-lost-messages', 'all 1,000 confirmed order lines reached the ledger; 0 deliveries were repeats'),
  ],
  thresholds: [
    { text: 'order.latency:p99<200ms', verdict: 'passed', actual: 28_800 },
    { text: 'orders.failed:share<0.1%', verdict: 'passed', actual: 0 },
  ],
  generator: {
    eventLoopUtilization: 0.618,
    loopDelayP99Ms: 12.1,
    gcPauseMs: 84,
    loopDelayMaxMs: 31.4,
    gcPauses: 41,
    gcPauseMaxMs: 9.2,
    cpuRatio: 0.58,
    stealRatio: 0.001,
    arrivals: null,
    ceilingPerSecond: 512_400,
    limits: {
      overLimits: 'inconclusive',
      minBegun: 0.99,
      maxDropped: 0.001,
      maxLatenessMs: 100,
      maxBusy: 0.98,
      maxLoopDelayMs: 50,
      maxSteal: 0.02,
    },
    workers: [
      {
        eventLoopUtilization: 0.618,
        loopDelayP99Ms: 12.1,
        gcPauseMs: 84,
        loopDelayMaxMs: 31.4,
        gcPauses: 41,
        gcPauseMaxMs: 9.2,
      },
    ],
    saturated: false,
    reasons: [],
  },
  timeline: [
    {
      atMs: 1_000,
      iterations: 10_420,
      accepted: 1_000,
      p50: 9_500,
      p99: 28_000,
      cacheHitRatio: 0.97,
      stockLeft: 0,
      cacheLoads: 400,
      queueDepth: 120,
      persistLagP99: 37_200,
    },
    {
      atMs: 2_000,
      iterations: 10_400,
      accepted: 0,
      p50: 9_600,
      p99: 28_900,
      cacheHitRatio: 1,
      stockLeft: 0,
      cacheLoads: 0,
      queueDepth: 0,
      persistLagP99: null,
    },
  ],
  ...changes,
});
