import { messageOf, serviceError } from '../kernel/errors.ts';
import { ComposeProject } from './compose.ts';
import { supplyDocker } from './docker.ts';
import { destroyInstance, readInstance, type InstanceRecord } from './instance.ts';
import { claimKept, forgetKept, keptFile, readKept, type Kept } from './kept-file.ts';
import { supplyLocal } from './local.ts';
import { probe } from './probe.ts';
import { isAlive } from './process-mark.ts';
import { reapOrphans, type Reaped } from './reap.ts';
import { runCommand } from './run-command.ts';
import { firstSupply, supplyFailure, type Source } from './supply.ts';
import { SERVICE_NAMES, type Origin, type ProvisionOptions } from './types.ts';

const PROBE_DEADLINE_MS = 2_000;

export type KeptState =
  /** `healed`: a record of servers that had died was removed, with what was left of them. */
  | { readonly kind: 'none'; readonly healed: boolean }
  | { readonly kind: 'running'; readonly kept: Kept }
  /** Its processes live, but do not answer. */
  | { readonly kind: 'silent'; readonly kept: Kept; readonly reason: string };

const isRunning = async ({ processes, composeProject }: InstanceRecord): Promise<boolean> => {
  if (composeProject !== null) return new ComposeProject(composeProject, runCommand).isRunning();
  const alive = await Promise.all(processes.map((process) => isAlive(process)));
  return alive.length > 0 && alive.every(Boolean);
};

const remove = async ({ folder }: Kept): Promise<void> => {
  const record = readInstance(folder);
  if (record !== undefined) await destroyInstance(folder, record);
  forgetKept();
};

/** What `services up` left, if it still runs: `services status`. Heals the state when it does not. */
export const servicesStatus = async (): Promise<KeptState> => {
  const kept = readKept();
  if (kept === undefined) return { kind: 'none', healed: false };
  const record = readInstance(kept.folder);
  if (record === undefined || !(await isRunning(record))) {
    await remove(kept);
    return { kind: 'none', healed: true };
  }
  try {
    await Promise.all(kept.servers.map(({ service, url }) => probe(service, url, PROBE_DEADLINE_MS)));
    return { kind: 'running', kept };
  } catch (error) {
    return { kind: 'silent', kept, reason: messageOf(error) };
  }
};

/** The kept servers as a source for a run that accepts this origin. */
const supplyKept =
  (accepts: (origin: Origin) => boolean): Source =>
  async (services) => {
    const state = await servicesStatus();
    if (state.kind === 'none' || !accepts(state.kept.origin))
      return { kind: 'unavailable', reason: undefined };
    if (state.kind === 'silent')
      return { kind: 'unavailable', reason: `the kept services do not answer (${state.reason})` };
    const servers = state.kept.servers.filter(({ service }) => services.includes(service));
    return { kind: 'supplied', origin: state.kept.origin, servers, instance: undefined };
  };

export type KeepableMode = 'auto' | 'local' | 'docker';

/** What starts servers, in order of preference. */
const STARTERS: Readonly<Record<KeepableMode, readonly Source[]>> = {
  auto: [supplyLocal, supplyDocker],
  local: [supplyLocal],
  docker: [supplyDocker],
};

const requireAnswer = (state: KeptState): Kept | undefined => {
  if (state.kind === 'silent')
    throw serviceError(
      `Services are kept running, but do not answer: ${state.reason}`,
      'End them by "trade-sim services down", then try again.',
    );
  return state.kind === 'running' ? state.kept : undefined;
};

/** Starts services that outlive this process, for the runs that follow, unless there are some already. */
export const servicesUp = async (
  mode: KeepableMode,
  options: ProvisionOptions,
): Promise<{ readonly kind: 'started' | 'already-running'; readonly kept: Kept }> => {
  await reapOrphans();
  const running = requireAnswer(await servicesStatus());
  if (running !== undefined) return { kind: 'already-running', kept: running };
  const supply = await firstSupply(STARTERS[mode], SERVICE_NAMES, { ...options, keep: true });
  if (supply.kind === 'none') throw supplyFailure(supply.failures);
  const instance = supply.instance!;
  const kept: Kept = {
    schema: 'trade-sim.kept/1',
    origin: supply.origin === 'docker' ? 'docker' : 'local',
    folder: instance.folder,
    startedAtEpochMs: Date.now(),
    servers: [...supply.servers],
  };
  if (claimKept(kept)) {
    instance.keep(keptFile());
    return { kind: 'started', kept };
  }
  await instance.destroy();
  const other = requireAnswer(await servicesStatus());
  if (other === undefined) throw serviceError('Other services came and went meanwhile', 'Try again.');
  return { kind: 'already-running', kept: other };
};

/** Ends the kept services, and whatever killed runs left. */
export const servicesDown = async (): Promise<{
  readonly stopped: Kept | undefined;
  readonly reaped: readonly Reaped[];
}> => {
  const kept = readKept();
  if (kept !== undefined) await remove(kept);
  return { stopped: kept, reaped: await reapOrphans() };
};

/** What a mode other than `given` and `embedded` draws on, in order of preference. */
export const sourcesOf = (mode: KeepableMode): readonly Source[] => [
  supplyKept((origin) => mode === 'auto' || origin === mode),
  ...STARTERS[mode],
];

/** The same for lock masters, which no run leaves to the next. */
export const startersOf = (mode: KeepableMode): readonly Source[] => STARTERS[mode];
