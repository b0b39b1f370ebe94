import type { ServiceName } from '../backends/ports.ts';
import { serviceError, usageError } from '../kernel/errors.ts';
import { sourcesOf, startersOf } from './kept.ts';
import { probe } from './probe.ts';
import { reapOrphans, type Reaped } from './reap.ts';
import { parseServiceUrl, requireLoopback, type ServiceUrl } from './service-url.ts';
import { firstSupply, supplyFailure } from './supply.ts';
import {
  namesOf,
  SERVICE_NAMES,
  type Endpoint,
  type Endpoints,
  type Provisioned,
  type ProvisionOptions,
  type ProvisionRequest,
  type ServiceMode,
} from './types.ts';
import { requireVersion } from './versions.ts';

interface Part {
  readonly endpoints: readonly Endpoint[];
  readonly notes: readonly string[];
  readonly stop: () => Promise<void>;
}

interface Given {
  readonly services: readonly ServiceUrl[];
  readonly lockMasters: readonly ServiceUrl[] | undefined;
}

/** Reads all given URLs before the first connection is made. */
const readGiven = ({ given, allowRemote, lockMasters: wanted = 0 }: ProvisionRequest): Given => {
  const services = SERVICE_NAMES.flatMap((service) => {
    const url = given[service];
    return url === undefined ? [] : [parseServiceUrl(service, url)];
  });
  const lockMasters = given.lockMasters?.map((url) => parseServiceUrl('redis', url));
  if (!allowRemote) [...services, ...(lockMasters ?? [])].forEach(requireLoopback);
  if (lockMasters !== undefined) requireIndependent(lockMasters, wanted);
  return { services, lockMasters: lockMasters?.slice(0, wanted) };
};

/** Two votes of one server are one vote. */
const requireIndependent = (masters: readonly ServiceUrl[], wanted: number): void => {
  const places = masters.map(({ where }) => where);
  const twice = places.find((where, index) => places.indexOf(where) !== index);
  if (twice !== undefined)
    throw usageError(
      `--lock-redis names ${twice} twice`,
      'Lock masters must be independent servers: another database of one server does not count.',
    );
  if (masters.length < wanted)
    throw usageError(
      `--lock-redis names ${masters.length} servers, and the lock wants ${wanted}`,
      'Name as many, or have the lock ask for fewer: --set engine.lock.masters=3.',
    );
};

const givenNames = ({ given }: ProvisionRequest): string => {
  const services = namesOf(SERVICE_NAMES.filter((service) => given[service] !== undefined));
  return [services, given.lockMasters ? 'lock masters' : ''].filter((name) => name !== '').join(', ');
};

const probeGiven = async ({ service, url, where }: ServiceUrl): Promise<Endpoint> => {
  const version = await probe(service, url);
  requireVersion(service, version, where);
  return { service, origin: 'given', url, version, outlivesRun: true };
};

const probeAll = (urls: readonly ServiceUrl[]): Promise<Endpoint[]> => Promise.all(urls.map(probeGiven));

const embed = (services: readonly ServiceName[], notes: readonly string[]): Part => ({
  endpoints: services.map((service) => ({
    service,
    origin: 'embedded',
    url: undefined,
    version: 'model',
    outlivesRun: false,
  })),
  notes,
  stop: async () => {},
});

