import { fileURLToPath } from 'node:url';
import type { ServiceName } from '../backends/ports.ts';
import { outputOf, type CommandOptions, type CommandResult, type RunCommand } from './run-command.ts';

/** In the package's root, both from `src/` and from `dist/`. */
const COMPOSE_FILE = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));

const CONTAINER_PORTS: Readonly<Record<ServiceName, number>> = {
  redis: 6379,
  rabbitmq: 5672,
  postgres: 5432,
};

const ENGINE_DEADLINE_MS = 2_000;
const QUERY_DEADLINE_MS = 10_000;
const DOWN_DEADLINE_MS = 60_000;
/** The first start pulls images. */
const UP_DEADLINE_MS = 300_000;

export type DockerState =
  | { readonly kind: 'ready'; readonly engine: string; readonly compose: string }
  | { readonly kind: 'unusable'; readonly reason: string };

/** Whether a Docker engine really answers and has Compose. */
export const askDocker = async (run: RunCommand): Promise<DockerState> => {
  const options = { deadlineMs: ENGINE_DEADLINE_MS };
  const [engine, compose] = await Promise.all([
    run('docker', ['version', '--format', '{{.Server.Version}}'], options),
    run('docker', ['compose', 'version', '--short'], options),
  ]);
  const [engineVersion, composeVersion] = [outputOf(engine), outputOf(compose)];
  if (engine.kind === 'failed') return { kind: 'unusable', reason: engine.reason };
  if (!engineVersion) return { kind: 'unusable', reason: 'no Docker engine answers' };
  if (!composeVersion) return { kind: 'unusable', reason: 'Docker has no Compose plugin' };
  return { kind: 'ready', engine: engineVersion, compose: composeVersion };
};

/** One Compose project of ours. The file asks for a password on every command, though only `up` uses it. */
export class ComposeProject {
  readonly #name: string;
  readonly #run: RunCommand;
  readonly #password: string;

  constructor(name: string, run: RunCommand, password = 'unused') {
    this.#name = name;
    this.#run = run;
    this.#password = password;
  }

  /** A service that is repeated gets as many containers. */
  up(services: readonly ServiceName[], signal: AbortSignal): Promise<CommandResult> {
    const names = [...new Set(services)];
    const scales = names.flatMap((name) => {
      const count = services.filter((service) => service === name).length;
      return count > 1 ? ['--scale', `${name}=${count}`] : [];
    });
    return this.#compose(['up', '--detach', '--wait', ...scales, ...names], {
      deadlineMs: UP_DEADLINE_MS,
      signal,
    });
  }

  /** The host's port that leads to a service's container, counted from 1; undefined when there is none. */
  async port(service: ServiceName, container = 1): Promise<number | undefined> {
    const index = container > 1 ? ['--index', String(container)] : [];
    const args = ['port', ...index, service, String(CONTAINER_PORTS[service])];
    return parsePort(outputOf(await this.#compose(args, { deadlineMs: QUERY_DEADLINE_MS })) ?? '');
  }

  async isRunning(): Promise<boolean> {
    const result = await this.#compose(['ps', '--quiet'], { deadlineMs: QUERY_DEADLINE_MS });
    return Boolean(outputOf(result));
  }

  down(): Promise<CommandResult> {
    const args = ['down', '--volumes', '--timeout', '1'];
    return this.#compose(args, { deadlineMs: DOWN_DEADLINE_MS });
  }

  #compose(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
    return this.#run('docker', ['compose', '--file', COMPOSE_FILE, '--project-name', this.#name, ...args], {
      ...options,
      env: { ...process.env, TRADE_SIM_PASSWORD: this.#password },
    });
  }
}

/** Reads the output of `docker compose port`: `127.0.0.1:49153`, one line per binding. */
const parsePort = (output: string): number | undefined => {
  const match = /^127\.0\.0\.1:(\d+)$/m.exec(output);
  return match === null ? undefined : Number(match[1]);
};
