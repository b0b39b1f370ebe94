import type { Clock } from '../../kernel/clock.ts';
import type { LoadConfig } from '../../scenarios/schema.ts';

/** What an executor may do while it runs: it decides when iterations start, and nothing else. */
export interface Drive {
  readonly clock: Clock;
  /** When the phase begins and ends, on `clock.now()`. */
  readonly startMs: number;
  readonly endMs: number;
  readonly share: Share;
  /** The phase is to end: no further iterations. */
  stopped(): boolean;
  /** Runs iteration `number`. `intendedMs`: when it should have started, in an open model. Never rejects. */
  iterate(number: number, intendedMs: number | undefined): Promise<void>;
  /** An arrival that found no free virtual user. */
  drop(): void;
  /** Lets timers and sockets have their turn. */
  breathe(): Promise<void>;
}

/** One engine node's part of the whole load. */
export interface Share {
  readonly node: number;
  readonly nodes: number;
}

/** How many of `total` virtual users, dealt out in turn, are this node's: 0 for the last nodes when they are few. */
export const partOf = (total: number, { node, nodes }: Share): number =>
  Math.max(0, Math.ceil((total - node) / nodes));

/** A load model: a pure value that says what each iteration's number and time are. */
export interface Executor<Config extends LoadConfig> {
  /** Virtual users over all nodes at most. */
  vus(config: Config): number;
  /** Resolves when this node's last iteration has ended. */
  run(config: Config, drive: Drive): Promise<void>;
}
