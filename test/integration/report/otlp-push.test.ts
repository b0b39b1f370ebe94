import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { OtlpPush } from '../../../src/report/metrics/otlp-push.ts';
import { otlpTargetOf } from '../../../src/report/metrics/otlp-target.ts';
import { resultFixture } from '../../support/result-fixture.ts';
import { newLiveMetrics } from '../../support/live-metrics.ts';

interface Pushed {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: {
    readonly resourceMetrics: readonly {
      readonly resource: {
        readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
      };
      readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
    }[];
  };
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

/** A collector that takes what comes and answers with `status`, or never. */
const collector = async (status: number | 'silent' = 200) => {
  const pushed: Pushed[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Pushed['body'];
      pushed.push({ path: request.url!, authorization: request.headers.authorization, body });
      if (status !== 'silent') response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { pushed, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const NEVER_MS = 3_600_000;

const pushTo = (url: string, periodMs = NEVER_MS) => {
  const lines: string[] = [];
  const live = newLiveMetrics();
  return {
    live,
    lines,
    push: new OtlpPush(otlpTargetOf(url, false), live, (line) => lines.push(line), periodMs),
  };
};

describe('pushing to a collector', () => {
  it('ends with the whole result', async () => {
    const { pushed, host } = await collector();
    const { live, lines, push } = pushTo(`http://me:secret@${host}`);
    live.end(resultFixture());
    await push.close();
    expect(lines).toEqual([]);
    expect(pushed).toHaveLength(1);
    const [{ path, authorization, body }] = pushed as [Pushed];
    expect(path).toBe('/v1/metrics');
    expect(authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
    const [{ resource, scopeMetrics }] = body.resourceMetrics as [Pushed['body']['resourceMetrics'][number]];
    expect(resource.attributes).toContainEqual({
      key: 'service.instance.id',
      value: { stringValue: 'k3v9x2ab' },
    });
    expect(scopeMetrics[0]!.metrics.map(({ name }) => name)).toEqual([
      'trade_sim.events',
      'trade_sim.latency',
      'trade_sim.exit_code',
    ]);
  });

  it('goes on while the run lasts', async () => {
    const { pushed, host } = await collector();
    const { live, push } = pushTo(`http://${host}`, 5);
    live.end(resultFixture());
    await expect.poll(() => pushed.length, { timeout: 20_000 }).toBeGreaterThan(2);
    await push.close();
  });

  it('sends nothing of a run that did not begin', async () => {
    const { pushed, host } = await collector();
    await pushTo(`http://${host}`).push.close();
    expect(pushed).toEqual([]);
  });

  it('says in one line that it does not work, without credentials', async () => {
    const { host } = await collector(401);
    const { live, lines, push } = pushTo(`http://me:secret@${host}`);
    live.end(resultFixture());
    await push.close();
    expect(lines).toEqual([expect.stringContaining(`could not be pushed to ${host}: Unauthorized`)]);
    expect(lines.join()).not.toContain('secret');
  });

  it('is over when a collector never answers', async () => {
    const { host } = await collector('silent');
    const { live, lines, push } = pushTo(`http://${host}`);
    live.end(resultFixture());
    await push.close();
    expect(lines).toEqual([expect.stringContaining(`could not be pushed to ${host}`)]);
  });

  it('is over soon when nobody is there', async () => {
    const { live, lines, push } = pushTo('http://127.0.0.1:1');
    live.end(resultFixture());
    await push.close();
    expect(lines).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });
});
