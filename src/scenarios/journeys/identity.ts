import type { Session } from '../journey.ts';

/** Who the customer of an iteration is. `first`: users below it are somebody else's; a feeder's are taken as they are. */
export const userOf = (session: Session, { user }: { readonly user: string }, first = 0): number =>
  session.fed('user') ?? first + (user === 'vu' ? session.vu : session.iteration);
