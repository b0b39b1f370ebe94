import type { ExitCode } from '../kernel/exit-codes.ts';
import type { Io } from './io.ts';

/** What every command is built with. */
export interface CliContext {
  readonly io: Io;
  /** What the shell is told when the command has ended without an error. */
  readonly setExitCode: (code: ExitCode) => void;
}
