import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A file in the temporary folder that has lost its name at once: the system frees it when the last descriptor is
 * closed, however the process ends. All threads of the process may read it by its descriptor. Synchronous: what is
 * written goes to the system's cache, in pieces small enough for the load not to notice.
 */
export class SpillFile {
  readonly descriptor: number;

  constructor() {
    const path = join(tmpdir(), `.trade-sim-${randomUUID()}`);
    this.descriptor = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
  }

  /** Throws where the disk is full. */
  write(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length;)
      at += writeSync(this.descriptor, bytes, at, bytes.length - at, position + at);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Fills `bytes` from `position` on. Throws where the file does not reach so far. */
export const readSpilled = (descriptor: number, bytes: Uint8Array, position: number): void => {
  for (let at = 0; at < bytes.length;) {
    const read = readSync(descriptor, bytes, at, bytes.length - at, position + at);
    if (read === 0) throw new Error('a spilled file is shorter than what was written');
    at += read;
  }
};
