import { lua, type LuaState } from './lua-library.ts';
import { LuaText, push, pushText, textAt } from './lua-text.ts';
import { CommandError, formatGeneral, type Reply, Status } from './reply.ts';

const MAX_DEPTH = 100;
/** What one level of a nested value needs of Lua's stack. */
const SLOTS_PER_LEVEL = 4;
/** What C makes of a double that no 64-bit integer can hold. */
const INTEGER_OUT_OF_RANGE = -(2 ** 63);

const ERR = new LuaText('err');
const OK = new LuaText('ok');

const pushField = (L: LuaState, name: LuaText, text: string): void => {
  lua.lua_createtable(L, 0, 1);
  push(L, name);
  pushText(L, text);
  lua.lua_rawset(L, -3);
};

export const pushError = (L: LuaState, message: string): void => pushField(L, ERR, message);

export const pushTexts = (L: LuaState, texts: readonly string[]): void => {
  lua.lua_createtable(L, texts.length, 0);
  for (let index = 0; index < texts.length; index += 1) {
    pushText(L, texts[index]!);
    lua.lua_rawseti(L, -2, index + 1);
  }
};

/** Pushes a reply as scripts see it. */
export const pushReply = (L: LuaState, reply: Reply): void => {
  if (typeof reply === 'string') pushText(L, reply);
  else if (typeof reply === 'number') lua.lua_pushnumber(L, reply);
  else if (reply === null) lua.lua_pushboolean(L, false);
  else if (reply instanceof Status) pushField(L, OK, reply.text);
  else if (reply instanceof CommandError) pushError(L, reply.message);
  else {
    lua.lua_checkstack(L, SLOTS_PER_LEVEL);
    lua.lua_createtable(L, reply.length, 0);
    for (let index = 0; index < reply.length; index += 1) {
      pushReply(L, reply[index]!);
      lua.lua_rawseti(L, -2, index + 1);
    }
  }
};

/** The string in a field of the table at the top, or undefined. */
const textField = (L: LuaState, name: LuaText): string | undefined => {
  push(L, name);
  const text = lua.lua_rawget(L, -2) === lua.LUA_TSTRING ? textAt(L, -1) : undefined;
  lua.lua_settop(L, -2);
  return text;
};

/** Takes the value at the top as a script's reply, and pops it. */
export const popReply = (L: LuaState, depth = 0): Reply => {
  const reply = readReply(L, depth);
  lua.lua_settop(L, -2);
  return reply;
};

const readReply = (L: LuaState, depth: number): Reply => {
  switch (lua.lua_type(L, -1)) {
    case lua.LUA_TSTRING:
      return textAt(L, -1);
    case lua.LUA_TNUMBER:
      return toInteger(lua.lua_tonumber(L, -1));
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(L, -1) ? 1 : null;
    case lua.LUA_TTABLE:
      return readTable(L, depth);
    default:
      return null;
  }
};

const toInteger = (value: number): number => {
  if (Math.abs(value) < 2 ** 63) return Math.trunc(value) + 0;
  return INTEGER_OUT_OF_RANGE;
};

const readTable = (L: LuaState, depth: number): Reply => {
  if (depth > MAX_DEPTH) return new CommandError('ERR reached lua stack limit');
  lua.lua_checkstack(L, SLOTS_PER_LEVEL);
  const error = textField(L, ERR);
  if (error !== undefined) return new CommandError(error);
  const status = textField(L, OK);
  if (status !== undefined) return new Status(status);
  const replies: Reply[] = [];
  for (let index = 1; ; index += 1) {
    lua.lua_rawgeti(L, -1, index);
    if (lua.lua_isnoneornil(L, -1)) break;
    replies.push(popReply(L, depth + 1));
  }
  lua.lua_settop(L, -2);
  return replies;
};

/** The words of a command that a script calls, from its stack; undefined: one of them is no string and no number. */
export const wordsOf = (L: LuaState): string[] | undefined => {
  const words: string[] = [];
  const count = lua.lua_gettop(L);
  for (let index = 1; index <= count; index += 1) {
    const type = lua.lua_type(L, index);
    if (type === lua.LUA_TSTRING) words.push(textAt(L, index));
    else if (type === lua.LUA_TNUMBER) words.push(formatNumber(lua.lua_tonumber(L, index)));
    else return undefined;
  }
  return words;
};

const formatNumber = (value: number): string =>
  Number.isSafeInteger(value) ? String(value) : formatGeneral(value, 17);
