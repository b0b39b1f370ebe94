import { setMaxListeners } from 'node:events';
import { BackendError } from '../backends/ports.ts';
import type { Target } from '../engine/types.ts';
import type { Clock } from '../kernel/clock.ts';
import { SeededRandom } from '../kernel/random.ts';
import type { Catalogue } from '../scenarios/catalogue.ts';
import type { Feeding } from '../scenarios/feeders/feeding.ts';
import type { FedField } from '../scenarios/feeders/fields.ts';
import type { Session } from '../scenarios/journey.ts';

/** What the load itself measures, beside the engine's stages. In µs. */
export const ITERATION_METRICS = [
  /** From the intended start: what a customer waits, the generator's own delay included. */
  'iteration.response',
  /** From the actual start. */
  'iteration.service',
  /** How late an arrival was begun. */
  'schedule.lag',
] as const;

export const ITERATION_COUNTERS = [
  /** Customers of an open load who were to come. */
  'arrivals.due',
  /** Of these, those who came before the load was to end. */
  'arrivals.begun',
  'iterations.completed',
  'iterations.dropped',
  'iterations.failed',
] as const;

interface IterationRecorder {
  record(metric: (typeof ITERATION_METRICS)[number], micros: number): void;
  count(counter: (typeof ITERATION_COUNTERS)[number]): void;
}

export interface VirtualUserContext {
  readonly target: Target;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly seed: number;
  /** Over all nodes. */
  readonly vus: number;
  readonly feeding: Feeding;
  /** When the sale opens, on `clock.now()`; -Infinity: it always was. */
  readonly opensAtMs: number;
  /** Aborts when nothing is to be waited for any more. */
  readonly signal: AbortSignal;
  readonly recorder: IterationRecorder;
  readonly journey: (session: Session) => Promise<void>;
  /** Told of what a journey threw that is no failure of a resource: the load is of no use then. */
  readonly onDefect: (error: unknown) => void;
}

/** One customer's session, used again for the next customer: an iteration allocates no more than its journey does. */
class VirtualUser implements Session {
  readonly target: Target;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random = new SeededRandom();
  iteration = 0;
  isOpen = true;
  readonly #vus: number;
  readonly #feeding: Feeding;

  constructor({ target, catalogue, clock, vus, feeding }: VirtualUserContext, signal: AbortSignal) {
    this.target = target;
    this.catalogue = catalogue;
    this.clock = clock;
    this.signal = signal;
    this.#vus = vus;
    this.#feeding = feeding;
  }

  get vu(): number {
    return this.iteration % this.#vus;
  }

  fed(field: FedField): number | undefined {
    return this.#feeding.value(field, this.iteration);
  }
}

/** Sessions that share a signal: a listener of it costs time in proportion to how many it has. */
const SESSIONS_PER_SIGNAL = 64;

/** The virtual users of one node. As many sessions exist as iterations ever ran at once. */
export class VirtualUsers {
  readonly #context: VirtualUserContext;
  readonly #idle: VirtualUser[] = [];
  readonly #stops: AbortController[] = [];
  #sessions = 0;
  #running = 0;

  constructor(context: VirtualUserContext) {
    this.#context = context;
    const stopAll = () => {
      for (const stop of this.#stops) stop.abort();
    };
    context.signal.addEventListener('abort', stopAll, { once: true });
  }

  get running(): number {
    return this.#running;
  }

  /**
   * Runs iteration `number`; never rejects. A resource's failure ends the iteration, is counted, and goes no further.
   * What was given up is not recorded: it was cut short, or has outlived its phase.
   */
  async iterate(number: number, intendedMs: number | undefined): Promise<void> {
    const { clock, recorder, seed, opensAtMs, signal, journey, onDefect } = this.#context;
    const user = this.#idle.pop() ?? this.#newUser();
    user.iteration = number;
    user.random.reseed(seed, number);
    this.#running += 1;
    const startedMs = clock.now();
    user.isOpen = (intendedMs ?? startedMs) >= opensAtMs;
    let ending: 'iterations.completed' | 'iterations.failed' = 'iterations.completed';
    try {
      await journey(user);
    } catch (error) {
      if (!(error instanceof BackendError)) onDefect(error);
      ending = 'iterations.failed';
    }
    const endedMs = clock.now();
    this.#running -= 1;
    this.#idle.push(user);
    if (signal.aborted) return;
    recorder.count(ending);
    recorder.record('iteration.service', (endedMs - startedMs) * 1_000);
    if (intendedMs !== undefined) {
      recorder.record('iteration.response', (endedMs - intendedMs) * 1_000);
      recorder.record('schedule.lag', (startedMs - intendedMs) * 1_000);
    }
  }

  #newUser(): VirtualUser {
    if (this.#sessions % SESSIONS_PER_SIGNAL === 0) {
      const stop = new AbortController();
      setMaxListeners(0, stop.signal);
      if (this.#context.signal.aborted) stop.abort();
      this.#stops.push(stop);
    }
    this.#sessions += 1;
    return new VirtualUser(this.#context, this.#stops.at(-1)!.signal);
  }
}
