import { Option, type Command } from 'commander';
import type { ServiceMode } from '../services/types.ts';
import { VariableOption } from './variable-option.ts';

/** The flags that say where Redis, RabbitMQ and PostgreSQL come from. */
export const addServiceOptions = (command: Command): Command =>
  command
    .addOption(
      new VariableOption(
        '--services <where>',
        'where Redis, RabbitMQ and PostgreSQL come from',
        'TRADE_SIM_SERVICES',
      )
        .choices(['auto', 'given', 'local', 'docker', 'embedded'] satisfies ServiceMode[])
        .default('auto', 'auto: given, else kept, else private local ones, else docker, else embedded'),
    )
    .addOption(
      new VariableOption('--redis <url>', 'a Redis that may be used: redis://… or rediss://…', 'REDIS_URL'),
    )
    .addOption(
      new VariableOption('--amqp <url>', 'a RabbitMQ that may be used: amqp://… or amqps://…', 'AMQP_URL'),
    )
    .addOption(
      new VariableOption(
        '--postgres <url>',
        'a PostgreSQL that may be used: postgres://…, with ?sslmode=verify-full for TLS',
        'DATABASE_URL',
      ),
    )
    .addOption(
      new VariableOption(
        '--lock-redis <urls>',
        'Redis servers for a lock that votes (redlock), independent of each other: redis://…,redis://…,redis://…',
        'TRADE_SIM_LOCK_REDIS',
      ),
    )
    .addOption(new Option('--allow-remote', 'let the load go to a host that is not this machine'));
