import { formatCount } from '../kernel/units.ts';
import type { LockGuarantees } from './lock/port.ts';
import { REGISTRY } from './registry.ts';

/** Why a combination makes no sense, and what to do instead. */
export interface Misfit {
  readonly what: string;
  readonly hint: string;
}

const givesFence = ({ mutualExclusion }: LockGuarantees): boolean => mutualExclusion === 'fenced';

/**
 * Looks at what strategies, known by their names, guarantee and need. Weak combinations are let be, as controls are
 * made of them; one that could never do what it is for is a misfit.
 */
export const lockMisfit = (lock: string, stock: string): Misfit | undefined => {
  const needsFence = REGISTRY.stock[stock]?.guarantees.oversellSafe === 'with-fence';
  const guarantees = REGISTRY.lock[lock]?.guarantees;
  if (!needsFence || guarantees === undefined || givesFence(guarantees)) return undefined;
  const fitting = Object.values(REGISTRY.lock)
    .filter((strategy) => givesFence(strategy.guarantees))
    .map(({ name }) => name);
  return {
    what: `"${stock}" needs a lock that gives a fence, and "${lock}" gives none`,
    hint: `Choose the lock ${fitting.join(' or ')}.`,
  };
};

export const sizeMisfit = (stock: string, units: number): Misfit | undefined => {
  const maxUnits = REGISTRY.stock[stock]?.guarantees.maxUnits ?? Infinity;
  if (units <= maxUnits) return undefined;
  return {
    what: `"${stock}" keeps at most ${formatCount(maxUnits)} units, and the catalogue has ${formatCount(units)}`,
    hint: 'Choose fewer units, or another stock.',
  };
};
