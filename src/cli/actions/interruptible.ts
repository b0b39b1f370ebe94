import type { Interrupts, Observer } from '../../run/request.ts';
import type { Io } from '../io.ts';
import { withProgress, type ProgressFlags } from '../progress.ts';

/** Runs `job` with live progress on standard error. The first interrupt asks it to end, the second one ends it. */
export const whileInterruptible = <T>(
  io: Io,
  flags: ProgressFlags,
  job: (interrupts: Interrupts, observer: Observer) => Promise<T>,
  ending = 'no new orders; what is under way is drained and audited',
): Promise<T> =>
  withProgress(io, flags, async (progress) => {
    const stop = new AbortController();
    const kill = new AbortController();
    const unlisten = io.onInterrupt(() => {
      if (stop.signal.aborted) kill.abort();
      else progress.say(`Ending: ${ending}. Once more to stop at once.`);
      stop.abort();
    });
    try {
      return await job({ stop: stop.signal, kill: kill.signal }, progress);
    } finally {
      unlisten();
    }
  });
