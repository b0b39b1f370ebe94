import type { Writable } from 'node:stream';

/**
 * Makes a socket send all that is written in one turn of the event loop as one packet. amqplib writes each message
 * by itself: without this, each is a system call for the client, and a packet to read for the broker. The chunks are
 * copied together: hundreds of small ones cost more as a list for the kernel than as bytes.
 */
export const writeByTurns = (socket: Writable): void => {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const end = socket.end.bind(socket) as (...args: unknown[]) => Writable;
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  /** Somebody was told to wait for `drain`. */
  let saidFull = false;

  const flush = () => {
    if (chunks.length === 0) return;
    const packet = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes);
    const owesDrain = saidFull;
    chunks = [];
    bytes = 0;
    saidFull = false;
    if (write(packet) && owesDrain) process.nextTick(() => socket.emit('drain'));
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
    const hasRoom = socket.writableLength + bytes < socket.writableHighWaterMark;
    saidFull ||= !hasRoom;
    return hasRoom;
  };
  socket.end = ((...args: unknown[]) => {
    flush();
    return end(...args);
  }) as Writable['end'];
};
