import { createProgress } from '../../report/progress.ts';
import type { Interrupts, Observer } from '../../run/request.ts';
import { columnsOf, type Io } from '../io.ts';

export interface ProgressOptions {
  readonly quiet?: boolean;
  readonly progress: boolean;
}

/** Runs `job` with live progress on standard error. The first interrupt asks it to end, the second one ends it. */
export const whileInterruptible = async <T>(
  io: Io,
  options: ProgressOptions,
  job: (interrupts: Interrupts, observer: Observer) => Promise<T>,
): Promise<T> => {
  const { stderr } = io;
  const stop = new AbortController();
  const kill = new AbortController();
  const progress = createProgress({
    stream: stderr,
    isTty: stderr.isTTY === true,
    columns: () => columnsOf(stderr),
    quiet: options.quiet === true || !options.progress,
  });
  const unlisten = io.onInterrupt(() => {
    if (stop.signal.aborted) kill.abort();
    else
      progress.say(
        'Ending: no new orders; what is under way is drained and audited. Once more to stop at once.',
      );
    stop.abort();
  });
  try {
    return await job({ stop: stop.signal, kill: kill.signal }, progress);
  } finally {
    progress.stop();
    unlisten();
  }
};
