import { Piscina } from 'piscina';
import type { WorkerTask } from './protocol.ts';

/**
 * Room for what a moment's orders allocate. With the engine's default, hundreds of orders under way outlive each
 * collection and are copied again and again: twice the time in collections, measured at 2 x 500 virtual users.
 */
const YOUNG_GENERATION_MB = 192;

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
    return new Piscina<WorkerTask, void>({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: this.#count,
      maxThreads: this.#count,
      concurrentTasksPerWorker: 1,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
  }
}
