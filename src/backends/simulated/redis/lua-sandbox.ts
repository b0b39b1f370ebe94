import type { Random } from '../../../kernel/random.ts';
import { sha1Hex } from '../../redis-protocol.ts';
import { lauxlib, lua, type LuaFunction, lualib, type LuaState } from './lua-library.ts';
import { parseLuaNumber } from './lua-numbers.ts';
import { decode, encode, pushText, textAt } from './lua-text.ts';

/**
 * Builds what a script sees from what the library has: the names and behaviour of Redis's Lua 5.1, read-only.
 * Gives the scripts' globals, and the table behind them in which KEYS and ARGV are put.
 */
const PRELUDE = `
local host = ...
local floor, ceil, raw_pcall, raw_rawset, raw_setmetatable = math.floor, math.ceil, pcall, rawset, setmetatable
local protected = {}

local function readonly(behind)
  local front = raw_setmetatable({}, {
    __index = behind,
    __newindex = function() error('Attempt to modify a readonly table', 2) end,
    __metatable = false,
  })
  protected[front] = true
  return front
end

local function guarded(change)
  return function(target, ...)
    if protected[target] then error('Attempt to modify a readonly table', 0) end
    return change(target, ...)
  end
end

local function unwrap(ok, problem, ...)
  if not ok and type(problem) == 'table' and problem.err then return false, problem.err end
  return ok, problem, ...
end

local function reply(field, adapt)
  return function(...)
    if select('#', ...) ~= 1 or type((...)) ~= 'string' then
      return { err = 'ERR wrong number or type of arguments' }
    end
    return { [field] = adapt((...)) }
  end
end

local globals = {
  assert = assert, error = error, getmetatable = getmetatable, ipairs = ipairs, next = next, pairs = pairs,
  rawequal = rawequal, rawget = rawget, select = select, tostring = tostring, type = type,
  tonumber = host.tonumber, unpack = table.unpack,
  pcall = function(...) return unwrap(raw_pcall(...)) end,
  rawset = guarded(raw_rawset), setmetatable = guarded(raw_setmetatable),
  string = readonly({
    byte = string.byte, char = string.char, find = string.find, format = string.format, gmatch = string.gmatch,
    gsub = string.gsub, len = string.len, lower = string.lower, match = string.match, rep = string.rep,
    reverse = string.reverse, sub = string.sub, upper = string.upper,
  }),
  table = readonly({
    concat = table.concat, insert = table.insert, remove = table.remove, sort = table.sort,
    getn = function(list) return #list + 0.0 end,
  }),
  math = readonly({
    abs = math.abs, exp = math.exp, fmod = math.fmod, huge = math.huge, log = math.log, max = math.max,
    min = math.min, modf = math.modf, pi = math.pi, sqrt = math.sqrt, random = host.random,
    ceil = function(x) return ceil(x) + 0.0 end,
    floor = function(x) return floor(x) + 0.0 end,
    pow = function(x, y) return x ^ y end,
  }),
  redis = readonly({
    call = host.call, pcall = host.pcall, sha1hex = host.sha1hex,
    status_reply = reply('ok', function(text) return text end),
    error_reply = reply('err', function(text)
      local message = string.gsub(text, '^%-', '')
      return string.find(message, ' ', 1, true) and message or 'ERR ' .. message
    end),
  }),
}
getmetatable('').__metatable = false
raw_setmetatable(globals, { __index = function(_, name)
  error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
end })
globals._G = readonly(globals)
return globals._G, globals
`;

/** Lua's `tonumber`, with the doubles of 5.1 and without its other bases. */
const toNumber: LuaFunction = (L) => {
  const type = lua.lua_type(L, 1);
  if (lua.lua_gettop(L) > 1) lauxlib.luaL_error(L, encode('tonumber: the simulation reads base 10 only'));
  if (type === lua.LUA_TNUMBER) lua.lua_pushnumber(L, lua.lua_tonumber(L, 1));
  else {
    const value = type === lua.LUA_TSTRING ? parseLuaNumber(textAt(L, 1)) : undefined;
    if (value === undefined) lua.lua_pushnil(L);
    else lua.lua_pushnumber(L, value);
  }
  return 1;
};

/** Lua's `math.random`, from the simulation's own source of chance. */
const randomFrom =
  (random: Random): LuaFunction =>
  (L) => {
    const count = lua.lua_gettop(L);
    if (count === 0) lua.lua_pushnumber(L, random.next());
    else {
      const low = count === 1 ? 1 : lua.lua_tonumber(L, 1);
      const high = lua.lua_tonumber(L, count === 1 ? 1 : 2);
      if (!(low <= high)) lauxlib.luaL_error(L, encode('bad argument to random (interval is empty)'));
      lua.lua_pushnumber(L, low + random.integer(high - low + 1));
    }
    return 1;
  };

const sha1: LuaFunction = (L) => {
  pushText(L, sha1Hex(decode(lua.lua_tostring(L, 1))));
  return 1;
};

/** More than the nested calls of a usual script take. */
const DENSE_SLOTS = 1_000;

/**
 * The library deletes from its stack what it pops, and grows it by empty slots. Left to itself, the engine soon
 * takes such an array for a sparse one and keeps it as a dictionary, several times as slow; full slots above keep it
 * an array.
 */
const keepStackDense = (L: LuaState): void => {
  lua.lua_checkstack(L, DENSE_SLOTS);
  L.stack.fill(null, L.top);
};

/** The functions through which a script calls Redis. */
export interface RedisFunctions {
  readonly call: LuaFunction;
  readonly pcall: LuaFunction;
}

/** A fresh Lua. Leaves two values on its stack: at index 1 the scripts' globals, at index 2 the table behind. */
export const newSandbox = (redis: RedisFunctions, random: Random): LuaState => {
  const L = lauxlib.luaL_newstate();
  const libraries = {
    _G: lualib.luaopen_base,
    string: lualib.luaopen_string,
    table: lualib.luaopen_table,
    math: lualib.luaopen_math,
  };
  for (const [name, open] of Object.entries(libraries)) lauxlib.luaL_requiref(L, encode(name), open, 1);
  lua.lua_settop(L, 0);
  const prelude = encode(PRELUDE);
  lauxlib.luaL_loadbuffer(L, prelude, prelude.length, encode('=prelude'));
  lua.lua_createtable(L, 0, 5);
  const host = { ...redis, random: randomFrom(random), sha1hex: sha1, tonumber: toNumber };
  for (const [name, fn] of Object.entries(host)) {
    pushText(L, name);
    lua.lua_pushcfunction(L, fn);
    lua.lua_rawset(L, -3);
  }
  if (lua.lua_pcall(L, 1, 2, 0) !== lua.LUA_OK) throw new Error(decode(lua.lua_tostring(L, -1)));
  keepStackDense(L);
  return L;
};
