import type { Command } from 'commander';
import { loadServices } from '../../scenarios/load-file.ts';
import type { ProvisionRequest, ServiceMode } from '../../services/types.ts';
import { scenariosFileOf } from './scenario-choice.ts';

interface ServiceOptionValues {
  readonly services: ServiceMode;
  readonly redis?: string;
  readonly amqp?: string;
  readonly postgres?: string;
  readonly lockRedis?: string;
  readonly allowRemote?: boolean;
}

/** What flags and environment say; then what the scenarios file says. */
export const provisionRequestOf = (command: Command): ProvisionRequest => {
  const file = scenariosFileOf(command);
  const options = command.opts<ServiceOptionValues>();
  const written = loadServices(file.path, file.text);
  const redis = options.redis ?? written.redis;
  const rabbitmq = options.amqp ?? written.amqp;
  const postgres = options.postgres ?? written.postgres;
  const lockMasters = options.lockRedis?.split(',').map((url) => url.trim()) ?? written.lockRedis;
  return {
    mode: options.services,
    given: {
      ...(redis !== undefined && { redis }),
      ...(rabbitmq !== undefined && { rabbitmq }),
      ...(postgres !== undefined && { postgres }),
      ...(lockMasters !== undefined && { lockMasters }),
    },
    allowRemote: options.allowRemote === true,
  };
};
