import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { serviceError } from '../kernel/errors.ts';
import { ComposeProject } from './compose.ts';
import { readPrivateJson, writePrivateJson } from './private-files.ts';
import { endProcess, ownMark, processMarkSchema, type ProcessMark } from './process-mark.ts';
import { outputOf, runCommand, type RunCommand } from './run-command.ts';

export const INSTANCE_PREFIX = 'trade-sim-';
const RECORD_FILE = 'instance.json';
const STOP_GRACE_MS = 2_000;

const recordSchema = z.object({
  schema: z.literal('trade-sim.instance/1'),
  /** Ends with this process, unless kept. */
  owner: processMarkSchema,
  /** The state file that keeps it alive after its owner. */
  keptBy: z.string().nullable(),
  processes: z.array(processMarkSchema.extend({ stopSignal: z.enum(['SIGTERM', 'SIGINT']) })),
  composeProject: z.string().nullable(),
});

export type InstanceRecord = z.infer<typeof recordSchema>;
export type StopSignal = InstanceRecord['processes'][number]['stopSignal'];

export const readInstance = (folder: string): InstanceRecord | undefined =>
  readPrivateJson(join(folder, RECORD_FILE), recordSchema);

const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;

/** The record goes last: a removal that is cut short can be taken up again. */
const removeFolder = async (folder: string): Promise<void> => {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  await Promise.all(
    names.filter((name) => name !== RECORD_FILE).map((name) => rm(join(folder, name), REMOVAL)),
  );
  await rm(folder, REMOVAL);
};

/** Ends all that an instance runs, then removes its folder. Says how many processes were still running. */
export const destroyInstance = async (
  folder: string,
  record: InstanceRecord,
  run: RunCommand = runCommand,
): Promise<number> => {
  const ended = await Promise.all(
    record.processes.map((process) => endProcess(process, process.stopSignal, STOP_GRACE_MS)),
  );
  if (record.composeProject !== null) {
    const down = await new ComposeProject(record.composeProject, run).down();
    if (outputOf(down) === undefined)
      throw serviceError(
        `The containers of ${record.composeProject} could not be removed`,
        `Run: docker compose --project-name ${record.composeProject} down --volumes`,
      );
  }
  await removeFolder(folder);
  return ended.filter(Boolean).length;
};

/**
 * The folder of servers started together. Its record is written before each of them is relied on, so that
 * whoever comes after a crash finds what is left (see `reapOrphans`).
 */
export class Instance {
  readonly folder: string;
  readonly #run: RunCommand;
  #record: InstanceRecord;
  #destroyed: Promise<number> | undefined;

  private constructor(folder: string, owner: ProcessMark, run: RunCommand) {
    this.#run = run;
    this.folder = folder;
    this.#record = {
      schema: 'trade-sim.instance/1',
      owner,
      keptBy: null,
      processes: [],
      composeProject: null,
    };
  }

  /** `shared`: another user must reach a folder of its own inside, so that this one lets itself be traversed. */
  static async create(shared: boolean, run: RunCommand = runCommand): Promise<Instance> {
    const draft = mkdtempSync(join(temporaryFolder(shared), `.${INSTANCE_PREFIX}`));
    const instance = new Instance(join(dirname(draft), basename(draft).slice(1)), await ownMark(), run);
    // The folder appears under its name together with its record: nobody can take it for a leftover.
    writePrivateJson(join(draft, RECORD_FILE), instance.#record);
    chmodSync(draft, shared ? 0o711 : 0o700);
    renameSync(draft, instance.folder);
    return instance;
  }

  get name(): string {
    return basename(this.folder);
  }

  subfolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  adopt(process: ProcessMark, stopSignal: StopSignal): void {
    this.#update({ processes: [...this.#record.processes, { ...process, stopSignal }] });
  }

  /** Forgets processes that have ended. */
  disown(processes: readonly ProcessMark[]): void {
    const gone = new Set(processes.map(({ pid }) => pid));
    this.#update({ processes: this.#record.processes.filter(({ pid }) => !gone.has(pid)) });
  }

  adoptCompose(project: string): void {
    this.#update({ composeProject: project });
  }

  keep(stateFile: string): void {
    this.#update({ keptBy: stateFile });
  }

  destroy(): Promise<number> {
    return (this.#destroyed ??= destroyInstance(this.folder, this.#record, this.#run));
  }

  #update(change: Partial<InstanceRecord>): void {
    this.#record = { ...this.#record, ...change };
    writePrivateJson(join(this.folder, RECORD_FILE), this.#record);
  }
}

/** Where instances may lie: a temporary folder that another user cannot enter does not do for shared ones. */
export const temporaryFolders = (): string[] => [...new Set([tmpdir(), '/tmp'])];

const temporaryFolder = (shared: boolean): string =>
  shared ? (temporaryFolders().find(isOpenToAll) ?? tmpdir()) : tmpdir();

const isOpenToAll = (path: string): boolean => {
  const open = (statSync(path).mode & 0o001) !== 0;
  return open && (path === dirname(path) || isOpenToAll(dirname(path)));
};
