/** Everything a command may touch of its process, as one object. */
export interface Io {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Calls back at every request to end (Ctrl-C, a polite kill), until the returned function is called. */
  onInterrupt(callback: () => void): () => void;
}

export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const processIo = (): Io => {
  const { stdout, stderr } = process;
  // A reader that has gone (`| head`) ends the output, not the job: it still has to clean up after itself.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
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
  };
};

const NARROWEST = 40;
const UNKNOWN_WIDTH = 100;

export const columnsOf = (stream: OutputStream): number =>
  Math.max(NARROWEST, stream.columns ?? UNKNOWN_WIDTH);

/** Colours only for people: a terminal, without NO_COLOR (no-color.org), and not a dumb one. */
export const usesColor = (io: Io, stream: OutputStream): boolean =>
  stream.isTTY === true && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb';
