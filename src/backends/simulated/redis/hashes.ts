import { type CommandTable } from './command.ts';
import { CommandError, OK, parseInteger, wrongArity } from './reply.ts';
import type { Keyspace } from './keyspace.ts';

const put = (keyspace: Keyspace, name: string, [key = '', ...pairs]: readonly string[]): number => {
  if (pairs.length % 2 === 1) throw wrongArity(name);
  const hash = keyspace.obtain(key, 'hash');
  const before = hash.size;
  for (let index = 0; index < pairs.length; index += 2) hash.set(pairs[index]!, pairs[index + 1]!);
  keyspace.changed(key);
  return hash.size - before;
};

const hashNotAnInteger = () => new CommandError('ERR hash value is not an integer');

export const hashes: CommandTable = {
  HGET: { arity: 3, run: ({ keyspace }, [key, field]) => keyspace.find(key!, 'hash')?.get(field!) ?? null },
  HSET: { arity: -4, run: ({ keyspace }, args) => put(keyspace, 'HSET', args) },
  HMSET: {
    arity: -4,
    run({ keyspace }, args) {
      put(keyspace, 'HMSET', args);
      return OK;
    },
  },
  HSETNX: {
    arity: 4,
    run: ({ keyspace }, args) =>
      keyspace.find(args[0]!, 'hash')?.has(args[1]!) === true ? 0 : put(keyspace, 'HSETNX', args),
  },
  HMGET: {
    arity: -3,
    run({ keyspace }, [key, ...fields]) {
      const hash = keyspace.find(key!, 'hash');
      return fields.map((field) => hash?.get(field) ?? null);
    },
  },
  HGETALL: {
    arity: 2,
    run: ({ keyspace }, [key]) => [...(keyspace.find(key!, 'hash') ?? [])].flat(),
  },
  HDEL: {
    arity: -3,
    run({ keyspace }, [key, ...fields]) {
      const hash = keyspace.find(key!, 'hash');
      const deleted = fields.filter((field) => hash?.delete(field)).length;
      if (deleted > 0) keyspace.changed(key!);
      return deleted;
    },
  },
  HINCRBY: {
    arity: 4,
    run({ keyspace }, [key, field, by]) {
      const amount = parseInteger(by!);
      const present = keyspace.find(key!, 'hash')?.get(field!) ?? '0';
      const sum = parseInteger(present, hashNotAnInteger) + amount;
      if (!Number.isSafeInteger(sum)) throw new CommandError('ERR increment or decrement would overflow');
      keyspace.obtain(key!, 'hash').set(field!, String(sum));
      keyspace.changed(key!);
      return sum;
    },
  },
  HLEN: { arity: 2, run: ({ keyspace }, [key]) => keyspace.find(key!, 'hash')?.size ?? 0 },
  HEXISTS: {
    arity: 3,
    run: ({ keyspace }, [key, field]) => (keyspace.find(key!, 'hash')?.has(field!) ? 1 : 0),
  },
};
