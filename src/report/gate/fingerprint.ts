import { isDeepStrictEqual } from 'node:util';
import { usageError } from '../../kernel/errors.ts';
import { SERVICE_LABELS, SERVICE_NAMES } from '../../services/types.ts';
import type { Baseline, Calibration } from './baseline.ts';
import type { Speed } from './judge.ts';
import type { GateReport } from './model.ts';

/** Ours: beyond, one factor for all metrics is no longer a description of another machine. */
const MAX_SPEED_RATIO = 2;
const MAX_DISAGREEMENT = 1.5;

const PARTS = ['cpu', 'redis', 'postgres'] as const;

/** How fast each part of this machine is, that of the baseline being 1; `mean` is the geometric one. */
export const speedRatios = (then: Calibration, now: Calibration): NonNullable<GateReport['speed']> => {
  const ratio = (part: (typeof PARTS)[number]) =>
    then[part] === null || now[part] === null ? null : now[part] / then[part];
  const [cpu, redis, postgres] = PARTS.map(ratio);
  const logs = partLogs({ cpu: cpu!, redis: redis!, postgres: postgres! });
  return {
    cpu: cpu!,
    redis: redis!,
    postgres: postgres!,
    mean: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length),
  };
};

const partLogs = (ratios: Readonly<Record<(typeof PARTS)[number], number | null>>): number[] =>
  PARTS.flatMap((part) => (ratios[part] === null ? [] : [Math.log(ratios[part])]));

/**
 * The speed that is divided out. How much a scenario leans on which part is not known: were it on one of them alone,
 * the true factor would be that part's, and so it lies between the slowest and the fastest.
 */
export const speedRange = (speed: NonNullable<GateReport['speed']>): Speed => {
  const logs = partLogs(speed);
  return { mean: Math.log(speed.mean), low: Math.min(...logs), high: Math.max(...logs) };
};

type Here = Pick<GateReport, 'environment' | 'services'>;

/** Why a recorded baseline says nothing of this machine; empty: it can be judged by. */
export const unlikeness = (
  { environment, services }: Here,
  baseline: Pick<Baseline, 'environment' | 'services'>,
  speed: NonNullable<GateReport['speed']>,
): string[] => {
  const reasons: string[] = [];
  const differ = (what: string, here: string | number, then: string | number) => {
    if (here !== then) reasons.push(`${what}: ${here} here, ${then} in the baseline`);
  };
  differ('cores', environment.cores, baseline.environment.cores);
  differ('Node.js', majorOf(environment.node), majorOf(baseline.environment.node));
  for (const service of SERVICE_NAMES)
    differ(SERVICE_LABELS[service], kindOf(services[service]), kindOf(baseline.services[service]));
  const { mean, low, high } = speedRange(speed);
  if (Math.abs(mean) > Math.log(MAX_SPEED_RATIO))
    reasons.push(`this machine is ${speed.mean.toFixed(2)} times as fast as that of the baseline`);
  if (high - low > Math.log(MAX_DISAGREEMENT))
    reasons.push(
      `its parts differ too much in how fast they are beside those of the baseline: ${describeSpeed(speed)}`,
    );
  return reasons;
};

/** `CPU 1.10, Redis 0.98, PostgreSQL 1.02`. */
export const describeSpeed = ({ cpu, redis, postgres }: NonNullable<GateReport['speed']>): string =>
  [
    `CPU ${cpu.toFixed(2)}`,
    ...(redis === null ? [] : [`Redis ${redis.toFixed(2)}`]),
    ...(postgres === null ? [] : [`PostgreSQL ${postgres.toFixed(2)}`]),
  ].join(', ');

const majorOf = (version: string): string => version.split('.')[0]!;

const kindOf = ({ origin, version }: Here['services']['redis']): string =>
  origin === 'embedded' ? 'embedded' : majorOf(version);

/** What differs without making a verdict impossible. */
export const differences = (
  { environment, services }: Here,
  baseline: Baseline,
  engine: unknown,
): string[] => [
  ...(environment.cpu === baseline.environment.cpu
    ? []
    : [`Another processor: ${environment.cpu} here, ${baseline.environment.cpu} in the baseline.`]),
  ...SERVICE_NAMES.filter(
    (service) =>
      kindOf(services[service]) === kindOf(baseline.services[service]) &&
      services[service].version !== baseline.services[service].version,
  ).map(
    (service) =>
      `${SERVICE_LABELS[service]} ${services[service].version} here, ${baseline.services[service].version} in the baseline.`,
  ),
  ...(isDeepStrictEqual(plain(engine), baseline.configuration['engine'])
    ? []
    : ['The engine is configured otherwise than in the baseline: that is part of what is judged.']),
];

/** Another load measures something else: that is a mistake and no regression. */
export const requireSameLoad = (
  name: string,
  { scenario, configuration }: Baseline,
  now: Readonly<Record<string, unknown>> & { readonly name: string },
): void => {
  const other = ['journey', 'catalog', 'load'].filter(
    (field) => !isDeepStrictEqual(plain(now[field]), configuration[field]),
  );
  if (now.name === scenario && other.length === 0) return;
  const what = now.name === scenario ? `with another ${other.join(' and ')}` : `of ${scenario}`;
  throw usageError(
    `${name} is a baseline ${what}`,
    'Give the flags it was recorded with (trade-sim baseline show), or record it anew.',
  );
};

/** As it comes back from a file. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown;
