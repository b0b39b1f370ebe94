import { type CommandTable, type Execution, rangeOf } from './command.ts';
import {
  CommandError,
  formatScore,
  notAnInteger,
  parseFloating,
  parseInteger,
  type Reply,
  syntaxError,
} from './reply.ts';
import type { ScoredMember, SortedSet } from './sorted-set.ts';

const ADD_FLAGS = ['NX', 'XX', 'GT', 'LT', 'CH', 'INCR'] as const;
type AddFlag = (typeof ADD_FLAGS)[number];

const incompatible = (what: string) =>
  new CommandError(`ERR ${what} options at the same time are not compatible`);

/** Splits ZADD's words into flags and pairs of a score and a member. */
const parseAdd = (words: readonly string[]) => {
  const flags = new Set<AddFlag>();
  let at = 0;
  for (; at < words.length; at += 1) {
    const flag = ADD_FLAGS.find((name) => name === words[at]!.toUpperCase());
    if (flag === undefined) break;
    flags.add(flag);
  }
  const rest = words.slice(at);
  if (rest.length === 0 || rest.length % 2 === 1) throw syntaxError();
  if (flags.has('NX') && flags.has('XX')) throw incompatible('XX and NX');
  if (Number(flags.has('GT')) + Number(flags.has('LT')) + Number(flags.has('NX')) > 1)
    throw incompatible('GT, LT, and/or NX');
  if (flags.has('INCR') && rest.length > 2) {
    throw new CommandError('ERR INCR option supports a single increment-element pair');
  }
  const pairs: ScoredMember[] = [];
  for (let index = 0; index < rest.length; index += 2) {
    pairs.push({ score: parseFloating(rest[index]!), member: rest[index + 1]! });
  }
  return { flags, pairs };
};

/** The score a member gets, or undefined when the flags leave it as it is. */
const scoreToSet = (
  flags: ReadonlySet<AddFlag>,
  present: number | undefined,
  score: number,
): number | undefined => {
  if (present === undefined) return flags.has('XX') ? undefined : score;
  const sum = flags.has('INCR') ? present + score : score;
  if (Number.isNaN(sum)) throw new CommandError('ERR resulting score is not a number (NaN)');
  const refused =
    flags.has('NX') || (flags.has('GT') && sum <= present) || (flags.has('LT') && sum >= present);
  return refused ? undefined : sum;
};

const add = ({ keyspace }: Execution, [key = '', ...words]: readonly string[]): Reply => {
  const { flags, pairs } = parseAdd(words);
  let added = 0;
  let updated = 0;
  let last: number | undefined;
  const present = keyspace.find(key, 'zset');
  const set: SortedSet | undefined = flags.has('XX') ? present : keyspace.obtain(key, 'zset');
  try {
    for (const { score, member } of pairs) {
      const before = set?.score(member);
      last = scoreToSet(flags, before, score);
      if (last === undefined) continue;
      set?.set(member, last);
      if (before === undefined) added += 1;
      else if (before !== last) updated += 1;
    }
  } finally {
    if (set !== undefined) keyspace.changed(key);
  }
  if (flags.has('INCR')) return last === undefined ? null : formatScore(last);
  return flags.has('CH') ? added + updated : added;
};

interface Bound {
  readonly score: number;
  readonly exclusive: boolean;
}

const parseBound = (text: string): Bound => {
  const exclusive = text.startsWith('(');
  const invalid = () => new CommandError('ERR min or max is not a float');
  return { score: parseFloating(exclusive ? text.slice(1) : text, invalid), exclusive };
};

/** The ranks that the scores from `min` to `max` have: from, up to and not with. */
const ranksOf = (set: SortedSet, min: Bound, max: Bound): readonly [start: number, end: number] => [
  set.countBelow(min.score, min.exclusive),
  set.countBelow(max.score, !max.exclusive),
];

const listed = (members: readonly ScoredMember[], withScores: boolean): Reply =>
  members.flatMap(({ member, score }) => (withScores ? [member, formatScore(score)] : [member]));

interface RangeOptions {
  readonly words: ReadonlySet<string>;
  readonly limit: { readonly offset: number; readonly count: number } | undefined;
}

const parseRangeOptions = (args: readonly string[], known: readonly string[]): RangeOptions => {
  const words = new Set<string>();
  let limit: RangeOptions['limit'];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index]!.toUpperCase();
    const [offset, count] = [args[index + 1], args[index + 2]];
    if (word === 'LIMIT' && offset !== undefined && count !== undefined) {
      limit = { offset: parseInteger(offset, notAnInteger), count: parseInteger(count, notAnInteger) };
      index += 2;
    } else if (known.includes(word)) words.add(word);
    else throw syntaxError();
  }
  return { words, limit };
};

