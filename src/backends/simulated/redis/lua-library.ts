// First: it configures the library before the library reads its configuration.
import './lua-numbers.ts';
import fengari from 'fengari';
import './lua-tables.ts';

/** Fengari, set up to count as Redis's Lua does. */
export const { lauxlib, lua, lualib } = fengari;
export type { LuaFunction, LuaState } from 'fengari';
