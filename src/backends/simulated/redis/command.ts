import type { Keyspace } from './keyspace.ts';
import type { Reply } from './reply.ts';
import type { Request } from './session.ts';

/** What a command is executed with. */
export interface Execution {
  readonly keyspace: Keyspace;
  /** Since the Unix epoch, with sub-millisecond digits. */
  readonly epochMs: () => number;
  /** Gives how many connections got the message. */
  readonly publish: (channel: string, message: string) => number;
}

/** A request that gets its answer later. */
export const BLOCKED = Symbol('blocked');

export interface CommandSpec {
  /** As `COMMAND INFO` gives it: words with the name; negative: at least so many. */
  readonly arity: number;
  /** Scripts may not call it. */
  readonly outsideScripts?: boolean;
  /** Gives or throws the reply. The arguments are as many as `arity` promises. */
  readonly run: (execution: Execution, args: readonly string[]) => Reply;
  /** Takes the place of `run` outside scripts and transactions, for what concerns the connection itself. */
  readonly onConnection?: (request: Request) => Reply | typeof BLOCKED;
}

export type CommandTable = Readonly<Record<string, CommandSpec>>;

export const hasArity = ({ arity }: CommandSpec, args: readonly string[]): boolean =>
  arity >= 0 ? args.length + 1 === arity : args.length + 1 >= -arity;

/** Bounds of a range of a sequence with `length` elements, from Redis's: both inclusive, negative from the end. */
export const rangeOf = (
  start: number,
  stop: number,
  length: number,
): readonly [start: number, end: number] => [
  Math.max(0, start < 0 ? start + length : start),
  Math.min(length, (stop < 0 ? stop + length : stop) + 1),
];
