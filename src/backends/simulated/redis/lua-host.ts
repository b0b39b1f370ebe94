import type { Random } from '../../../kernel/random.ts';
import { sha1Hex } from '../../redis-protocol.ts';
import { lauxlib, lua, type LuaFunction, type LuaState } from './lua-library.ts';
import { withDoubleLiterals } from './lua-numbers.ts';
import { newSandbox } from './lua-sandbox.ts';
import { decode, encode, LuaText, push } from './lua-text.ts';
import { popReply, pushError, pushReply, pushTexts, wordsOf } from './lua-values.ts';
import { CommandError, type Reply } from './reply.ts';

/** Scripts that stay compiled; beyond, the oldest is forgotten, and its EVALSHA answers NOSCRIPT. */
const MAX_SCRIPTS = 1_000;
/** About a second: a script that runs for longer would stop the whole server. */
const MAX_INSTRUCTIONS = 10_000_000;

const CHUNK_NAME = encode('@user_script');
const KEYS = new LuaText('KEYS');
const ARGV = new LuaText('ARGV');
const GLOBALS = 1;
const BEHIND_GLOBALS = 2;

/** Executes one command of a script: gives or throws its reply. */
type ExecuteCommand = (words: readonly string[]) => Reply;

/** Runs Redis's Lua scripts, each compiled once. */
export class LuaHost {
  readonly #state: LuaState;
  /** Digest to the compiled function's place in Lua's registry. */
  readonly #scripts = new Map<string, number>();
  #execute: ExecuteCommand = () => null;
  /** What stopped the present script: its own error, or one of the simulation. */
  #stop: { readonly message: string; readonly line: number | undefined } | undefined;
  #defect: unknown;

  constructor(random: Random) {
    const call = (raise: boolean): LuaFunction => {
      return (L) => {
        const reply = this.#call(L);
        pushReply(L, reply);
        return raise && reply instanceof CommandError ? lua.lua_error(L) : 1;
      };
    };
    this.#state = newSandbox({ call: call(true), pcall: call(false) }, random);
    lua.lua_atnativeerror(this.#state, (L) => {
      this.#defect = lua.lua_touserdata(L, 1);
      pushError(L, 'ERR the simulation failed');
      return 1;
    });
  }

  has(digest: string): boolean {
    return this.#scripts.has(digest);
  }

  /** Compiles a script, once, and gives its digest. Throws the error reply when it does not compile. */
  load(text: string): string {
    const digest = sha1Hex(text);
    if (this.#scripts.has(digest)) return digest;
    const L = this.#state;
    const source = encode(withDoubleLiterals(text));
    if (lauxlib.luaL_loadbuffer(L, source, source.length, CHUNK_NAME) !== lua.LUA_OK) {
      const problem = decode(lua.lua_tostring(L, -1));
      lua.lua_settop(L, -2);
      throw new CommandError(`ERR Error compiling script (new function): ${problem}`);
    }
    lua.lua_pushvalue(L, GLOBALS);
    lua.lua_setupvalue(L, -2, 1);
    this.#scripts.set(digest, lauxlib.luaL_ref(L, lua.LUA_REGISTRYINDEX));
    const [oldest] = this.#scripts;
    if (oldest !== undefined && this.#scripts.size > MAX_SCRIPTS) {
      this.#scripts.delete(oldest[0]);
      lauxlib.luaL_unref(L, lua.LUA_REGISTRYINDEX, oldest[1]);
    }
    return digest;
  }

  /** Runs a loaded script. Gives its reply, an error reply too. */
  run(digest: string, keys: readonly string[], args: readonly string[], execute: ExecuteCommand): Reply {
    const L = this.#state;
    const script = this.#scripts.get(digest);
    if (script === undefined) throw new CommandError('NOSCRIPT No matching script. Please use EVAL.');
    this.#execute = execute;
    this.#setGlobal(KEYS, keys);
    this.#setGlobal(ARGV, args);
    lua.lua_sethook(L, stopLongScript, lua.LUA_MASKCOUNT, MAX_INSTRUCTIONS);
    lua.lua_pushcfunction(L, this.#onError);
    lua.lua_rawgeti(L, lua.LUA_REGISTRYINDEX, script);
    const ended = lua.lua_pcall(L, 0, 1, BEHIND_GLOBALS + 1) === lua.LUA_OK;
    const reply = ended ? popReply(L) : this.#stopped(digest);
    lua.lua_settop(L, BEHIND_GLOBALS);
    return reply;
  }

  #stopped(digest: string): CommandError {
    const { message, line } = this.#stop ?? { message: 'ERR execution failure' };
    const defect = this.#defect;
    this.#stop = undefined;
    this.#defect = undefined;
    if (defect !== undefined) throw defect;
    const place = line === undefined ? '' : ` script: ${digest}, on @user_script:${line}.`;
    return new CommandError(`${message}${place}`);
  }

  /** Lua's message handler: called where the error is, with the stack still there. */
  readonly #onError: LuaFunction = (L) => {
    const problem = popReply(L);
    const message = problem instanceof CommandError ? problem.message : `ERR ${describe(problem)}`;
    this.#stop = { message, line: currentLine(L) };
    lua.lua_pushnil(L);
    return 1;
  };

  #setGlobal(name: LuaText, texts: readonly string[]): void {
    push(this.#state, name);
    pushTexts(this.#state, texts);
    lua.lua_rawset(this.#state, BEHIND_GLOBALS);
  }

  #call(L: LuaState): Reply {
    const words = wordsOf(L);
    if (words === undefined) {
      return new CommandError('ERR Lua redis lib command arguments must be strings or integers');
    }
    if (words.length === 0) {
      return new CommandError('ERR Please specify at least one argument for this redis lib call');
    }
    try {
      return this.#execute(words);
    } catch (error) {
      if (error instanceof CommandError) return error;
      throw error;
    }
  }
}

const stopLongScript = (L: LuaState): void => {
  lauxlib.luaL_error(L, encode('the script ran for too long'));
};

const SOURCE_AND_LINE = encode('Sl');

/** An error value that is not of Redis's own form. */
const describe = (problem: Reply): string => {
  if (problem === null) return 'nil';
  return typeof problem === 'object' ? '(error object is a table)' : String(problem);
};

/** The line of the innermost function that belongs to a script. */
const currentLine = (L: LuaState): number | undefined => {
  for (let level = 1; ; level += 1) {
    const info = new lua.lua_Debug();
    if (lua.lua_getstack(L, level, info) === 0) return undefined;
    lua.lua_getinfo(L, SOURCE_AND_LINE, info);
    if (info.currentline > 0 && decode(info.source) === '@user_script') return info.currentline;
  }
};
