import type { MessagePort } from 'node:worker_threads';
import type { ColumnLogData } from '../kernel/columns.ts';
import type { Snapshot } from '../measure/snapshot.ts';
import type { Feeds } from '../scenarios/feeders/load-feeds.ts';
import type { Scenario } from '../scenarios/schema.ts';
import type { ServiceUrls } from './connect.ts';
import type { Failure } from './recording-target.ts';
import type { SentError } from './sent-error.ts';
import type { OpenSpace } from './space.ts';

/** All that a worker needs to do its share of a run: a plain value that could cross to another machine. */
export interface Segment {
  readonly runId: string;
  readonly scenario: Scenario;
  /** The rows of the feeders that its journey uses. */
  readonly feeds: Feeds;
  /** The engine nodes that live in this worker. Several only where simulated services tie them to one thread. */
  readonly nodes: readonly number[];
  readonly services: ServiceUrls;
}

export interface WorkerTask {
  readonly segment: Segment;
  readonly port: MessagePort;
  /** One Int32: see `StopLevel`. Shared, because a busy loop reads it sooner than a message. */
  readonly stop: SharedArrayBuffer;
}

export const StopLevel = { run: 0, gracefully: 1, atOnce: 2 } as const;

export type Phase = 'warm-up' | 'load';

interface SpaceCall {
  readonly method: keyof OpenSpace;
  readonly args: readonly unknown[];
}

export type Request =
  /** Connects the engine nodes; answered when they consume. */
  | { readonly kind: 'open' }
  /** Starts a phase of load at an epoch time that all workers share; answered by the epoch time of its end. */
  | { readonly kind: 'phase'; readonly phase: Phase; readonly startAtMs: number }
  | { readonly kind: 'flow' }
  /** Answered when no change of a page is on its way to the database any more. */
  | { readonly kind: 'settle' }
  /** Asks how many iterations a second this worker's thread could do at most; takes some 100 ms. */
  | { readonly kind: 'ceiling' }
  /** Runs a method of the run's space inside the worker, where the simulated services live. */
  | { readonly kind: 'space'; readonly call: SpaceCall }
  /** Asks for what this worker has to show: a `WorkerReport`. */
  | { readonly kind: 'report' }
  /** Disconnects the engine nodes. */
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'finish' };

/** What came and went in the queues, over this worker's nodes. */
export interface Flow {
  readonly confirmed: number;
  readonly unknown: number;
  readonly delivered: number;
  readonly settled: number;
}

export interface ToWorker {
  readonly id: number;
  readonly request: Request;
}

/** How full one worker is. The heap is that of what stays: its old generation. */
export interface WorkerMemory {
  readonly heapBytes: number;
  readonly heapLimitBytes: number;
  /** Rows in its customers' logs. */
  readonly receipts: number;
}

/** A second of the load: what was measured since `atMs`, counted from the load's start. */
export interface IntervalMessage {
  readonly atMs: number;
  readonly interval: Snapshot;
  readonly inFlight: number;
  readonly memory: WorkerMemory;
}

export type ToMain =
  /** Every second, whatever the worker does. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: SentError }
  | ({ readonly kind: 'interval' } & IntervalMessage);

/** What a worker has to show after the load. */
export interface WorkerReport {
  readonly snapshot: Snapshot;
  /** Of each node. They can be read until the node is disconnected. */
  readonly receipts: readonly ColumnLogData[];
  /** When a customer was first told "sold out", since the load began. */
  readonly soldOutAtMs: number | undefined;
  readonly failures: readonly Failure[];
}
