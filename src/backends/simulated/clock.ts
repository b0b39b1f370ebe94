import { setImmediate as nextLoopTurn } from 'node:timers';
import { assert } from '../../kernel/assert.ts';
import type { Cancel, Clock } from '../../kernel/clock.ts';

interface Event {
  readonly atMs: number;
  /** Breaks ties: events of one instant run in the order in which they were scheduled. */
  readonly sequence: number;
  /** `undefined` once cancelled: it stays in the heap until its time or the next sweep. */
  callback: (() => void) | undefined;
}

const EVENTS_BETWEEN_LOOP_TURNS = 2_048;
const SWEEP_FLOOR = 1_024;

const isBefore = (a: Event, b: Event): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);

/**
 * Calls back when every promise that can settle has settled. Node runs a tick that a microtask asks for once no
 * microtask is left: the cheapest way to wait for that.
 */
const whenSettled = (callback: () => void): void => queueMicrotask(() => process.nextTick(callback));

/**
 * Simulated time. Nothing happens by itself: `run` jumps from event to event, and after each event lets every
 * promise settle before time moves on, so that a run depends on nothing but the order of its events.
 */
export class VirtualClock implements Clock {
  readonly #epochMs: number;
  /** A binary heap: the next event is at index 0. */
  #heap: Event[] = [];
  #nowMs = 0;
  #sequence = 0;
  #cancelled = 0;
  #running = false;

  /** `epochMs`: the time since the Unix epoch at which `now()` is 0. */
  constructor(epochMs: number) {
    this.#epochMs = epochMs;
  }

  now(): number {
    return this.#nowMs;
  }

  epoch(): number {
    return this.#epochMs + this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): Cancel {
    assert(!Number.isNaN(delayMs), 'a delay is a number');
    const event: Event = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      sequence: this.#sequence,
      callback,
    };
    this.#sequence += 1;
    this.#push(event);
    return () => {
      if (event.callback === undefined) return;
      event.callback = undefined;
      this.#cancelled += 1;
      this.#sweep();
    };
  }

  /**
   * Runs events in order of time until none is left or `stop()`, asked before each event, is true. What is left
   * waits for the next `run`. Rejects with what a callback throws.
   */
  run(stop: () => boolean = () => false): Promise<void> {
    assert(!this.#running, 'a virtual clock is run by one caller at a time');
    this.#running = true;
    return new Promise<void>((resolve, reject) => {
      let untilLoopTurn = EVENTS_BETWEEN_LOOP_TURNS;
      const step = (): void => {
        try {
          const event = stop() ? undefined : this.#pop();
          if (event === undefined) {
            resolve();
            return;
          }
          this.#nowMs = event.atMs;
          const { callback } = event;
          event.callback = undefined;
          callback?.();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        untilLoopTurn -= 1;
        if (untilLoopTurn > 0) {
          whenSettled(step);
        } else {
          // Ticks alone would starve signals and other threads' messages.
          untilLoopTurn = EVENTS_BETWEEN_LOOP_TURNS;
          nextLoopTurn(step);
        }
      };
      whenSettled(step);
    }).finally(() => {
      this.#running = false;
    });
  }

  /** Time limits are mostly cancelled, not reached: without a sweep they would pile up until their hour comes. */
  #sweep(): void {
    if (this.#cancelled < SWEEP_FLOOR || this.#cancelled * 2 < this.#heap.length) return;
    const live = this.#heap.filter((event) => event.callback !== undefined);
    this.#heap = live.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = event;
  }

  /** The next event that was not cancelled. */
  #pop(): Event | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return undefined;
      const last = this.#heap.pop()!;
      if (last !== top) this.#sink(last);
      if (top.callback !== undefined) return top;
      this.#cancelled -= 1;
    }
  }

  /** Puts `event` in place of the top and restores the order. */
  #sink(event: Event): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, event)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = event;
  }
}
