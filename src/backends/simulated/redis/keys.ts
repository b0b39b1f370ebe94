import type { CommandTable, Execution } from './command.ts';
import { CommandError, parseInteger, type Reply, Status, syntaxError, wrongArity } from './reply.ts';

type ExpiryCondition = 'NX' | 'XX' | 'GT' | 'LT';

const parseExpiryConditions = (words: readonly string[]): ReadonlySet<ExpiryCondition> => {
  const conditions = new Set<ExpiryCondition>();
  for (const word of words) {
    const condition = word.toUpperCase();
    if (!/^(?:NX|XX|GT|LT)$/.test(condition)) throw new CommandError(`ERR Unsupported option ${word}`);
    conditions.add(condition as ExpiryCondition);
  }
  if (conditions.has('NX') && conditions.size > 1) {
    throw new CommandError('ERR NX and XX, GT or LT options at the same time are not compatible');
  }
  if (conditions.has('GT') && conditions.has('LT')) {
    throw new CommandError('ERR GT and LT options at the same time are not compatible');
  }
  return conditions;
};

const expire =
  (name: string, unitMs: number) =>
  ({ keyspace }: Execution, [key = '', time = '', ...words]: readonly string[]): Reply => {
    const conditions = parseExpiryConditions(words);
    const atMs = keyspace.nowMs + parseInteger(time) * unitMs;
    if (!Number.isSafeInteger(atMs)) throw new CommandError(`ERR invalid expire time in '${name}' command`);
    const present = keyspace.expiryOf(key);
    if (present === undefined) return 0;
    const mortal = present !== Number.POSITIVE_INFINITY;
    const refused =
      (conditions.has('NX') && mortal) ||
      (conditions.has('XX') && !mortal) ||
      (conditions.has('GT') && atMs <= present) ||
      (conditions.has('LT') && atMs >= present);
    return !refused && keyspace.expireAt(key, atMs) ? 1 : 0;
  };

const timeToLive =
  (unitMs: number) =>
  ({ keyspace }: Execution, [key = '']: readonly string[]): Reply => {
    const expiresAtMs = keyspace.expiryOf(key);
    if (expiresAtMs === undefined) return -2;
    if (expiresAtMs === Number.POSITIVE_INFINITY) return -1;
    return Math.round((expiresAtMs - keyspace.nowMs) / unitMs);
  };

const remove = ({ keyspace }: Execution, keys: readonly string[]): Reply =>
  keys.filter((key) => keyspace.delete(key)).length;

/** A glob-style pattern: `*`, `?`, `[a-z]`, `[^a]`, and a backslash before what is meant literally. */
const globPattern = (glob: string): RegExp => {
  const source = glob.replaceAll(
    /\\([\s\S])|\[(\^?)((?:\\[\s\S]|[^\]])*)\]|([*?])|([\s\S])/g,
    (_, escaped?: string, not?: string, range?: string, wildcard?: string, literal?: string) => {
      if (wildcard !== undefined) return wildcard === '*' ? '[\\s\\S]*' : '[\\s\\S]';
      if (range !== undefined) return `[${not}${range.replaceAll(/[[\]^]/g, String.raw`\$&`)}]`;
      return (escaped ?? literal ?? '').replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
    },
  );
  return new RegExp(`^${source}$`);
};

const DEFAULT_SCAN_COUNT = 10;

const scan = ({ keyspace }: Execution, [cursorText = '', ...words]: readonly string[]): Reply => {
  const cursor = parseInteger(cursorText, () => new CommandError('ERR invalid cursor'));
  let pattern: RegExp | undefined;
  let count = DEFAULT_SCAN_COUNT;
  let type: string | undefined;
  for (let index = 0; index < words.length; index += 2) {
    const value = words[index + 1];
    const word = words[index]!.toUpperCase();
    if (value === undefined) throw syntaxError();
    if (word === 'MATCH') pattern = globPattern(value);
    else if (word === 'TYPE') type = value.toLowerCase();
    else if (word === 'COUNT') count = parseInteger(value);
    else throw syntaxError();
    if (count < 1) throw syntaxError();
  }
  const found = keyspace.scan(cursor, count);
  const wanted = (key: string) =>
    pattern?.test(key) !== false && (type === undefined || keyspace.typeOf(key) === type);
  return [String(found.cursor), found.keys.filter(wanted)];
};

export const keys: CommandTable = {
  DEL: { arity: -2, run: remove },
  UNLINK: { arity: -2, run: remove },
  EXISTS: {
    arity: -2,
    run: ({ keyspace }, names) => names.filter((key) => keyspace.typeOf(key) !== undefined).length,
  },
  TYPE: { arity: 2, run: ({ keyspace }, [key]) => new Status(keyspace.typeOf(key!) ?? 'none') },
  EXPIRE: { arity: -3, run: expire('expire', 1_000) },
  PEXPIRE: { arity: -3, run: expire('pexpire', 1) },
  PERSIST: {
    arity: 2,
    run({ keyspace }, [key]) {
      const expiresAtMs = keyspace.expiryOf(key!) ?? Number.POSITIVE_INFINITY;
      return expiresAtMs === Number.POSITIVE_INFINITY ? 0 : Number(keyspace.expireAt(key!, Infinity));
    },
  },
  TTL: { arity: 2, run: timeToLive(1_000) },
  PTTL: { arity: 2, run: timeToLive(1) },
  SCAN: { arity: -2, run: scan },
  TIME: {
    arity: 1,
    run(execution) {
      const epochMs = execution.epochMs();
      const seconds = Math.floor(epochMs / 1_000);
      return [String(seconds), String(Math.floor((epochMs - seconds * 1_000) * 1_000))];
    },
  },
  PING: {
    arity: -1,
    run(_, [message, ...more]) {
      if (more.length > 0) throw wrongArity('PING');
      return message ?? new Status('PONG');
    },
  },
  PUBLISH: { arity: 3, run: ({ publish }, [channel, message]) => publish(channel!, message!) },
  ECHO: { arity: 2, run: (_, [message]) => message! },
};
