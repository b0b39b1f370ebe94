import type { Writable } from 'node:stream';

/** A packet of so many bytes goes at once: the server works on it while the rest of the turn is written. */
export const FULL_PACKET = 4_096;

/**
 * Makes a socket send what is written in one turn of the event loop as a packet, or several full ones. amqplib writes
 * each message by itself: without this, each is a system call for the client, and a packet to read for the broker. The
 * chunks are copied together: hundreds of small ones cost more as a list for the kernel than as bytes.
 */
export const writeByTurns = (socket: Writable): void => {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const end = socket.end.bind(socket) as (...args: unknown[]) => Writable;
  let chunks: Uint8Array[] = [];
  let bytes = 0;

  const flush = () => {
    if (chunks.length === 0) return;
    const packet = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes);
    chunks = [];
    bytes = 0;
    write(packet);
  };

  socket.write = (...args: unknown[]): boolean => {
    const [chunk] = args;
    if (args.length > 1 || !(chunk instanceof Uint8Array)) {
      flush();
      return write(...args);
    }
    if (chunks.length === 0) process.nextTick(flush);
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= FULL_PACKET) flush();
    // Once there is no room, the socket's own write finds none either, and tells of it when there is.
    return socket.writableLength + bytes < socket.writableHighWaterMark;
  };
  socket.end = ((...args: unknown[]) => {
    flush();
    return end(...args);
  }) as Writable['end'];
};
