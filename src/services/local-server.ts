import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { ServiceName } from '../backends/ports.ts';
import { sleep, wallClock } from '../kernel/clock.ts';
import { messageOf, serviceError, type TradeSimError } from '../kernel/errors.ts';
import { formatDuration } from '../kernel/units.ts';
import { freePorts } from './free-ports.ts';
import type { Instance, StopSignal } from './instance.ts';
import { probe } from './probe.ts';
import { endProcess } from './process-mark.ts';
import { startServer, type ServerProcess, type UserIds } from './server-process.ts';
import { SERVICE_LABELS, type LiveServer } from './types.ts';

export interface LocalContext {
  readonly instance: Instance;
  /** The servers are to outlive this process. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
}

interface Launch {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stopSignal: StopSignal;
  readonly user?: UserIds | undefined;
}

/** How one service is started on given ports. */
export interface LocalPlan {
  readonly service: ServiceName;
  readonly portCount: number;
  /** Starts its processes, the server itself last, and says where it will answer. */
  start(ports: readonly number[], launch: (command: Launch) => Promise<ServerProcess>): Promise<string>;
}

const ATTEMPTS_MAX = 3;
const READY_DEADLINE_MS = 60_000;
const PROBE_DEADLINE_MS = 2_000;
const POLL_MS = 50;
const LOG_TAIL_LINES = 8;
const PORT_TAKEN = /address already in use|eaddrinuse|address in use/i;

/** 192 bits, safe in URLs and configuration files. */
export const newPassword = (): string => randomBytes(24).toString('hex');

/** Calls until it resolves. Rejects when a server has exited, at the deadline, and on abort. */
export const untilReady = async <T>(
  context: LocalContext,
  service: ServiceName,
  servers: readonly ServerProcess[],
  attempt: () => Promise<T>,
): Promise<T> => {
  const end = wallClock.now() + READY_DEADLINE_MS;
  let reason = '';
  while (wallClock.now() < end) {
    context.signal.throwIfAborted();
    if (servers.some((server) => server.hasExited())) throw await exitFailure(service, servers);
    try {
      return await attempt();
    } catch (error) {
      reason = messageOf(error);
    }
    await sleep(wallClock, POLL_MS, context.signal);
  }
  throw serviceError(
    `The private ${SERVICE_LABELS[service]} was not ready after ${formatDuration(READY_DEADLINE_MS)}: ${reason}`,
  );
};

class PortTaken extends Error {}

const exitFailure = async (
  service: ServiceName,
  servers: readonly ServerProcess[],
): Promise<PortTaken | TradeSimError> => {
  const log = (await Promise.all(servers.map((server) => server.log()))).join('\n').trim();
  const tail = log.split('\n').slice(-LOG_TAIL_LINES).join('\n');
  const message = `The private ${SERVICE_LABELS[service]} ended while it started:\n${tail}`;
  return PORT_TAKEN.test(log)
    ? new PortTaken(message)
    : serviceError(message, 'Use --services docker or embedded, or give the URL of a running server.');
};

/** Starts one service and waits until it answers; takes other ports when somebody was faster. */
export const startService = async (context: LocalContext, plan: LocalPlan): Promise<LiveServer> => {
  for (let attempt = 1; ; attempt += 1) {
    const servers: ServerProcess[] = [];
    try {
      const ports = await freePorts(plan.portCount);
      const url = await plan.start(ports, async (command) => {
        const server = await launchIn(context, command, attempt);
        servers.push(server);
        return server;
      });
      const ask = () => probe(plan.service, url, PROBE_DEADLINE_MS);
      return { service: plan.service, url, version: await untilReady(context, plan.service, servers, ask) };
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error;
      if (attempt === ATTEMPTS_MAX)
        throw serviceError(error.message, 'No free port could be kept; try again.');
      await abandon(context.instance, servers);
    }
  }
};

const launchIn = async (
  { instance, keep }: LocalContext,
  { name, folder, ...command }: Launch,
  attempt: number,
): Promise<ServerProcess> => {
  const logFile = join(instance.subfolder('log'), `${name}-${attempt}.log`);
  const server = await startServer({ ...command, cwd: folder, logFile }, keep);
  instance.adopt(server.mark, command.stopSignal);
  return server;
};

const abandon = async (instance: Instance, servers: readonly ServerProcess[]): Promise<void> => {
  const marks = servers.map(({ mark }) => mark);
  await Promise.all(marks.map((mark) => endProcess(mark, 'SIGKILL', 0)));
  instance.disown(marks);
};
