import type { ServiceName } from '../backends/ports.ts';
import { serviceError } from '../kernel/errors.ts';
import { askDocker, ComposeProject } from './compose.ts';
import { Instance } from './instance.ts';
import { newPassword } from './local-server.ts';
import { probe } from './probe.ts';
import { outputOf, runCommand, type RunCommand } from './run-command.ts';
import type { SupplyOptions, SupplyOutcome } from './supply.ts';
import type { LiveServer } from './types.ts';
import { requireVersion } from './versions.ts';

const URLS: Readonly<Record<ServiceName, (password: string, port: number) => string>> = {
  redis: (password, port) => `redis://:${password}@127.0.0.1:${port}`,
  rabbitmq: (password, port) => `amqp://trade_sim:${password}@127.0.0.1:${port}`,
  postgres: (password, port) => `postgres://trade_sim:${password}@127.0.0.1:${port}/postgres`,
};

const ask = async (
  project: ComposeProject,
  service: ServiceName,
  container: number,
  password: string,
): Promise<LiveServer> => {
  const port = await project.port(service, container);
  if (port === undefined) throw serviceError(`Docker published no port of 127.0.0.1 for ${service}`);
  const url = URLS[service](password, port);
  const version = await probe(service, url);
  requireVersion(service, version, `127.0.0.1:${port}`);
  return { service, url, version };
};

/** Starts private containers by the project's docker-compose.yml, when a Docker engine answers. */
export const supplyDocker = async (
  services: readonly ServiceName[],
  { signal, onProgress }: SupplyOptions,
  run: RunCommand = runCommand,
): Promise<SupplyOutcome> => {
  const docker = await askDocker(run);
  if (docker.kind === 'unusable') return { kind: 'unavailable', reason: docker.reason };
  onProgress('Starting private services by docker compose; the first time pulls their images');
  const instance = await Instance.create(false, run);
  try {
    const password = newPassword();
    const name = instance.name.toLowerCase();
    const project = new ComposeProject(name, run, password);
    instance.adoptCompose(name);
    const up = await project.up(services, signal);
    signal.throwIfAborted();
    if (outputOf(up) === undefined)
      throw serviceError(
        `docker compose failed: ${up.kind === 'exited' ? up.stderr.trim() : up.reason}`,
        'See `docker compose ls` and `docker info`.',
      );
    const servers = await Promise.all(
      services.map((service, index) => {
        const before = services.slice(0, index).filter((name) => name === service).length;
        return ask(project, service, before + 1, password);
      }),
    );
    return { kind: 'supplied', origin: 'docker', servers, instance };
  } catch (error) {
    // What went wrong first matters more; what is left of it goes with the next reaping.
    await instance.destroy().catch(() => {});
    throw error;
  }
};
