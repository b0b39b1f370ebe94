import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { LuaHost } from '../../../src/backends/simulated/redis/lua-host.ts';
import { lua } from '../../../src/backends/simulated/redis/lua-library.ts';
import { newSandbox } from '../../../src/backends/simulated/redis/lua-sandbox.ts';
import { CommandError, type Reply, Status } from '../../../src/backends/simulated/redis/reply.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';

/** What a script answers; the commands it calls answer with `replies`, in turn. */
const answer = (lua: string, replies: Reply[] = [], args: readonly string[] = []) => {
  const host = new LuaHost(new SeededRandom(1));
  const calls: (readonly string[])[] = [];
  const reply = host.run(host.load(lua), ['key'], args, (words) => {
    calls.push(words);
    const next = replies.shift() ?? null;
    if (next instanceof CommandError) throw next;
    return next;
  });
  return { reply: reply instanceof CommandError ? reply.message : reply, calls };
};

const replyOf = (lua: string, replies?: Reply[], args?: readonly string[]) =>
  answer(lua, replies, args).reply;

describe('numbers of scripts', () => {
  // What a Redis 7.0 answers to the same texts.
  test.each([
    ["return 10 .. ' ' .. 4 / 2 .. ' ' .. 7 / 2 .. ' ' .. 0x10", '10 2 3.5 16'],
    [
      "return 2 ^ 31 .. ' ' .. 2 ^ 53 .. ' ' .. 1e14 .. ' ' .. 1e15",
      '2147483648 9.007199254741e+15 1e+14 1e+15',
    ],
    ["return 60 * 60 * 24 * 365 * 1000 .. ''", '31536000000'],
    ["return tonumber('1732439000') * 1000 .. ''", '1732439000000'],
    ["return '10' + 5 .. ''", '15'],
    ["return 0.1 .. ' ' .. 1e-5 .. ' ' .. 1 / 0 .. ' ' .. -1 / 0", '0.1 1e-05 inf -inf'],
    ["return math.floor(2 ^ 40 / 3) * math.floor(3.7) .. ''", '1099511627775'],
    ["return #ARGV .. ' ' .. 10 % 3 .. ' ' .. -5 % 3", '0 1 1'],
    [
      "return tostring(tonumber(' 0x10 ')) .. tostring(tonumber('abc')) .. tostring(tonumber(''))",
      '16nilnil',
    ],
    ["local sum = 0 for i = 1, 3 do sum = sum + i * 1000000000 end return sum .. ''", '6000000000'],
    ["return '1' .. [[ 2 ]] .. \"3\" -- 4\n --[[ 5 ]] .. '6'", '1 2 36'],
    ['return 3.99', 3],
    ['return -1.5', -1],
    ['return 5000000000', 5_000_000_000],
  ])('%s', (lua, expected) => {
    expect(replyOf(lua)).toBe(expected);
  });

  test('reach commands with all their digits', () => {
    const { calls } = answer("redis.call('SET', KEYS[1], 0.1, 3000000000 * 2, 1e15, -7)");
    expect(calls).toEqual([['SET', 'key', '0.10000000000000001', '6000000000', '1000000000000000', '-7']]);
  });
});