/** Servers for what was not given; under `auto`, the embedded models when there are none. */
const supplyRest = async (
  mode: ServiceMode,
  services: readonly ServiceName[],
  options: ProvisionOptions,
  sources: typeof sourcesOf,
): Promise<Part> => {
  if (services.length === 0 || mode === 'embedded') return embed(services, []);
  if (mode === 'given')
    throw serviceError(
      `--services given, but there is no URL for ${namesOf(services)}`,
      'Give --redis, --amqp and --postgres (or REDIS_URL, AMQP_URL and DATABASE_URL).',
    );
  const supply = await firstSupply(sources(mode), services, { ...options, keep: false });
  if (supply.kind === 'supplied')
    return {
      endpoints: supply.servers.map((server) => ({
        ...server,
        origin: supply.origin,
        outlivesRun: supply.instance === undefined,
      })),
      notes: [],
      stop: async () => void (await supply.instance?.destroy()),
    };
  if (mode !== 'auto') throw supplyFailure(supply.failures);
  const reasons = supply.failures.map(({ message }) => message).join('; ');
  return embed(services, [
    `Embedded models stand in for ${namesOf(services)}: ${reasons}. Their figures say nothing about real servers.`,
    'Run "trade-sim doctor" to see how to get the real ones.',
  ]);
};

const reapNote = ({ folder, processes, problem }: Reaped): string =>
  problem === undefined
    ? `Removed what a killed run had left in ${folder} (${processes} processes still ran).`
    : `A killed run left ${folder}, which could not be removed: ${problem}`;

const byService = (endpoints: readonly Endpoint[]): Endpoints =>
  Object.fromEntries(endpoints.map((endpoint) => [endpoint.service, endpoint])) as unknown as Endpoints;

/** Independent Redis servers for a lock that votes. Models stand beside models: such a run measures nothing else. */
const supplyLockMasters = async (
  { mode, lockMasters: wanted = 0 }: ProvisionRequest,
  given: readonly Endpoint[] | undefined,
  { origin }: Endpoint,
  options: ProvisionOptions,
  starters: typeof startersOf,
): Promise<Part> => {
  if (given !== undefined) return { endpoints: given, notes: [], stop: async () => {} };
  if (mode === 'given' && wanted > 0)
    throw serviceError(
      `--services given, but there is no URL for the ${wanted} Redis servers of the lock`,
      'Give --lock-redis (or TRADE_SIM_LOCK_REDIS).',
    );
  const masters = Array.from({ length: wanted }, () => 'redis' as const);
  return supplyRest(origin === 'embedded' ? 'embedded' : mode, masters, options, starters);
};

/** What `begun` has started is ended when `next` fails. */
const andThen = async (begun: Part, next: Promise<Part>): Promise<Part> => {
  try {
    return await next;
  } catch (error) {
    await begun.stop();
    throw error;
  }
};

/**
 * Finds or starts Redis, RabbitMQ and PostgreSQL, and what the lock wants beside. A given URL is used as it is; the
 * others come from one source. Rejects with a usage error for what may not be connected to, and with a service error
 * for what does not work.
 */
export const provision = async (
  request: ProvisionRequest,
  options: ProvisionOptions,
  sources: typeof sourcesOf = sourcesOf,
  starters: typeof startersOf = startersOf,
): Promise<Provisioned> => {
  const { mode } = request;
  const usesGiven = mode === 'auto' || mode === 'given';
  const given = usesGiven ? readGiven(request) : { services: [], lockMasters: undefined };
  const ignored = usesGiven ? '' : givenNames(request);
  const reaped = await reapOrphans();
  const [probed, givenMasters] = await Promise.all([
    probeAll(given.services),
    given.lockMasters && probeAll(given.lockMasters),
  ]);
  const rest = SERVICE_NAMES.filter((service) => !given.services.some((url) => url.service === service));
  const supplied = await supplyRest(mode, rest, options, sources);
  const endpoints = byService([...probed, ...supplied.endpoints]);
  const masters = await andThen(
    supplied,
    supplyLockMasters(request, givenMasters, endpoints.redis, options, starters),
  );
  return {
    endpoints,
    lockMasters: masters.endpoints,
    notes: [
      ...reaped.map(reapNote),
      ...(ignored === '' ? [] : [`Given URLs are not used under --services ${mode}: ${ignored}.`]),
      ...supplied.notes,
      ...masters.notes,
    ],
    stop: async () => void (await Promise.all([supplied.stop(), masters.stop()])),
  };
};
