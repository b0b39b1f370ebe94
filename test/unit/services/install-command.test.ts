import { expect, test } from 'vitest';
import { installCommand } from '../../../src/services/install-command.ts';

test.each([
  ['linux', 'ID=debian\n', 'sudo apt-get install redis-server postgresql'],
  [
    'linux',
    'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n',
    'sudo apt-get install redis-server postgresql',
  ],
  ['linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'sudo dnf install redis postgresql-server'],
  ['linux', 'ID=alpine\n', 'sudo apk add redis postgresql'],
  ['darwin', '', 'brew install redis postgresql@16'],
  ['win32', '', 'Install Docker: https://docs.docker.com/get-docker/'],
] as const)('on %s with %j: %s', (platform, osRelease, command) => {
  expect(installCommand(['redis', 'postgres'], platform, osRelease)).toBe(command);
});

test('nothing to install when nothing is missing', () => {
  expect(installCommand([], 'linux', 'ID=debian\n')).toBeUndefined();
});