describe('replies', () => {
  test('come to scripts as Redis converts them', () => {
    const lua = `local status = redis.call('a')
      return { status.ok, redis.call('b'), type(redis.call('c')), redis.call('d')[2], redis.pcall('e').err }`;
    const replies = [new Status('FINE'), 5_000_000_000, null, ['x', 'y'], new CommandError('ERR no')];
    expect(replyOf(lua, replies)).toEqual(['FINE', 5_000_000_000, 'boolean', 'y', 'ERR no']);
  });

  test('end at the first nil', () => {
    expect(replyOf('return { 1, { 2, nil, 3 }, nil, 4 }')).toEqual([1, [2]]);
  });

  test('have a bound on how deep they go', () => {
    expect(JSON.stringify(replyOf('local t = {} t[1] = t return t'))).toMatch(/^\[{100}/);
  });

  test('carry any text', () => {
    expect(replyOf("return { 'Grüße 世界 😀', ARGV[1], #ARGV[1] }", [], ['é😀'])).toEqual([
      'Grüße 世界 😀',
      'é😀',
      6,
    ]);
  });
});

describe('strings that come from outside', () => {
  test('are like those of the script itself, as keys, compared, measured and cut', () => {
    const lua = `local seen = { ['zü'] = 'yes' }
      seen[ARGV[1]] = seen[ARGV[1]] .. '!'
      return { seen['zü'], ARGV[1] == 'zü', #ARGV[1], string.sub(ARGV[1], 2), ARGV[1] < 'zz', KEYS[1] == 'key' }`;
    expect(replyOf(lua, [], ['zü'])).toEqual(['yes!', 1, 3, 'ü', null, 1]);
  });
});

test('a table can lose entries while it is walked over', () => {
  const lua = `local left, walked = { a = 1, b = 2, c = 3, d = 4 }, 0
    for name in pairs(left) do left[name] = nil walked = walked + 1 end
    left.e = 5
    return { walked, next(left), next(left, 'e') == nil }`;
  expect(replyOf(lua)).toEqual([4, 'e', 1]);
});

test('the stack of scripts stays an array to the engine, however often it shrinks', () => {
  const L = newSandbox({ call: () => 0, pcall: () => 0 }, new SeededRandom(1));
  for (let call = 0; call < 10_000; call += 1) {
    for (let n = 0; n < 8; n += 1) lua.lua_pushnumber(L, n);
    lua.lua_settop(L, 2);
  }
  setFlagsFromString('--allow-natives-syntax');
  const isDictionary = runInThisContext('(array) => %HasDictionaryElements(array)') as (
    array: unknown,
  ) => boolean;
  expect(isDictionary(L.stack)).toBe(false);
});

describe('errors', () => {
  const place = (line: number) => new RegExp(` script: [0-9a-f]{40}, on @user_script:${line}\\.$`);

  test('of a command stop the script, with its line', () => {
    const reply = replyOf("redis.call('a')\nredis.call('b')\nreturn 1", [
      1,
      new CommandError('WRONGTYPE no'),
    ]);
    expect(reply).toMatch(/^WRONGTYPE no script/);
    expect(reply).toMatch(place(2));
  });

  test('of a script have its line', () => {
    expect(replyOf("\n\nerror('boom')")).toMatch(/^ERR user_script:3: boom/);
    expect(replyOf("error({ err = 'MY own' })")).toMatch(/^MY own script/);
    expect(replyOf('error(nil)')).toMatch(/^ERR nil script/);
  });

  test('can be caught by the script', () => {
    const lua = "local ok, problem = pcall(redis.call, 'a') return { tostring(ok), problem }";
    expect(replyOf(lua, [new CommandError('ERR no')])).toEqual(['false', 'ERR no']);
  });

  test('of the wrong kind of argument are found before the command', () => {
    const { reply, calls } = answer("return redis.call('SET', {})");
    expect(reply).toMatch(/^ERR Lua redis lib command arguments must be strings or integers/);
    expect(calls).toEqual([]);
  });

  test('that a script makes are as Redis makes them', () => {
    expect(replyOf("return redis.error_reply('BUSY')")).toBe('ERR BUSY');
    expect(replyOf("return redis.error_reply('-MY own')")).toBe('MY own');
    expect(replyOf('return redis.error_reply()')).toBe('ERR wrong number or type of arguments');
    expect(replyOf("return redis.status_reply('FINE')")).toEqual(new Status('FINE'));
  });

  test('in a text say so when it is loaded', () => {
    expect(() => replyOf('return 1 +')).toThrow(
      /^ERR Error compiling script \(new function\): user_script:1: /,
    );
  });

  test('of the simulation itself come out as they are', () => {
    const host = new LuaHost(new SeededRandom(1));
    const digest = host.load("return redis.pcall('a')");
    const broken = () => {
      throw new TypeError('a defect');
    };
    expect(() => host.run(digest, [], [], broken)).toThrow(new TypeError('a defect'));
    expect(host.run(digest, [], [], () => 1)).toBe(1);
  });
});

describe('the sandbox', () => {
  test.each([
    ['x = 1', 'Attempt to modify a readonly table'],
    ['KEYS = {}', 'Attempt to modify a readonly table'],
    ['_G.x = 1', 'Attempt to modify a readonly table'],
    ['redis.call = nil', 'Attempt to modify a readonly table'],
    ['string.rep = nil', 'Attempt to modify a readonly table'],
    ["rawset(_G, 'x', 1)", 'Attempt to modify a readonly table'],
    ['setmetatable(_G, {})', 'Attempt to modify a readonly table'],
    ['return x', "Script attempted to access nonexistent global variable 'x'"],
    ...['os', 'io', 'require', 'dofile', 'load', 'debug', 'print', 'package'].map((name) => [
      `return ${name}`,
      `Script attempted to access nonexistent global variable '${name}'`,
    ]),
  ])('refuses %s', (lua, problem) => {
    expect(replyOf(lua)).toContain(problem);
  });

  test('gives nothing of one script to the next', () => {
    const host = new LuaHost(new SeededRandom(1));
    const run = (lua: string, args: string[]) => host.run(host.load(lua), [], args, () => null);
    run('local kept = ARGV ARGV[2] = 1', ['a']);
    expect(run('return { #ARGV, #KEYS, ARGV[1] }', ['b'])).toEqual([1, 0, 'b']);
    expect(run("return getmetatable('')", [])).toBeNull();
  });

  test('ends a script that runs for too long', () => {
    expect(replyOf('while true do end')).toMatch(/^ERR the script ran for too long script/);
  });

  test('draws chance from its own source alone', () => {
    const draw = () => replyOf('return { math.random(1000000), math.random(5, 6) }');
    expect(draw()).toEqual(draw());
    const [first, second] = draw() as number[];
    expect(first).toBeGreaterThanOrEqual(1);
    expect([5, 6]).toContain(second);
  });
});

test('a script is known by its digest, until too many others have come', () => {
  const host = new LuaHost(new SeededRandom(1));
  const digest = host.load('return 1');
  expect(digest).toBe('e0e1f9fabfc9d4800c877a703b823ac0578ff8db');
  for (let index = 0; index < 1_000; index += 1) host.load(`return ${index} + 1`);
  expect(host.has(digest)).toBe(false);
  expect(() => host.run(digest, [], [], () => null)).toThrow('NOSCRIPT No matching script. Please use EVAL.');
});
