import type { Snapshot } from '../measure/snapshot.ts';
import type { LiveFigures } from '../report/live-figures.ts';
import type { Feeds } from '../scenarios/feeders/load-feeds.ts';
import type { Scenario } from '../scenarios/schema.ts';
import type { ProvisionRequest } from '../services/types.ts';

/** One run, wherever its services are. */
export interface RunJob {
  readonly scenario: Scenario;
  /** The rows of the feeders that its journey uses. */
  readonly feeds: Feeds;
  /** Leave the run's keys, queues and schema on given or kept services. */
  readonly keep: boolean;
  /** Repeats the run; goes into the result. */
  readonly command: string;
}

/** Everything a run of its own is made of. */
export interface RunRequest extends Omit<RunJob, 'feeds'> {
  readonly services: ProvisionRequest;
}

/** What the person at the terminal asked for in the meantime. */
export interface Interrupts {
  /** Stop the load, drain, audit and report what there is. */
  readonly stop: AbortSignal;
  /** Stop at once and clean up. */
  readonly kill: AbortSignal;
}

/** Who watches a run. */
export interface Observer {
  phase(text: string): void;
  /** A line that stays, such as which services are used. */
  say(text: string): void;
  update(figures: LiveFigures): void;
  /** What one worker measured in a second of the load. */
  measured?(runId: string, interval: Snapshot): void;
}
