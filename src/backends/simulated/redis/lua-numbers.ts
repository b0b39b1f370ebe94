// First: the library's modules load in a circle, and this is where it begins.
import 'fengari/src/defs.js';
import luaConfiguration from 'fengari/src/luaconf.js';
import { formatGeneral } from './reply.ts';

/*
 * Redis has Lua 5.1, whose numbers are all doubles. The library has Lua 5.3 with 32-bit integers beside them:
 * they would overflow where Redis does not, as in seconds times 1000. So no integer may come into being: not from
 * replies, not from `tonumber`, and not from the text of a script. What is left is how doubles are written.
 */
Object.assign(luaConfiguration, {
  LUA_COMPAT_FLOATSTRING: true,
  lua_number2str: (value: number) => {
    if (Number.isInteger(value) && Math.abs(value) < 1e14 && value !== 0) return String(value);
    return Number.isNaN(value) ? '-nan' : formatGeneral(value, 14);
  },
});

const TOKEN =
  /--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|\[(=*)\[[\s\S]*?\]\2\]|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[A-Za-z_]\w*|0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/g;

/** The same script with every integer literal written as a double: `10` becomes `10.0`. */
export const withDoubleLiterals = (lua: string): string =>
  lua.replaceAll(TOKEN, (token) => (/^(?:\d+|0[xX][\da-fA-F]+)$/.test(token) ? `${Number(token)}.0` : token));

/** Reads a number as Lua 5.1's `tonumber` does in base ten; undefined when it is none. */
export const parseLuaNumber = (text: string): number | undefined => {
  const trimmed = text.trim();
  if (!/^[+-]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/.test(trimmed)) return undefined;
  return trimmed.startsWith('-') ? -Number(trimmed.slice(1)) : Number(trimmed.replace('+', ''));
};
