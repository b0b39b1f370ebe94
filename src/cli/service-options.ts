import { Option, type Command } from 'commander';
import { loadServices } from '../scenarios/load-file.ts';
import type { ProvisionRequest, ServiceMode } from '../services/types.ts';
import { scenariosFileOf } from './scenario-options.ts';

/** The flags that say where Redis, RabbitMQ and PostgreSQL come from. */
export const addServiceOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--services <where>', 'where Redis, RabbitMQ and PostgreSQL come from')
        .choices(['auto', 'given', 'local', 'docker', 'embedded'])
        .default('auto', 'auto: given, else kept, else private local ones, else docker, else embedded')
        .env('TRADE_SIM_SERVICES'),
    )
    .addOption(new Option('--redis <url>', 'a Redis that may be used: redis://…').env('REDIS_URL'))
    .addOption(new Option('--amqp <url>', 'a RabbitMQ that may be used: amqp://…').env('AMQP_URL'))
    .addOption(
      new Option('--postgres <url>', 'a PostgreSQL that may be used: postgres://…').env('DATABASE_URL'),
    )
    .option('--allow-remote', 'let the load go to a host that is not this machine');

interface ServiceOptionValues {
  readonly services: ServiceMode;
  readonly redis?: string;
  readonly amqp?: string;
  readonly postgres?: string;
  readonly allowRemote?: boolean;
}

/** What flags and environment say; then what the scenarios file says. */
export const provisionRequestOf = (command: Command): ProvisionRequest => {
  const file = scenariosFileOf(command);
  const options = command.opts<ServiceOptionValues>();
  const { services, allowRemote } = options;
  const { redis, amqp, postgres } = { ...loadServices(file.path, file.text), ...given(options) };
  return {
    mode: services,
    given: {
      ...(redis !== undefined && { redis }),
      ...(amqp !== undefined && { rabbitmq: amqp }),
      ...(postgres !== undefined && { postgres }),
    },
    allowRemote: allowRemote === true,
  };
};

const given = ({ redis, amqp, postgres }: ServiceOptionValues) => ({
  ...(redis !== undefined && { redis }),
  ...(amqp !== undefined && { amqp }),
  ...(postgres !== undefined && { postgres }),
});
