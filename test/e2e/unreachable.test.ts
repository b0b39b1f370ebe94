import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, test } from 'vitest';
import type { ServiceName } from '../../src/backends/ports.ts';
import { startServers, type PrivateServers } from './private-servers.ts';
import { expectRefusal } from './refusals.ts';
import { Home } from './trade-sim.ts';

const home = new Home();
let given: PrivateServers;
/** Takes connections and says nothing. */
let silent: Server;
let refusedPort = 0;

const listen = async (): Promise<Server> => {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  given = await startServers();
  silent = await listen();
  const closed = await listen();
  refusedPort = portOf(closed);
  closed.close();
});

afterAll(async () => {
  silent.close();
  await given.stop();
  home.remove();
});

const changed = (service: ServiceName, change: (url: URL) => void): Record<ServiceName, string> => {
  const url = new URL(given.urls[service]);
  change(url);
  return { ...given.urls, [service]: url.href };
};

const SERVICES = ['redis', 'rabbitmq', 'postgres'] as const;

test.each(SERVICES)('a wrong password for %s', async (service) => {
  const urls = changed(service, (url) => {
    url.password = 'open-sesame';
  });
  await expectRefusal(home, urls, /refused the user or the password$/);
});

test.each(SERVICES)('a port that refuses, for %s', async (service) => {
  const urls = changed(service, (url) => {
    url.port = String(refusedPort);
  });
  await expectRefusal(home, urls, /refused the connection: nothing listens there$/);
});

test.each(SERVICES)('a port that never answers, for %s', async (service) => {
  const urls = changed(service, (url) => {
    url.port = String(portOf(silent));
  });
  await expectRefusal(home, urls, /did not answer within 5\.00s$/);
});
