import { createProgress, type Progress } from '../report/progress.ts';
import { canRedraw, type Io } from './io.ts';

export interface ProgressFlags {
  readonly quiet?: boolean;
  /** false: by --no-progress. */
  readonly progress?: boolean;
}

const UNKNOWN_COLUMNS = 80;

/** Lends progress on standard error to `work`, and leaves the terminal as it was, whatever happens meanwhile. */
export const withProgress = async <T>(
  io: Io,
  { quiet, progress: wanted }: ProgressFlags,
  work: (progress: Progress) => Promise<T>,
): Promise<T> => {
  const { stderr } = io;
  const progress = createProgress({
    stream: stderr,
    isTty: canRedraw(io, stderr),
    columns: () => stderr.columns ?? UNKNOWN_COLUMNS,
    detail: quiet === true ? 'nothing' : wanted === false ? 'notes' : 'live',
  });
  const unlisten = io.onCrash(() => progress.stop());
  try {
    return await work(progress);
  } finally {
    unlisten();
    progress.stop();
  }
};
