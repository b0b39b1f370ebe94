import { ExitCode } from '../kernel/exit-codes.ts';

/** Everything a command may touch of its process, as one object. */
export interface Io {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Calls back at every request to end (Ctrl-C, a polite kill), until the returned function is called. */
  onInterrupt(callback: () => void): () => void;
  /** Calls back before an uncaught error is printed, and at an exit by force, until the returned function is called. */
  onCrash(callback: () => void): () => void;
}

export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const CRASHES = ['uncaughtExceptionMonitor', 'exit'] as const;

export const processIo = (): Io => {
  const { stdout, stderr } = process;
  stdout.on(
    'error',
    once((error) => reportLostOutput(stderr, error)),
  );
  // With nowhere to say it, nothing can be said.
  stderr.on('error', () => {});
  return {
    argv: process.argv.slice(2),
    env: process.env,
    stdout,
    stderr,
    onInterrupt(callback) {
      for (const signal of SIGNALS) process.on(signal, callback);
      return () => {
        for (const signal of SIGNALS) process.off(signal, callback);
      };
    },
    onCrash(callback) {
      for (const event of CRASHES) process.on(event, callback);
      return () => {
        for (const event of CRASHES) process.off(event, callback);
      };
    },
  };
};

const once = (callback: (error: NodeJS.ErrnoException) => void) => {
  let called = false;
  return (error: NodeJS.ErrnoException): void => {
    if (!called) callback(error);
    called = true;
  };
};

/** A reader that has gone (`| head`) ends the output and not the job, which still has to clean up after itself. */
const reportLostOutput = (stderr: NodeJS.WritableStream, error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') return;
  stderr.write(`trade-sim: the output could not be written: ${error.message}\n`);
  process.once('exit', () => {
    process.exitCode ||= ExitCode.usage;
  });
};

const LOOK_MS = 100;

/**
 * Ends the process when all output is written. Not by itself: a socket to a server that hangs would keep it, and a
 * reader that is slow must still get everything.
 */
export const leave = (exitCode: ExitCode): void => {
  process.exitCode = exitCode;
  const look = () => {
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
  };
  setInterval(look, LOOK_MS).unref();
};

const NARROWEST = 40;
const UNKNOWN_WIDTH = 100;

export const columnsOf = (stream: OutputStream): number =>
  Math.max(NARROWEST, stream.columns ?? UNKNOWN_WIDTH);

/** Whether what is written can be written over: not in a file, and not on a dumb terminal. */
export const canRedraw = (io: Io, stream: OutputStream): boolean =>
  stream.isTTY === true && io.env['TERM'] !== 'dumb';

/** Colours only for people: a terminal, without NO_COLOR (no-color.org), and not a dumb one. */
export const usesColor = (io: Io, stream: OutputStream): boolean =>
  canRedraw(io, stream) && !io.env['NO_COLOR'];
