import type { CommandTable, Execution } from './command.ts';
import { CommandError, OK, parseInteger, type Reply, syntaxError, wrongArity } from './reply.ts';

interface SetOptions {
  readonly condition: 'NX' | 'XX' | undefined;
  readonly get: boolean;
  readonly keepTtl: boolean;
  /** The lifetime, as it was written, and its unit. */
  readonly lifetime: { readonly text: string; readonly unitMs: number } | undefined;
}

const parseSetOptions = (words: readonly string[]): SetOptions => {
  let condition: SetOptions['condition'];
  let lifetime: SetOptions['lifetime'];
  let get = false;
  let keepTtl = false;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!.toUpperCase();
    const next = words[index + 1];
    if ((word === 'NX' || word === 'XX') && (condition ?? word) === word) condition = word;
    else if (word === 'GET') get = true;
    else if (word === 'KEEPTTL' && lifetime === undefined) keepTtl = true;
    else if ((word === 'EX' || word === 'PX') && next !== undefined && !keepTtl && lifetime === undefined) {
      lifetime = { text: next, unitMs: word === 'EX' ? 1_000 : 1 };
      index += 1;
    } else throw syntaxError();
  }
  return { condition, get, keepTtl, lifetime };
};

const set = ({ keyspace }: Execution, [key = '', value = '', ...words]: readonly string[]): Reply => {
  if (words.length === 0) {
    keyspace.putString(key, value);
    return OK;
  }
  const { condition, get, keepTtl, lifetime } = parseSetOptions(words);
  let expiresAtMs = keepTtl ? keyspace.expiryOf(key) : undefined;
  if (lifetime !== undefined) {
    const lifetimeMs = parseInteger(lifetime.text) * lifetime.unitMs;
    if (lifetimeMs <= 0) throw new CommandError("ERR invalid expire time in 'set' command");
    expiresAtMs = keyspace.nowMs + lifetimeMs;
  }
  const old = get ? (keyspace.find(key, 'string') ?? null) : null;
  const exists = keyspace.typeOf(key) !== undefined;
  const applies = condition === undefined || exists === (condition === 'XX');
  if (applies) keyspace.putString(key, value, expiresAtMs);
  if (get) return old;
  return applies ? OK : null;
};

const add = ({ keyspace }: Execution, key: string, amount: number): number => {
  const sum = parseInteger(keyspace.find(key, 'string') ?? '0') + amount;
  if (!Number.isSafeInteger(sum)) throw new CommandError('ERR increment or decrement would overflow');
  keyspace.putString(key, String(sum), keyspace.expiryOf(key));
  return sum;
};

export const strings: CommandTable = {
  GET: { arity: 2, run: ({ keyspace }, [key]) => keyspace.find(key!, 'string') ?? null },
  SET: { arity: -3, run: set },
  SETNX: {
    arity: 3,
    run({ keyspace }, [key, value]) {
      if (keyspace.typeOf(key!) !== undefined) return 0;
      keyspace.putString(key!, value!);
      return 1;
    },
  },
  GETDEL: {
    arity: 2,
    run({ keyspace }, [key]) {
      const value = keyspace.find(key!, 'string') ?? null;
      keyspace.delete(key!);
      return value;
    },
  },
  MGET: {
    arity: -2,
    run: ({ keyspace }, keys) =>
      keys.map((key) => (keyspace.typeOf(key) === 'string' ? keyspace.find(key, 'string')! : null)),
  },
  MSET: {
    arity: -3,
    run({ keyspace }, pairs) {
      if (pairs.length % 2 === 1) throw wrongArity('MSET');
      for (let index = 0; index < pairs.length; index += 2)
        keyspace.putString(pairs[index]!, pairs[index + 1]!);
      return OK;
    },
  },
  INCR: { arity: 2, run: (execution, [key]) => add(execution, key!, 1) },
  DECR: { arity: 2, run: (execution, [key]) => add(execution, key!, -1) },
  INCRBY: { arity: 3, run: (execution, [key, by]) => add(execution, key!, parseInteger(by!)) },
  DECRBY: { arity: 3, run: (execution, [key, by]) => add(execution, key!, -parseInteger(by!)) },
};
