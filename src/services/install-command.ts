import type { ServiceName } from '../backends/ports.ts';

interface PackageManager {
  readonly command: string;
  readonly packages: Readonly<Record<ServiceName, string>>;
}

const BREW: PackageManager = {
  command: 'brew install',
  packages: { redis: 'redis', rabbitmq: 'rabbitmq', postgres: 'postgresql@16' },
};

/** By the identifiers of os-release(5). */
const BY_DISTRIBUTION: readonly (PackageManager & { readonly ids: RegExp })[] = [
  {
    ids: /^(debian|ubuntu)$/,
    command: 'sudo apt-get install',
    packages: { redis: 'redis-server', rabbitmq: 'rabbitmq-server', postgres: 'postgresql' },
  },
  {
    ids: /^(fedora|rhel|centos)$/,
    command: 'sudo dnf install',
    packages: { redis: 'redis', rabbitmq: 'rabbitmq-server', postgres: 'postgresql-server' },
  },
  {
    ids: /^alpine$/,
    command: 'sudo apk add',
    packages: { redis: 'redis', rabbitmq: 'rabbitmq-server', postgres: 'postgresql' },
  },
  {
    ids: /^arch$/,
    command: 'sudo pacman -S',
    packages: { redis: 'redis', rabbitmq: 'rabbitmq', postgres: 'postgresql' },
  },
];

const distributionIds = (osRelease: string): string[] =>
  [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap((match) => match[1]!.split(' '));

/** The one command that gets the missing servers on this kind of machine. */
export const installCommand = (
  missing: readonly ServiceName[],
  platform: NodeJS.Platform,
  osRelease: string,
): string | undefined => {
  if (missing.length === 0) return undefined;
  const ids = distributionIds(osRelease);
  const manager =
    platform === 'darwin' ? BREW : BY_DISTRIBUTION.find((known) => ids.some((id) => known.ids.test(id)));
  if (manager === undefined) return 'Install Docker: https://docs.docker.com/get-docker/';
  return [manager.command, ...missing.map((service) => manager.packages[service])].join(' ');
};
