import type { z } from 'zod';
import type { Backends, ServiceName } from '../backends/ports.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Namespace } from './namespace.ts';
import type { Telemetry } from './telemetry.ts';

/** What every strategy is opened with: the resources, time and chance, and where its names live. */
export interface EngineContext extends Backends {
  readonly namespace: Namespace;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** This engine node's number, from 0, and how many there are. */
  readonly node: number;
  readonly nodes: number;
}

/** What a strategy may create on the broker, by the names it gives to `Namespace.queue`: for removal after the run. */
export interface Creations {
  readonly exchanges: readonly string[];
  readonly queues: readonly string[];
}

/** One way of doing one job, named as users type it. Stateless: state begins with `open`. */
export interface Strategy<Port, Guarantees, Options = unknown, Context = EngineContext> {
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** How it works, what breaks it, what it costs, when to choose it. Paragraphs, shown by `strategies show`. */
  readonly page: string;
  readonly guarantees: Guarantees;
  /** The services it talks to. */
  readonly uses: readonly ServiceName[];
  /** An object schema: every option has a default and a description, and its unit last in its name. */
  readonly options: z.ZodType<Options>;
  open(options: Options, context: Context): Port;
}
