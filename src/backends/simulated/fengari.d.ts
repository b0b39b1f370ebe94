/** The part of Fengari (Lua 5.3 in JavaScript) that the simulated Redis uses. Strings are bytes inside Lua. */
declare module 'fengari' {
  /** A string: its bytes, and its text once somebody asked for it. */
  interface LuaString {
    readonly realstring: Uint8Array;
    text?: string;
  }

  interface LuaState {
    readonly stack: ({ readonly value: LuaString } | null)[];
    readonly top: number;
    /** The function that runs: the stack holds its arguments from behind `funcOff`. */
    readonly ci: { readonly funcOff: number };
    readonly l_G: { id_counter: number };
  }
  /** Pops its arguments from the stack, pushes its results and gives their count. */
  type LuaFunction = (L: LuaState) => number;

  const fengari: {
    readonly to_luastring: (text: string) => Uint8Array;
    readonly lua: {
      readonly LUA_OK: number;
      readonly LUA_TBOOLEAN: number;
      readonly LUA_TNUMBER: number;
      readonly LUA_TSTRING: number;
      readonly LUA_TTABLE: number;
      readonly LUA_REGISTRYINDEX: number;
      readonly LUA_MASKCOUNT: number;
      readonly lua_Debug: new () => LuaDebug;
      readonly lua_atnativeerror: (L: LuaState, handler: LuaFunction) => void;
      /** Makes room for so many more values. */
      readonly lua_checkstack: (L: LuaState, count: number) => boolean;
      readonly lua_createtable: (L: LuaState, elements: number, fields: number) => void;
      readonly lua_error: (L: LuaState) => never;
      readonly lua_getinfo: (L: LuaState, what: Uint8Array, info: LuaDebug) => number;
      readonly lua_getstack: (L: LuaState, level: number, info: LuaDebug) => number;
      readonly lua_gettop: (L: LuaState) => number;
      readonly lua_isnoneornil: (L: LuaState, index: number) => boolean;
      readonly lua_pcall: (L: LuaState, args: number, results: number, handler: number) => number;
      readonly lua_pushboolean: (L: LuaState, value: boolean) => void;
      readonly lua_pushcfunction: (L: LuaState, fn: LuaFunction) => void;
      readonly lua_pushnil: (L: LuaState) => void;
      readonly lua_pushnumber: (L: LuaState, value: number) => void;
      readonly lua_pushstring: (L: LuaState, bytes: Uint8Array) => void;
      readonly lua_pushvalue: (L: LuaState, index: number) => void;
      readonly lua_rawget: (L: LuaState, index: number) => number;
      readonly lua_rawgeti: (L: LuaState, index: number, n: number) => number;
      readonly lua_rawset: (L: LuaState, index: number) => void;
      readonly lua_rawseti: (L: LuaState, index: number, n: number) => void;
      readonly lua_sethook: (L: LuaState, hook: (L: LuaState) => void, mask: number, count: number) => void;
      readonly lua_settop: (L: LuaState, index: number) => void;
      readonly lua_setupvalue: (L: LuaState, index: number, n: number) => void;
      readonly lua_toboolean: (L: LuaState, index: number) => boolean;
      readonly lua_tonumber: (L: LuaState, index: number) => number;
      readonly lua_tostring: (L: LuaState, index: number) => Uint8Array;
      readonly lua_touserdata: (L: LuaState, index: number) => unknown;
      readonly lua_type: (L: LuaState, index: number) => number;
    };
    readonly lauxlib: {
      readonly luaL_error: (L: LuaState, format: Uint8Array) => never;
      readonly luaL_loadbuffer: (L: LuaState, text: Uint8Array, size: number, name: Uint8Array) => number;
      readonly luaL_newstate: () => LuaState;
      readonly luaL_ref: (L: LuaState, table: number) => number;
      readonly luaL_requiref: (L: LuaState, name: Uint8Array, open: LuaFunction, global: number) => void;
      readonly luaL_unref: (L: LuaState, table: number, ref: number) => void;
    };
    readonly lualib: {
      readonly luaopen_base: LuaFunction;
      readonly luaopen_math: LuaFunction;
      readonly luaopen_string: LuaFunction;
      readonly luaopen_table: LuaFunction;
    };
  };

  interface LuaDebug {
    readonly currentline: number;
    readonly source: Uint8Array;
    readonly what: Uint8Array;
  }

  export default fengari;
  export type { LuaFunction, LuaState, LuaString };
}

declare module 'fengari/src/luaconf.js' {
  const configuration: {
    LUA_COMPAT_FLOATSTRING: boolean;
    lua_number2str: (value: number) => string;
  };
  export default configuration;
}

declare module 'fengari/src/defs.js';

declare module 'fengari/src/lobject.js' {
  import type { LuaState, LuaString } from 'fengari';

  const objects: {
    readonly pushsvalue2s: (L: LuaState, text: LuaString) => void;
  };
  export default objects;
}

declare module 'fengari/src/ltable.js' {
  import type { LuaState } from 'fengari';

  export interface LuaTable {
    readonly id: number;
    readonly strong: Map<unknown, unknown>;
    readonly dead_strong: Pick<Map<unknown, unknown>, 'get' | 'clear'>;
  }

  const tables: {
    readonly Table: { readonly prototype: object };
    luaH_new: (L: LuaState) => LuaTable;
  };
  export default tables;
}

declare module 'fengari/src/lstring.js' {
  const strings: { readonly TString: { readonly prototype: object } };
  export default strings;
}
