import type { ServiceName } from '../backends/ports.ts';
import { serviceError } from '../kernel/errors.ts';
import { sourcesOf } from './kept.ts';
import { probe } from './probe.ts';
import { reapOrphans, type Reaped } from './reap.ts';
import { parseServiceUrl, requireLoopback, type ServiceUrl } from './service-url.ts';
import { firstSupply, supplyFailure } from './supply.ts';
import {
  SERVICE_LABELS,
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

const namesOf = (services: readonly ServiceName[]): string =>
  services.map((service) => SERVICE_LABELS[service]).join(', ');

/** Reads all given URLs before the first connection is made. */
const readGiven = ({ given, allowRemote }: ProvisionRequest): ServiceUrl[] => {
  const urls = SERVICE_NAMES.flatMap((service) => {
    const url = given[service];
    return url === undefined ? [] : [parseServiceUrl(service, url)];
  });
  if (!allowRemote) urls.forEach(requireLoopback);
  return urls;
};

const probeGiven = async ({ service, url, where }: ServiceUrl): Promise<Endpoint> => {
  const version = await probe(service, url);
  requireVersion(service, version, where);
  return { service, origin: 'given', url, version, outlivesRun: true };
};

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

/**
 * Finds or starts Redis, RabbitMQ and PostgreSQL. A given URL is used as it is; the others come from one source.
 * Rejects with a usage error for what may not be connected to, and with a service error for what does not work.
 */
export const provision = async (
  request: ProvisionRequest,
  options: ProvisionOptions,
  sources: typeof sourcesOf = sourcesOf,
): Promise<Provisioned> => {
  const { mode } = request;
  const usesGiven = mode === 'auto' || mode === 'given';
  const given = usesGiven ? readGiven(request) : [];
  const ignored = SERVICE_NAMES.filter((service) => !usesGiven && request.given[service] !== undefined);
  const reaped = await reapOrphans();
  const probed = await Promise.all(given.map(probeGiven));
  const rest = SERVICE_NAMES.filter((service) => !given.some((url) => url.service === service));
  const supplied = await supplyRest(mode, rest, options, sources);
  return {
    endpoints: byService([...probed, ...supplied.endpoints]),
    notes: [
      ...reaped.map(reapNote),
      ...(ignored.length > 0
        ? [`Given URLs are not used under --services ${mode}: ${namesOf(ignored)}.`]
        : []),
      ...supplied.notes,
    ],
    stop: supplied.stop,
  };
};
