import { Command, Option } from 'commander';
import { serviceError } from '../../kernel/errors.ts';
import { formatDuration } from '../../kernel/units.ts';
import { createProgress } from '../../report/progress.ts';
import { cleanLeftovers } from '../../run/clean-leftovers.ts';
import type { Kept } from '../../services/kept-file.ts';
import { servicesDown, servicesStatus, servicesUp, type KeepableMode } from '../../services/kept.ts';
import { SERVICE_LABELS } from '../../services/types.ts';
import type { CliContext } from '../context.ts';
import { columnsOf, type Io } from '../io.ts';

/** `trade-sim services …`: servers that stay between runs, and the remains of killed runs. */
export const servicesCommand = (context: CliContext): Command =>
  new Command('services')
    .description('Keep Redis, RabbitMQ and PostgreSQL running between runs, and clean up after killed ones.')
    .addHelpText(
      'after',
      `
Examples:
  $ trade-sim services up
  $ trade-sim services down`,
    )
    .addCommand(upCommand(context))
    .addCommand(downCommand(context))
    .addCommand(statusCommand(context))
    .addCommand(cleanCommand(context));

const upCommand = ({ io }: CliContext): Command =>
  new Command('up')
    .description('Start private servers that stay; later runs use them.')
    .addOption(
      new Option('--services <where>', 'where they come from')
        .choices(['auto', 'local', 'docker'])
        .default('auto'),
    )
    .option('--quiet', 'no progress')
    .action(async ({ services, quiet }: { services: KeepableMode; quiet?: boolean }) => {
      const { kind, kept } = await whileStarting(io, quiet === true, services);
      const state = kind === 'started' ? 'Started' : 'Already running';
      io.stdout.write(`${state}; "trade-sim services down" ends them.\n${describe(kept)}`);
    });

const downCommand = ({ io }: CliContext): Command =>
  new Command('down').description('End the kept servers, and whatever killed runs left.').action(async () => {
    const { stopped, reaped } = await servicesDown();
    io.stdout.write(stopped ? 'Stopped the kept services.\n' : 'No services were kept.\n');
    if (reaped.length > 0) io.stdout.write(`Reaped what ${reaped.length} killed runs had left.\n`);
  });

const statusCommand = ({ io }: CliContext): Command =>
  new Command('status')
    .description('Say which servers are kept and whether they answer.')
    .action(async () => {
      const state = await servicesStatus();
      if (state.kind === 'none') {
        const healed = state.healed ? ' (those that were had died; their remains are gone)' : '';
        io.stdout.write(`No services are kept${healed}. "trade-sim services up" starts some.\n`);
        return;
      }
      io.stdout.write(describe(state.kept));
      if (state.kind === 'silent')
        throw serviceError(
          `The kept services do not answer: ${state.reason}`,
          'Run "trade-sim services down".',
        );
    });

const cleanCommand = ({ io }: CliContext): Command =>
  new Command('clean')
    .description('Remove the keys, queues and schemas that killed or --keep runs left on their services.')
    .action(async () => {
      const cleaned = await cleanLeftovers();
      if (cleaned.length === 0) io.stdout.write('Nothing was left behind.\n');
      for (const { runId, problem } of cleaned)
        io.stdout.write(
          problem === undefined ? `Removed run ${runId}.\n` : `Run ${runId} stays: ${problem}\n`,
        );
      if (cleaned.some(({ problem }) => problem !== undefined))
        throw serviceError(
          'not everything could be removed',
          'Start the services that are missing, then try again.',
        );
    });

const whileStarting = async (io: Io, quiet: boolean, mode: KeepableMode) => {
  const { stderr } = io;
  const progress = createProgress({
    stream: stderr,
    isTty: stderr.isTTY === true,
    columns: () => columnsOf(stderr),
    quiet,
  });
  const stop = new AbortController();
  const unlisten = io.onInterrupt(() => stop.abort());
  progress.phase('starting services');
  try {
    return await servicesUp(mode, { signal: stop.signal, onProgress: (text) => progress.phase(text) });
  } finally {
    progress.stop();
    unlisten();
  }
};

const describe = ({ origin, startedAtEpochMs, servers }: Kept): string => {
  const rows = servers.map(({ service, version, url }) => {
    const { host } = new URL(url);
    return `  ${SERVICE_LABELS[service].padEnd(10)} ${version} (${origin}) at ${host}\n`;
  });
  return `Up for ${formatDuration(Date.now() - startedAtEpochMs)}:\n${rows.join('')}`;
};
