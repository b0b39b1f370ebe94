import { chmodSync, chownSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { vi } from 'vitest';
import { findBinaries } from '../../src/services/binaries.ts';
import { freePorts } from '../../src/services/free-ports.ts';
import { probe } from '../../src/services/probe.ts';
import { outputOf, runCommand } from '../../src/services/run-command.ts';
import type { Certificates } from '../support/certificates.ts';
import { processesOf, startServers, type PrivateServers } from './private-servers.ts';

const LIMIT_MS = 30_000;

/** `url` with another protocol and port. */
const movedTo = (url: string, protocol: string, port: number): string => {
  const moved = new URL(url);
  moved.port = String(port);
  // A URL refuses to change a protocol of its own kind.
  return moved.href.replace(/^\w+:/, protocol);
};

const secureRedis = async (url: string, { authority, certificate, key }: Certificates): Promise<string> => {
  const [port] = await freePorts(1);
  const redis = new Redis(url);
  try {
    const files = ['tls-ca-cert-file', authority, 'tls-cert-file', certificate, 'tls-key-file', key];
    await redis.call('CONFIG', 'SET', ...files, 'tls-auth-clients', 'no', 'tls-port', port!, 'port', 0);
  } finally {
    redis.disconnect();
  }
  return movedTo(url, 'rediss:', port!);
};

const environmentOf = (pid: number): NodeJS.ProcessEnv =>
  Object.fromEntries(
    readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((entry) => /^(\w+)=([^]*)$/.exec(entry)?.slice(1) ?? []),
  );

const secureRabbitmq = async (url: string, { certificate, key }: Certificates): Promise<string> => {
  const [port] = await freePorts(1);
  const erlang = `
    {ok, _} = application:ensure_all_started(ssl),
    Files = [{certfile, "${certificate}"}, {keyfile, "${key}"}],
    ok = rabbit_networking:start_ssl_listener({"127.0.0.1", ${port}}, Files, 10),
    rabbit_networking:stop_tcp_listener({"127.0.0.1", ${new URL(url).port}}).`;
  const control = join(dirname(findBinaries().rabbitmq!.server), 'rabbitmqctl');
  const [server] = processesOf('rabbitmq', url);
  // The node's own environment leads there: its name, its port mapper, and the home of its cookie.
  const options = { deadlineMs: LIMIT_MS, env: environmentOf(server!) };
  const result = await runCommand(control, ['eval', erlang], options);
  if (outputOf(result) !== 'ok') throw new Error(`RabbitMQ got no TLS: ${JSON.stringify(result)}`);
  return movedTo(url, 'amqps:', port!);
};

const securePostgres = async (url: string, { certificate, key }: Certificates): Promise<string> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    const data = rows[0]!.data_directory;
    const { uid, gid } = statSync(data);
    const install = (file: string, name: string) => {
      const path = join(data, name);
      copyFileSync(file, path);
      chmodSync(path, 0o600);
      chownSync(path, uid, gid);
    };
    install(certificate, 'server.crt');
    install(key, 'server.key');
    writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
    await client.query('ALTER SYSTEM SET ssl = on');
    await client.query('SELECT pg_reload_conf()');
  } finally {
    await client.end();
  }
  // The server reads its files again in its own time.
  await vi.waitFor(() => probe('postgres', `${url}?sslmode=require`), { timeout: LIMIT_MS });
  return `${url}?sslmode=verify-full`;
};

/** Private servers that are reached over TLS only. Gives the URLs that led to them before, too. */
export const startTlsServers = async (
  files: Certificates,
): Promise<PrivateServers & { readonly plain: PrivateServers['urls'] }> => {
  const { urls: plain, stop } = await startServers();
  try {
    const [redis, rabbitmq, postgres] = await Promise.all([
      secureRedis(plain.redis, files),
      secureRabbitmq(plain.rabbitmq, files),
      securePostgres(plain.postgres, files),
    ]);
    return { urls: { redis, rabbitmq, postgres }, plain, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
