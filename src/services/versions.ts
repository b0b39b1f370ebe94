import type { ServiceName } from '../backends/ports.ts';
import { serviceError } from '../kernel/errors.ts';
import { SERVICE_LABELS } from './types.ts';

/** The oldest releases trade-sim is compatible with. */
const MINIMUM_VERSIONS: Readonly<Record<ServiceName, string>> = {
  redis: '7.0',
  rabbitmq: '3.10',
  postgres: '15',
};

const majorMinor = (version: string): readonly [number, number] | undefined => {
  const match = /^(\d+)(?:\.(\d+))?/.exec(version);
  return match === null ? undefined : [Number(match[1]), Number(match[2] ?? 0)];
};

/** Whether `version` may be used. A version that cannot be read may not. */
export const isRecentEnough = (service: ServiceName, version: string): boolean => {
  const actual = majorMinor(version);
  const minimum = majorMinor(MINIMUM_VERSIONS[service]);
  if (actual === undefined || minimum === undefined) return false;
  return actual[0] === minimum[0] ? actual[1] >= minimum[1] : actual[0] > minimum[0];
};

/** Throws a service error when `version` is too old. `where` is a host and port, or a path. */
export const requireVersion = (service: ServiceName, version: string, where: string): void => {
  if (isRecentEnough(service, version)) return;
  const label = SERVICE_LABELS[service];
  throw serviceError(
    `${label} at ${where} is version ${version || 'unknown'}; trade-sim needs ${MINIMUM_VERSIONS[service]} or newer`,
    `Upgrade ${label}, or let trade-sim use other services (--services docker or embedded).`,
  );
};
