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

/** A load model: a pure value that describes itself and says what each iteration's number and time are. */
export interface Executor<Config extends LoadConfig> {
  readonly name: Config['executor'];
  /** One line for people. */
  describe(config: Config): string;
  /** Virtual users over all nodes at most. */
  vus(config: Config): number;
  /** Resolves when this node's last iteration has ended. */
  run(config: Config, drive: Drive): Promise<void>;
}
