import type { Writable } from 'node:stream';

/**
 * Makes a socket send all that is written in one turn of the event loop as one packet. amqplib writes each message
 * by itself: without this, each is a system call for the client, and a packet to read for the broker.
 */
export const writeByTurns = (socket: Writable): void => {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const uncork = () => {
    corked = false;
    socket.uncork();
  };
  let corked = false;
  socket.write = (...args: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(uncork);
    }
    return write(...args);
  };
};
