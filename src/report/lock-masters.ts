import type { Result } from './model.ts';

/** `5 Redis 7.4.1 (local) for the lock`; undefined where the lock has no servers of its own. */
export const lockMastersText = ({ lockMasters = [] }: Result['run']): string | undefined => {
  if (lockMasters.length === 0) return undefined;
  const kinds = new Set(lockMasters.map(({ version, origin }) => `${version} (${origin})`));
  return `${lockMasters.length} Redis ${[...kinds].join(', ')} for the lock`;
};
