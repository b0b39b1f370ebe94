import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

const listen = async (): Promise<Server> => {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return server;
};

/**
 * Distinct ports of 127.0.0.1 that nobody listens on. Another process may take one before the server does: who
 * starts a server must be ready to try again with others.
 */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
  return ports;
};
