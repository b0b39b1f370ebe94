import { BackendError } from '../../backends/ports.ts';

/** For work that nobody waits for, and that a service may as well refuse. */
export const unawaited = (work: Promise<unknown>): void => {
  work.catch((error: unknown) => {
    if (!(error instanceof BackendError)) throw error;
  });
};
