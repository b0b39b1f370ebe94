import { type CommandSpec, type CommandTable, hasArity } from './command.ts';
import type { LuaHost } from './lua-host.ts';
import { CommandError, parseInteger, type Reply } from './reply.ts';

/**
 * EVAL, EVALSHA and SCRIPT. `specOf` finds a command by its name in upper case, `execute` runs one that a script
 * called.
 */
export const scripting = (
  lua: LuaHost,
  specOf: (command: string) => CommandSpec | undefined,
  execute: (spec: CommandSpec, args: readonly string[]) => Reply,
): CommandTable => {
  const call = (words: readonly string[]): Reply => {
    const args = words.slice(1);
    const spec = specOf(words[0]!.toUpperCase());
    if (spec === undefined) throw new CommandError('ERR Unknown Redis command called from script');
    if (!hasArity(spec, args)) {
      throw new CommandError('ERR Wrong number of args calling Redis command from script');
    }
    if (spec.outsideScripts === true) {
      throw new CommandError('ERR This Redis command is not allowed from script');
    }
    return execute(spec, args);
  };

  const run = (digestOf: () => string, [countText = '', ...words]: readonly string[]): Reply => {
    const count = parseInteger(countText);
    if (count > words.length)
      throw new CommandError("ERR Number of keys can't be greater than number of args");
    if (count < 0) throw new CommandError("ERR Number of keys can't be negative");
    return lua.run(digestOf(), words.slice(0, count), words.slice(count), call);
  };

  return {
    EVAL: { arity: -3, outsideScripts: true, run: (_, [text, ...rest]) => run(() => lua.load(text!), rest) },
    EVALSHA: {
      arity: -3,
      outsideScripts: true,
      run: (_, [digest, ...rest]) => run(() => digest!.toLowerCase(), rest),
    },
    SCRIPT: {
      arity: -2,
      outsideScripts: true,
      run(_, [subcommand, ...args]) {
        const name = subcommand!.toUpperCase();
        if (name === 'LOAD' && args.length === 1) return lua.load(args[0]!);
        if (name === 'EXISTS' && args.length > 0) return args.map((digest) => (lua.has(digest) ? 1 : 0));
        throw new CommandError(`ERR unknown subcommand '${subcommand!}'. Try SCRIPT HELP.`);
      },
    },
  };
};
