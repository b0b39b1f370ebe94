import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { serveMetrics, type MetricsServer } from '../../../src/report/metrics/server.ts';
import { newLiveMetrics } from '../../support/live-metrics.ts';

const servers: MetricsServer[] = [];
const serve = async (port = 0): Promise<MetricsServer> => {
  const server = await serveMetrics(newLiveMetrics(), '127.0.0.1', port);
  servers.push(server);
  return server;
};

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('the metrics of a run over HTTP', () => {
  it('are text that Prometheus reads', async () => {
    const { url } = await serve();
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    expect(text).toContain('# TYPE trade_sim_events_total counter\n');
    expect(text).toContain(
      'trade_sim_run_info{scenario="flash-sale",run="",seed="42",nodes="2",lock="token",stock="lua",cache="aside",queue="confirm"} 1\n',
    );
  });

  it('are at one path, and only to be read', async () => {
    const { url } = await serve();
    expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404);
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405);
    const head = await fetch(`${url}?name=x`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('are refused a port that is taken, with what to do', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(serve(port)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`127.0.0.1:${port}: listen EADDRINUSE`) as string,
      hint: expect.stringContaining('a free port') as string,
    });
  });

  it('end with the run, whoever is still connected', async () => {
    const server = await serve();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await server.close();
    await gone;
    const refused = new Promise<NodeJS.ErrnoException>((resolve) =>
      request(server.url).once('error', resolve).end(),
    );
    expect((await refused).code).toBe('ECONNREFUSED');
  });
});
