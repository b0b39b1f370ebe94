import { availableParallelism, cpus, totalmem } from 'node:os';
import { version } from '../kernel/version.ts';
import type { Result } from '../report/model.ts';
import type { Endpoint, Endpoints } from '../services/types.ts';

/** The machine that this process is on. */
export const environment = (): Result['environment'] => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  node: process.versions.node,
  tradeSim: version(),
});

/** The services as reports name them: without their URLs. */
export const servicesOf = ({ redis, rabbitmq, postgres }: Endpoints): Result['run']['services'] => ({
  redis: described(redis),
  rabbitmq: described(rabbitmq),
  postgres: described(postgres),
});

/** A server as reports name it. */
export const described = ({ origin, version: serverVersion }: Endpoint) => ({
  origin,
  version: serverVersion,
});
