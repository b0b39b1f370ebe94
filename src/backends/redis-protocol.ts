import { createHash } from 'node:crypto';
import { BackendError, type RedisReply, type RedisScript } from './ports.ts';

/** What the real and the simulated Redis have in common on the client's side. */

/** Connections that `dedicated` lends out at once, unless told otherwise. */
export const DEDICATED_CONNECTIONS = 8;
export const MAX_WAITING_FOR_DEDICATED = 10_000;
export const DEDICATED_WAIT_MS = 30_000;

export type SendCommand = (
  command: string,
  words: readonly (string | number)[],
  /** What messages call it. */
  label: string,
  /** What to do about a refusal by the server; `undefined`: nothing, it is an error. */
  otherwise?: (refusal: string) => Promise<RedisReply> | undefined,
) => Promise<RedisReply>;

const wordSet = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Commands that change or block the whole connection: on a shared one they would hit its other users. */
const DEDICATED_ONLY = wordSet(
  'WATCH UNWATCH MULTI EXEC DISCARD BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP BZPOPMIN BZPOPMAX BZMPOP CLIENT WAIT',
);

/** These would leave a connection in a state in which it cannot be used or lent out again. */
const NEVER = wordSet(
  'SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE SELECT AUTH HELLO RESET QUIT MONITOR SYNC',
);

/** Why a command (in upper case) cannot be sent over this kind of connection, or `undefined` when it can. */
export const refusalOf = (command: string, connection: 'shared' | 'dedicated'): BackendError | undefined => {
  if (NEVER.has(command)) return new BackendError('redis', 'none', `${command}: is not for callers`);
  if (connection === 'shared' && DEDICATED_ONLY.has(command))
    return new BackendError('redis', 'none', `${command}: needs a dedicated connection`);
  return undefined;
};

const digests = new WeakMap<RedisScript, string>();

export const sha1Hex = (text: string): string => createHash('sha1').update(text).digest('hex');

/** The name by which EVALSHA knows a script. */
const digestOf = (script: RedisScript): string => {
  let digest = digests.get(script);
  if (digest === undefined) {
    digest = sha1Hex(script.lua);
    digests.set(script, digest);
  }
  return digest;
};

/** Redis adds this to an error that stopped a script on its way: what it wrote before stays written. */
const STOPPED_SCRIPT = / script: [0-9a-f]{40}, on @user_script:\d+\.$/;

/** An error reply as the error of the port. A refused command has no effect; a script may have had a part of it. */
export const replyError = (label: string, reply: string): BackendError =>
  new BackendError('redis', STOPPED_SCRIPT.test(reply) ? 'unknown' : 'none', `${label}: ${reply}`);

/** The first error inside a reply, as those of EXEC and of scripts may have one. */
const errorWithin = (parts: readonly unknown[]): Error | undefined => {
  for (const part of parts) {
    const error = Array.isArray(part) ? errorWithin(part) : part;
    if (error instanceof Error) return error;
  }
  return undefined;
};

/** A reply of several parts, or the error of the port when one of them is an error: others were executed. */
export const wholeReply = <T>(label: string, parts: T[]): T[] => {
  const error = errorWithin(parts);
  if (error !== undefined) throw new BackendError('redis', 'unknown', `${label}: ${error.message}`);
  return parts;
};

/** Runs a script by its digest; sends its text when the server does not know it (yet, or any more). */
export const runScript = (
  send: SendCommand,
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<RedisReply> => {
  const label = `script ${script.name}`;
  return send('EVALSHA', [digestOf(script), keys.length, ...keys, ...args], label, (refusal) =>
    refusal.startsWith('NOSCRIPT ')
      ? send('EVAL', [script.lua, keys.length, ...keys, ...args], label)
      : undefined,
  );
};
