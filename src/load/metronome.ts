import { Worker } from 'node:worker_threads';
import { sleep, type Clock } from '../kernel/clock.ts';

/** Waits between arrivals. */
export interface Pacer {
  /** Waits for about `delayMs`; may end earlier, so that whoever waits looks at the clock. */
  pause(delayMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Some ticks a millisecond: finer than arrivals need, and still cheap. */
const TICK_MS = 0.2;
/** Node's timers are whole milliseconds, and late by up to another: what is nearer than this is left to ticks. */
const TIMER_SLACK_MS = 1.5;
/** A tick that has not come by then, on a busy machine, is not waited for. */
const TICK_LIMIT_MS = 5;

/** Words shared with the thread: whether somebody waits for a tick, and whether to end. */
const WAITING = 0;
const ENDED = 1;
const WORDS = 2;

/** Naps and posts while somebody waits; at most one message is under way. As text, it is found from everywhere. */
const THREAD = `
const { workerData: { words, tickMs }, parentPort } = require('node:worker_threads');
const nap = new Int32Array(new SharedArrayBuffer(4));
while (Atomics.load(words, ${ENDED}) === 0) {
  Atomics.wait(words, ${WAITING}, 0);
  Atomics.wait(nap, 0, 0, tickMs);
  Atomics.store(words, ${WAITING}, 0);
  parentPort.postMessage(0);
}`;

/**
 * Wakes this thread some times a millisecond while somebody waits, in real time. Node's own timers come late by a
 * millisecond or two, and a loop that spins takes a core; a thread that sleeps on a futex does neither.
 */
export class Metronome implements Pacer {
  readonly #clock: Clock;
  readonly #words = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
  readonly #thread: Worker;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#thread = new Worker(THREAD, { eval: true, workerData: { words: this.#words, tickMs: TICK_MS } });
    this.#thread.on('message', () => this.#wake());
    // Where no thread can be had, each wait ends by its limit: later, but it ends.
    this.#thread.on('error', () => {});
    this.#thread.unref();
  }

  /** To the next tick where the time is near, by a timer where it is far. */
  async pause(delayMs: number): Promise<void> {
    if (delayMs > TIMER_SLACK_MS) await sleep(this.#clock, delayMs - TIMER_SLACK_MS);
    else await this.#tick();
  }

  async close(): Promise<void> {
    Atomics.store(this.#words, ENDED, 1);
    this.#ask();
    await this.#thread.terminate();
    this.#wake();
  }

  #tick(): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = this.#clock.schedule(TICK_LIMIT_MS, resolve);
      this.#waiting.push(() => {
        giveUp();
        resolve();
      });
      this.#ask();
    });
  }

  #ask(): void {
    Atomics.store(this.#words, WAITING, 1);
    Atomics.notify(this.#words, WAITING);
  }

  #wake(): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }
}
