import { ExitCode } from './exit-codes.ts';

/**
 * An error meant for the person at the terminal: what went wrong, what to do about it (`hint`), and the exit
 * code it leads to. It is thrown anywhere and printed only in `cli/`.
 */
export class TradeSimError extends Error {
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TradeSimError';
    this.exitCode = exitCode;
    this.hint = options.hint;
  }
}

/** The command line, a file or a setting cannot be used as given. */
export const usageError = (message: string, hint?: string, cause?: unknown): TradeSimError =>
  new TradeSimError(ExitCode.usage, message, { ...(hint !== undefined && { hint }), cause });

/** A service could not be found, started, reached or used. */
export const serviceError = (message: string, hint?: string, cause?: unknown): TradeSimError =>
  new TradeSimError(ExitCode.serviceUnavailable, message, { ...(hint !== undefined && { hint }), cause });

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error
    ? thrown.message || ('code' in thrown ? String(thrown.code) : thrown.name)
    : String(thrown);
