import * as fc from 'fast-check';

/** A command as words, with `{a}`, `{b}` and `{c}` for keys. */
export type Words = readonly string[];

export const KEYS = ['{a}', '{b}', '{c}'];

const key = fc.constantFrom(...KEYS);
const text = fc.constantFrom('x', 'y', 'zü', '', '7', '-3', '007', '2.5', '99999999999999999999');
const score = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map(String),
  fc.constantFrom('0.1', '2.5', '1e3', 'inf', '-inf', 'x', '1e16', '123456789012345678'),
);

const SCRIPTS = [
  `return redis.call('INCR', KEYS[1])`,
  `return { redis.call('TYPE', KEYS[1]), redis.pcall('GET', KEYS[2]), ARGV[1] }`,
  `local n = tonumber(ARGV[1]) if not n then return 'nan' end return { n * 1000 / 7 .. '', n, n + 0.5 }`,
  `redis.call('SET', KEYS[1], ARGV[1] == '7' and 1e15 or 0.1) return redis.call('GET', KEYS[1])`,
  `redis.call('RPUSH', KEYS[1], 'from', 'script') return redis.call('LRANGE', KEYS[1], 0, -1)`,
  `redis.call('DEL', KEYS[1]) error('stopped: ' .. ARGV[1])`,
  `return tonumber(ARGV[1]) and ARGV[1] + 1 or redis.error_reply(ARGV[1])`,
];

/** What the words in lower case stand for: good values, and bad ones. */
const VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  key,
  text,
  score,
  integer: fc.oneof(
    fc.integer({ min: -5, max: 5 }).map(String),
    fc.constantFrom('100', '+1', '1.0', 'ten', '', ' 1'),
  ),
  index: fc.integer({ min: -4, max: 4 }).map(String),
  bound: fc.oneof(
    score,
    score.map((value) => `(${value}`),
    fc.constantFrom('-inf', '+inf'),
  ),
  // Long enough that nothing expires within a test.
  seconds: fc.constantFrom('1000', '2000', '0', '-1', 'soon'),
  ms: fc.constantFrom('900000', '0', '-1'),
  script: fc.constantFrom(...SCRIPTS),
};

/** `[A,B]` stands for any of these words or none, `A|B` for one of them, `text+` for up to three. */
const wordOf = (token: string): fc.Arbitrary<string | Words> => {
  const options = /^\[(.*)\]$/.exec(token)?.[1]?.split(',');
  if (options !== undefined) return fc.subarray(options);
  const value = VALUES[token.replace('+', '')];
  if (value === undefined) return fc.constantFrom(...token.split('|'));
  return token.endsWith('+') ? fc.array(value, { minLength: 1, maxLength: 3 }) : value;
};

const SHAPES = `
SET key text
SET key text [NX,XX,GET,KEEPTTL]
SET key text EX|PX|FOR seconds
SET key text EX
GET key
GET
SETNX key text
GETDEL key
MGET key+
MSET key text key text
MSET key text key
INCR|DECR key
INCRBY|DECRBY key integer
DEL|UNLINK|EXISTS key+
TYPE key
EXPIRE key seconds [NX,XX,GT,LT]
PEXPIRE key ms
PERSIST|TTL key
HSET key text text
HSET key text
HSETNX key text text
HGET|HEXISTS key text
HMGET|HDEL key text+
HGETALL|HLEN key
HINCRBY key text integer
LPUSH|RPUSH key text+
LPOP|RPOP key
LPOP|RPOP key integer
LLEN key
LRANGE|LTRIM key index integer
LREM key integer text
SADD|SREM key text+
SISMEMBER key text
SCARD|SMEMBERS key
ZADD key score text score text
ZADD key [NX,XX,GT,LT,CH,INCR] score text
ZINCRBY key score text
ZREM key text+
ZSCORE key text
ZCARD key
ZCOUNT|ZREMRANGEBYSCORE key bound bound
ZRANGE key index integer [REV,WITHSCORES]
ZRANGE key bound bound BYSCORE [REV,WITHSCORES]
ZRANGE key bound bound [BYSCORE] LIMIT index index
ZRANGEBYSCORE key bound bound [WITHSCORES]
ZPOPMIN key
ZPOPMIN key integer
PING
PING|NONSENSE text
SCRIPT NONSENSE
EVAL script 2 key key text
`;

const shapes = SHAPES.trim()
  .split('\n')
  .map((shape) => fc.tuple(...shape.split(' ').map(wordOf)).map((words): Words => words.flat()));

/** Any sequence of up to 40 commands, sensible or not. */
export const commands: fc.Arbitrary<readonly Words[]> = fc.array(fc.oneof(...shapes), {
  minLength: 1,
  maxLength: 40,
});
