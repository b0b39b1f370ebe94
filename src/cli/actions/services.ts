import { serviceError } from '../../kernel/errors.ts';
import { formatDuration } from '../../kernel/units.ts';
import { cleanLeftovers } from '../../run/clean-leftovers.ts';
import type { Kept } from '../../services/kept-file.ts';
import { servicesDown, servicesStatus, servicesUp, type KeepableMode } from '../../services/kept.ts';
import { SERVICE_LABELS } from '../../services/types.ts';
import type { Io } from '../io.ts';
import { withProgress } from '../progress.ts';

export interface UpOptions {
  readonly services: KeepableMode;
  readonly quiet?: boolean;
}

export const up = async (io: Io, options: UpOptions): Promise<void> => {
  const { kind, kept } = await whileStarting(io, options);
  const state = kind === 'started' ? 'Started' : 'Already running';
  io.stdout.write(`${state}; "trade-sim services down" ends them.\n${describe(kept)}`);
};

export const down = async (io: Io): Promise<void> => {
  const { stopped, reaped } = await servicesDown();
  io.stdout.write(stopped ? 'Stopped the kept services.\n' : 'No services were kept.\n');
  if (reaped.length > 0) io.stdout.write(`Reaped what ${reaped.length} killed runs had left.\n`);
};

export const status = async (io: Io): Promise<void> => {
  const state = await servicesStatus();
  if (state.kind === 'none') {
    const healed = state.healed ? ' (those that were had died; their remains are gone)' : '';
    io.stdout.write(`No services are kept${healed}. "trade-sim services up" starts some.\n`);
    return;
  }
  io.stdout.write(describe(state.kept));
  if (state.kind === 'silent')
    throw serviceError(`The kept services do not answer: ${state.reason}`, 'Run "trade-sim services down".');
};

export const clean = async (io: Io): Promise<void> => {
  const cleaned = await cleanLeftovers();
  if (cleaned.length === 0) io.stdout.write('Nothing was left behind.\n');
  for (const { runId, problem } of cleaned)
    io.stdout.write(problem === undefined ? `Removed run ${runId}.\n` : `Run ${runId} stays: ${problem}\n`);
  if (cleaned.some(({ problem }) => problem !== undefined))
    throw serviceError(
      'not everything could be removed',
      'Start the services that are missing, then try again.',
    );
};

const whileStarting = (io: Io, { quiet = false, services: mode }: UpOptions) =>
  withProgress(io, { quiet }, async (progress) => {
    const stop = new AbortController();
    const unlisten = io.onInterrupt(() => stop.abort());
    progress.phase('starting services');
    try {
      return await servicesUp(mode, { signal: stop.signal, onProgress: (text) => progress.phase(text) });
    } finally {
      unlisten();
    }
  });

const describe = ({ origin, startedAtEpochMs, servers }: Kept): string => {
  const rows = servers.map(({ service, version, url }) => {
    const { host } = new URL(url);
    return `  ${SERVICE_LABELS[service].padEnd(10)} ${version} (${origin}) at ${host}\n`;
  });
  return `Up for ${formatDuration(Date.now() - startedAtEpochMs)}:\n${rows.join('')}`;
};
