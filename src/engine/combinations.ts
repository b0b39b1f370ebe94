import { formatCount } from '../kernel/units.ts';
import type { LockGuarantees } from './lock/port.ts';
import { strategyOf, type Chosen } from './own-strategies.ts';
import { REGISTRY } from './registry.ts';

/** Why a combination makes no sense, and what to do instead. */
export interface Misfit {
  readonly what: string;
  readonly hint: string;
}

const givesFence = ({ mutualExclusion }: LockGuarantees): boolean => mutualExclusion === 'fenced';

type Named = Pick<Chosen, 'name' | 'module'>;

/**
 * Looks at what strategies, known by their names or modules, guarantee and need. Weak combinations are let be, as controls are
 * made of them; one that could never do what it is for is a misfit.
 */
export const lockMisfit = (lock: Named, stock: Named): Misfit | undefined => {
  const needsFence = strategyOf('stock', stock)?.guarantees.oversellSafe === 'with-fence';
  const guarantees = strategyOf('lock', lock)?.guarantees;
  if (!needsFence || guarantees === undefined || givesFence(guarantees)) return undefined;
  const fitting = Object.values(REGISTRY.lock)
    .filter((strategy) => givesFence(strategy.guarantees))
    .map(({ name }) => name);
  return {
    what: `"${stock.name}" needs a lock that gives a fence, and "${lock.name}" gives none`,
    hint: `Choose the lock ${fitting.join(' or ')}.`,
  };
};

export const sizeMisfit = (stock: Named, units: number): Misfit | undefined => {
  const maxUnits = strategyOf('stock', stock)?.guarantees.maxUnits ?? Infinity;
  if (units <= maxUnits) return undefined;
  return {
    what: `"${stock.name}" keeps at most ${formatCount(maxUnits)} units, and the catalogue has ${formatCount(units)}`,
    hint: 'Choose fewer units, or another stock.',
  };
};
