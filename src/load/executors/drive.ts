import type { Clock } from '../../kernel/clock.ts';

/** What a load may do while it runs: it decides when iterations start, and nothing else. */
export interface Drive {
  readonly clock: Clock;
  /** When the phase begins and ends, on `clock.now()`. */
  readonly startMs: number;
  readonly endMs: number;
  readonly share: Share;
  readonly seed: number;
  /** The phase is to end: no further iterations. */
  stopped(): boolean;
  /** Runs iteration `number`. `intendedMs`: when it should have started, in an open model. Never rejects. */
  iterate(number: number, intendedMs: number | undefined): Promise<void>;
  /** So many arrivals have become due, and of these so many were begun before the phase was to end. */
  arrived(due: number, begun: number): void;
  /** An arrival that found no free virtual user. */
  drop(): void;
  /** Lets timers and sockets have their turn. */
  breathe(): Promise<void>;
  /** Waits for about that long; may end earlier, so that whoever waits looks at the clock. */
  pause(delayMs: number): Promise<void>;
}

/** One engine node's part of the whole load. */
export interface Share {
  readonly node: number;
  readonly nodes: number;
}

/** How many of `total` virtual users, dealt out in turn, are this node's: 0 for the last nodes when they are few. */
export const partOf = (total: number, { node, nodes }: Share): number =>
  Math.max(0, Math.ceil((total - node) / nodes));

/** Work is dealt out among the nodes that have a virtual user: the others could not do theirs. */
export const busyShare = (vus: number, { node, nodes }: Share): Share => ({
  node,
  nodes: Math.min(nodes, vus),
});

/** A stop is noticed within this time, whatever is waited for. */
const LONGEST_PAUSE_MS = 100;

/** Waits until a time on the clock; false when the phase was stopped or ended before. */
export const waitUntil = async (drive: Drive, dueMs: number): Promise<boolean> => {
  while (goesOn(drive)) {
    const leftMs = dueMs - drive.clock.now();
    if (leftMs <= 0) return true;
    await drive.pause(Math.min(leftMs, LONGEST_PAUSE_MS));
  }
  return false;
};

/** Whether an iteration may begin now. */
export const goesOn = (drive: Drive): boolean => !drive.stopped() && drive.clock.now() < drive.endMs;
