import { doctor, type DoctorReport, type FoundServer } from '../../services/doctor.ts';
import { SERVICE_LABELS, SERVICE_NAMES } from '../../services/types.ts';

/** What this machine has to run with, as text. */
export const examine = async (): Promise<string> => render(await doctor());

const render = ({ servers, docker, kept, reaped, install }: DoctorReport): string => {
  const rows = SERVICE_NAMES.map((name) => `${SERVICE_LABELS[name].padEnd(11)} ${describe(servers[name])}`);
  const dockerText = docker.kind === 'ready' ? 'an engine answers' : docker.reason;
  const keptText =
    kept.kind === 'none' ? 'none' : kept.kind === 'running' ? 'running' : `silent: ${kept.reason}`;
  const usable = SERVICE_NAMES.every(
    (name) => servers[name].kind === 'found' && servers[name].recentEnough !== false,
  );
  return [
    ...rows,
    `${'docker'.padEnd(11)} ${dockerText}`,
    `${'kept'.padEnd(11)} ${keptText}`,
    ...(reaped.length > 0 ? [`Reaped what ${reaped.length} killed runs had left.`] : []),
    '',
    usable
      ? 'Ready: "trade-sim run flash-sale" uses real, private instances of all three.'
      : 'Without all three, "trade-sim run" uses docker where it answers, else in-memory models, and says so.',
    ...(install === undefined ? [] : [`To get what is missing: ${install}`]),
    '',
  ].join('\n');
};

const describe = (found: FoundServer): string => {
  if (found.kind === 'missing') return 'missing';
  const version = found.version ?? 'version unknown until it runs';
  return `${version} at ${found.path}${found.recentEnough === false ? ' (too old)' : ''}`;
};
