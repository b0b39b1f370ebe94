import { findBinaries, missingBinaries, type FoundBinaries } from './binaries.ts';
import type { ServiceName } from '../backends/ports.ts';
import { Instance } from './instance.ts';
import { startPostgres } from './local-postgres.ts';
import { startRabbitmq } from './local-rabbitmq.ts';
import { startRedis } from './local-redis.ts';
import type { LocalContext } from './local-server.ts';
import type { SupplyOptions, SupplyOutcome } from './supply.ts';
import { namesOf, SERVICE_LABELS, type LiveServer } from './types.ts';
import { requireVersion } from './versions.ts';

const STARTS: Readonly<
  Record<ServiceName, (context: LocalContext, found: FoundBinaries) => Promise<LiveServer> | undefined>
> = {
  redis: (context, { redis }) => redis && startRedis(context, redis),
  rabbitmq: (context, { rabbitmq }) => rabbitmq && startRabbitmq(context, rabbitmq),
  postgres: (context, { postgres }) => postgres && startPostgres(context, postgres),
};

/** Starts private servers side by side from the programs on this machine: all of them, or none. May repeat a service. */
export const supplyLocal = async (
  services: readonly ServiceName[],
  { keep, signal, onProgress }: SupplyOptions,
): Promise<SupplyOutcome> => {
  const found = findBinaries();
  const missing = missingBinaries(found, [...new Set(services)]);
  if (missing.length > 0) {
    const names = missing.map((service) => SERVICE_LABELS[service]).join(' and ');
    return { kind: 'unavailable', reason: `there are no programs of ${names} on this machine` };
  }
  onProgress(`Starting private ${namesOf(services)}`);
  const instance = await Instance.create(process.getuid?.() === 0 && services.includes('postgres'));
  const failed = new AbortController();
  const context = { instance, keep, signal: AbortSignal.any([signal, failed.signal]) };
  const starts = services.map(async (service) => {
    const server = await STARTS[service](context, found)!;
    requireVersion(service, server.version, 'the local programs');
    return server;
  });
  try {
    const servers = await Promise.all(starts);
    return { kind: 'supplied', origin: 'local', servers, instance };
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(starts);
    await instance.destroy();
    throw error;
  }
};
