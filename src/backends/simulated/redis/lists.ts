import { type CommandTable, type Execution, rangeOf } from './command.ts';
import { CommandError, OK, parseInteger, type Reply } from './reply.ts';

type End = 'Front' | 'Back';

const push =
  (end: End) =>
  ({ keyspace }: Execution, [key = '', ...items]: readonly string[]): Reply => {
    const list = keyspace.obtain(key, 'list');
    for (const item of items) list[`push${end}`](item);
    keyspace.pushedLists.add(key);
    keyspace.changed(key);
    return list.length;
  };

const notPositive = () => new CommandError('ERR value is out of range, must be positive');

const pop =
  (end: End) =>
  ({ keyspace }: Execution, [key = '', countText]: readonly string[]): Reply => {
    const count = countText === undefined ? undefined : parseInteger(countText, notPositive);
    if (count !== undefined && count < 0) throw notPositive();
    const list = keyspace.find(key, 'list');
    if (list === undefined) return null;
    if (count === 0) return [];
    const items: string[] = [];
    for (let left = Math.min(count ?? 1, list.length); left > 0; left -= 1) items.push(list[`pop${end}`]()!);
    keyspace.changed(key);
    return count === undefined ? items[0]! : items;
  };

/** Removes `item` up to `count` times from the head on; negative, from the tail; 0, everywhere. */
const removeItems = (items: readonly string[], item: string, count: number): string[] => {
  let left = count === 0 ? items.length : Math.abs(count);
  const kept = (candidate: string) => {
    if (candidate !== item || left === 0) return true;
    left -= 1;
    return false;
  };
  return count < 0 ? items.toReversed().filter(kept).toReversed() : items.filter(kept);
};

export const lists: CommandTable = {
  LPUSH: { arity: -3, run: push('Front') },
  RPUSH: { arity: -3, run: push('Back') },
  LPOP: { arity: -2, run: pop('Front') },
  RPOP: { arity: -2, run: pop('Back') },
  LLEN: { arity: 2, run: ({ keyspace }, [key]) => keyspace.find(key!, 'list')?.length ?? 0 },
  LRANGE: {
    arity: 4,
    run({ keyspace }, [key, start, stop]) {
      const [from, to] = [parseInteger(start!), parseInteger(stop!)];
      const list = keyspace.find(key!, 'list');
      if (list === undefined) return [];
      const [first, end] = rangeOf(from, to, list.length);
      return first < end ? list.slice(first, end) : [];
    },
  },
  LTRIM: {
    arity: 4,
    run({ keyspace }, [key, start, stop]) {
      const [from, to] = [parseInteger(start!), parseInteger(stop!)];
      const list = keyspace.find(key!, 'list');
      if (list === undefined) return OK;
      const [first, end] = rangeOf(from, to, list.length);
      list.replaceAll(first < end ? list.slice(first, end) : []);
      keyspace.changed(key!);
      return OK;
    },
  },
  LREM: {
    arity: 4,
    run({ keyspace }, [key, countText, item]) {
      const count = parseInteger(countText!);
      const list = keyspace.find(key!, 'list');
      if (list === undefined) return 0;
      const before = list.length;
      list.replaceAll(removeItems(list.slice(0, before), item!, count));
      const removed = before - list.length;
      if (removed > 0) keyspace.changed(key!);
      return removed;
    },
  },
};
