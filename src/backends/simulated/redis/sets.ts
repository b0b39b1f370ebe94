import type { CommandTable } from './command.ts';

export const sets: CommandTable = {
  SADD: {
    arity: -3,
    run({ keyspace }, [key, ...members]) {
      const set = keyspace.obtain(key!, 'set');
      const before = set.size;
      for (const member of members) set.add(member);
      if (set.size > before) keyspace.changed(key!);
      return set.size - before;
    },
  },
  SREM: {
    arity: -3,
    run({ keyspace }, [key, ...members]) {
      const set = keyspace.find(key!, 'set');
      const removed = members.filter((member) => set?.delete(member)).length;
      if (removed > 0) keyspace.changed(key!);
      return removed;
    },
  },
  SISMEMBER: {
    arity: 3,
    run: ({ keyspace }, [key, member]) => (keyspace.find(key!, 'set')?.has(member!) ? 1 : 0),
  },
  SCARD: { arity: 2, run: ({ keyspace }, [key]) => keyspace.find(key!, 'set')?.size ?? 0 },
  SMEMBERS: { arity: 2, run: ({ keyspace }, [key]) => [...(keyspace.find(key!, 'set') ?? [])] },
};
