import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, usageError } from '../../kernel/errors.ts';
import type { LiveMetrics } from './live.ts';
import { PROMETHEUS_TYPE, prometheusText } from './prometheus-text.ts';

const MAX_CONNECTIONS = 16;
const LIMIT_MS = 5_000;
const PATH = '/metrics';

export interface MetricsServer {
  readonly url: string;
  /** Ends it at once, with the requests under way. */
  close(): Promise<void>;
}

const answer = (live: LiveMetrics, request: IncomingMessage, response: ServerResponse): void => {
  const send = (status: number, type: string, text: string, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers });
    response.end(text);
  };
  const [path] = (request.url ?? '').split('?');
  if (path !== PATH) send(404, 'text/plain; charset=utf-8', `The metrics are at ${PATH}.\n`);
  else if (request.method !== 'GET' && request.method !== 'HEAD')
    send(405, 'text/plain; charset=utf-8', 'Only GET.\n', { allow: 'GET, HEAD' });
  else
    send(
      200,
      PROMETHEUS_TYPE,
      prometheusText([live.info(), ...live.metrics()], { scenario: live.labels['scenario']! }),
    );
};

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    // For good: what fails later must not end the run.
    server.on('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });

/**
 * Serves the figures of a run to Prometheus, at `/metrics`. Port 0 takes any that is free. Rejects with a usage error
 * when it cannot listen there.
 */
export const serveMetrics = async (live: LiveMetrics, host: string, port: number): Promise<MetricsServer> => {
  const server = createServer(
    { requestTimeout: LIMIT_MS, headersTimeout: LIMIT_MS, keepAliveTimeout: LIMIT_MS },
    (request, response) => answer(live, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = LIMIT_MS;
  try {
    await listen(server, host, port);
  } catch (error) {
    throw usageError(
      `the metrics cannot be served at ${host}:${port}: ${messageOf(error)}`,
      'Name a free port and an address of this machine; port 0 takes any that is free.',
      error,
    );
  }
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shown}:${address.port}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
