import { BackendError, type RedisReply } from '../../ports.ts';
import { replyError, type SendCommand, wholeReply } from '../../redis-protocol.ts';
import { CommandError, type Reply, Status } from './reply.ts';
import type { RedisServer } from './server.ts';
import { Session } from './session.ts';

/** The two directions of a connection. Each keeps the order of what it carries. */
export interface Wire {
  toServer(arrive: () => void): void;
  toClient(arrive: () => void): void;
}

/** One connection of a client, for questions and answers. */
export class SimulatedConnection {
  readonly #server: RedisServer;
  readonly #wire: Wire;
  readonly #session = new Session();

  constructor(server: RedisServer, wire: Wire) {
    this.#server = server;
    this.#wire = wire;
  }

  /** `command` in upper case. Answers come in the order of the requests. */
  send(...[command, words, label, otherwise]: Parameters<SendCommand>): Promise<RedisReply> {
    const session = this.#session;
    if (session.closed) return Promise.reject(closedError(label));
    return new Promise((resolve, reject) => {
      const lose = () =>
        reject(new BackendError('redis', 'unknown', `${label}: the connection was closed before the answer`));
      const settle = (reply: Reply) => {
        if (session.closed) {
          lose();
          return;
        }
        try {
          const instead = reply instanceof CommandError ? otherwise?.(reply.message) : undefined;
          resolve(instead ?? received(reply, label));
        } catch (error) {
          reject(error);
        }
      };
      const answer = (reply: Reply) => this.#wire.toClient(() => settle(reply));
      const request = { session, command, args: words.map(String), answer, lose };
      this.#wire.toServer(() => this.#server.handle(request));
    });
  }

  /** What was sent is still executed, but nobody learns how it ended. */
  close(): void {
    this.#server.disconnect(this.#session);
  }
}

export const closedError = (label: string): BackendError =>
  new BackendError('redis', 'none', `${label}: the connection is closed`);

/** A reply as clients see it. Throws the error of the port for an error reply. */
const received = (reply: Reply, label: string): RedisReply => {
  if (reply instanceof CommandError) throw replyError(label, reply.message);
  if (reply instanceof Status) return reply.text;
  return Array.isArray(reply) ? wholeReply(label, reply).map((part) => received(part, label)) : reply;
};
