import { setFlagsFromString } from 'node:v8';
import { Piscina } from 'piscina';
import type { WorkerTask } from './protocol.ts';

/**
 * Room for what a moment's orders allocate: one of the two halves between which V8 copies what outlives a collection.
 * With the engine's default, hundreds of orders under way are copied again and again: twice the time in collections,
 * measured at 2 x 500 virtual users. Many threads share what all of them may take.
 */
const SEMI_SPACE_MB = 64;
const SEMI_SPACES_MB = 512;
/** V8 counts a third one, for what is large. */
const SEMI_SPACES_OF_YOUNG_GENERATION = 3;

/**
 * Threads that hold a worker's task each, and take another when it has ended: the next run need not wait until they
 * have started and loaded everything. They start at once.
 */
export class WorkerThreads {
  readonly #count: number;
  #piscina: Piscina<WorkerTask, void> | undefined;

  constructor(count: number) {
    this.#count = count;
    this.#piscina = this.#start();
  }

  /** Runs a task; at most as many at a time as there are threads. Rejects when its thread ends. */
  run(...task: Parameters<Piscina<WorkerTask, void>['run']>): Promise<void> {
    this.#piscina ??= this.#start();
    return this.#piscina.run(...task);
  }

  /** Ends the threads, whatever they do. The next task gets new ones. */
  async end(): Promise<void> {
    const piscina = this.#piscina;
    this.#piscina = undefined;
    await piscina?.destroy();
  }

  #start(): Piscina<WorkerTask, void> {
    const semiSpaceMb = Math.max(1, Math.min(SEMI_SPACE_MB, Math.floor(SEMI_SPACES_MB / this.#count)));
    // From the start: by itself a thread comes to it only slowly. Read when a thread's heap is made.
    setFlagsFromString(`--min-semi-space-size=${semiSpaceMb}`);
    return new Piscina<WorkerTask, void>({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: this.#count,
      maxThreads: this.#count,
      concurrentTasksPerWorker: 1,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: semiSpaceMb * SEMI_SPACES_OF_YOUNG_GENERATION },
    });
  }
}
