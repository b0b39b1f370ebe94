import { isFields, type Change, type Fields } from './changes.ts';
import type { Executor } from './executors/executor.ts';
import { EXECUTORS } from './executors/index.ts';

const fieldsOf = (executor: unknown): readonly string[] =>
  (EXECUTORS as Readonly<Record<string, Pick<Executor, 'fields'>>>)[String(executor)]?.fields ?? [];

/**
 * Lets a changed field of the load bring its executor with it: `--vus 500` makes an open scenario a closed one, and
 * `--rate 500/s` the other way round. What the file says for the former executor alone is then left out, so that
 * nobody has to take it out by hand.
 */
export const chooseExecutor = (written: Fields, changed: Fields, changes: readonly Change[]): Fields => {
  const { load } = changed;
  const fileLoad = written['load'];
  if (!isFields(load) || !isFields(fileLoad)) return changed;
  const set = changes.flatMap(({ path: [block, field] }) => (block === 'load' && field ? [field] : []));
  const fits = (executor: unknown) => set.every((field) => fieldsOf(executor).includes(field));

  const former = fileLoad['executor'];
  if (fieldsOf(former).length === 0) return changed;
  // A length alone does not make another model of a load in stages.
  const fitting =
    fits(former) || set.every((field) => field === 'duration')
      ? former
      : (Object.keys(EXECUTORS).find(fits) ?? former);
  const executor = set.includes('executor') ? load['executor'] : fitting;
  if (executor === former) return changed;
  const foreign = fieldsOf(former).filter(
    (field) => !fieldsOf(executor).includes(field) && !set.includes(field),
  );
  const kept = Object.entries(load).filter(([field]) => !foreign.includes(field));
  return { ...changed, load: { ...Object.fromEntries(kept), executor } };
};