const rangeByScore = (
  { keyspace }: Execution,
  [key = '', minText = '', maxText = '']: readonly string[],
  { words, limit }: RangeOptions,
): Reply => {
  const reversed = words.has('REV');
  const bounds = [parseBound(minText), parseBound(maxText)] as const;
  const [min, max] = reversed ? [bounds[1], bounds[0]] : bounds;
  const set = keyspace.find(key, 'zset');
  if (set === undefined) return [];
  const found = set.slice(...ranksOf(set, min, max));
  const { offset, count } = limit ?? { offset: 0, count: -1 };
  if (offset < 0) return [];
  const end = count < 0 ? found.length : offset + count;
  return listed((reversed ? found.toReversed() : found).slice(offset, end), words.has('WITHSCORES'));
};

const range = (execution: Execution, args: readonly string[]): Reply => {
  const options = parseRangeOptions(args.slice(3), ['BYSCORE', 'REV', 'WITHSCORES']);
  if (options.words.has('BYSCORE')) return rangeByScore(execution, args, options);
  // A count of -1 is all there are, which Redis takes for no limit at all.
  if ((options.limit?.count ?? -1) !== -1) {
    throw syntaxError(', LIMIT is only supported in combination with either BYSCORE or BYLEX');
  }
  const [key = '', start = '', stop = ''] = args;
  const [from, to] = [parseInteger(start), parseInteger(stop)];
  const set = execution.keyspace.find(key, 'zset');
  if (set === undefined) return [];
  const [first, end] = rangeOf(from, to, set.size);
  const reversed = options.words.has('REV');
  const members = reversed ? set.slice(0, set.size).toReversed() : set;
  return listed(first < end ? members.slice(first, end) : [], options.words.has('WITHSCORES'));
};

const notPositive = () => new CommandError('ERR value is out of range, must be positive');

export const sortedSets: CommandTable = {
  ZADD: { arity: -4, run: add },
  ZINCRBY: {
    arity: 4,
    run: (execution, [key, by, member]) => add(execution, [key!, 'INCR', by!, member!]),
  },
  ZREM: {
    arity: -3,
    run({ keyspace }, [key, ...members]) {
      const set = keyspace.find(key!, 'zset');
      const removed = members.filter((member) => set?.delete(member)).length;
      if (removed > 0) keyspace.changed(key!);
      return removed;
    },
  },
  ZSCORE: {
    arity: 3,
    run({ keyspace }, [key, member]) {
      const score = keyspace.find(key!, 'zset')?.score(member!);
      return score === undefined ? null : formatScore(score);
    },
  },
  ZCARD: { arity: 2, run: ({ keyspace }, [key]) => keyspace.find(key!, 'zset')?.size ?? 0 },
  ZCOUNT: {
    arity: 4,
    run({ keyspace }, [key, min, max]) {
      const [low, high] = [parseBound(min!), parseBound(max!)];
      const set = keyspace.find(key!, 'zset');
      if (set === undefined) return 0;
      const [start, end] = ranksOf(set, low, high);
      return Math.max(0, end - start);
    },
  },
  ZRANGE: { arity: -4, run: range },
  ZRANGEBYSCORE: {
    arity: -4,
    run: (execution, args) => rangeByScore(execution, args, parseRangeOptions(args.slice(3), ['WITHSCORES'])),
  },
  ZPOPMIN: {
    arity: -2,
    run({ keyspace }, [key, countText, ...more]) {
      if (more.length > 0) throw syntaxError();
      const count = countText === undefined ? 1 : parseInteger(countText, notPositive);
      if (count < 0) throw notPositive();
      const set = keyspace.find(key!, 'zset');
      if (set === undefined) return [];
      const lowest = set.slice(0, count);
      for (const { member } of lowest) set.delete(member);
      keyspace.changed(key!);
      return listed(lowest, true);
    },
  },
  ZREMRANGEBYSCORE: {
    arity: 4,
    run({ keyspace }, [key, min, max]) {
      const [low, high] = [parseBound(min!), parseBound(max!)];
      const set = keyspace.find(key!, 'zset');
      if (set === undefined) return 0;
      const doomed = set.slice(...ranksOf(set, low, high));
      for (const { member } of doomed) set.delete(member);
      if (doomed.length > 0) keyspace.changed(key!);
      return doomed.length;
    },
  },
};
