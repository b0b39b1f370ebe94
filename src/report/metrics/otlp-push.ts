import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { wallClock, withDeadline } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { LiveMetrics } from './live.ts';
import { otlpDataOf } from './otlp-data.ts';
import type { OtlpTarget } from './otlp-target.ts';

const PERIOD_MS = 5_000;
/** For one push with its retries. */
const PUSH_LIMIT_MS = 3_000;
/** For the push under way and the last one. */
const CLOSE_LIMIT_MS = 8_000;

/**
 * Pushes the figures of a run to a collector, every few seconds and at the end. What goes wrong is said once when it
 * begins and counted at the end; it never harms the run.
 */
export class OtlpPush {
  readonly #target: OtlpTarget;
  readonly #live: LiveMetrics;
  readonly #say: (line: string) => void;
  readonly #exporter: OTLPMetricExporter;
  readonly #startMs = wallClock.epoch();
  readonly #timer: NodeJS.Timeout;
  #pushing: Promise<void> | undefined;
  #pushes = 0;
  #failures = 0;

  constructor(target: OtlpTarget, live: LiveMetrics, say: (line: string) => void, periodMs = PERIOD_MS) {
    this.#target = target;
    this.#live = live;
    this.#say = say;
    this.#exporter = new OTLPMetricExporter({
      url: target.url,
      headers: { ...target.headers },
      timeoutMillis: PUSH_LIMIT_MS,
    });
    this.#timer = setInterval(() => {
      if (this.#live.runId === undefined) return;
      this.#pushing ??= this.#push().finally(() => {
        this.#pushing = undefined;
      });
    }, periodMs);
  }

  /** Pushes for the last time, if there is a result. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const noAnswer = () => new Error('no answer in time');
    try {
      await withDeadline(wallClock, this.#finish(), CLOSE_LIMIT_MS, noAnswer);
    } catch (error) {
      this.#failed(error);
    }
    if (this.#failures > 1)
      this.#say(`OTLP: ${this.#failures} of ${this.#pushes} pushes to ${this.#target.where} failed.`);
  }

  async #finish(): Promise<void> {
    await this.#pushing;
    if (this.#live.isOver) await this.#push();
    await this.#exporter.shutdown();
  }

  async #push(): Promise<void> {
    this.#pushes += 1;
    try {
      const data = otlpDataOf(this.#live, { startMs: this.#startMs, endMs: wallClock.epoch() });
      await new Promise<void>((resolve, reject) => {
        this.#exporter.export(data, ({ error }) => (error === undefined ? resolve() : reject(error)));
      });
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    if (this.#failures === 1)
      this.#say(
        `OTLP: the metrics could not be pushed to ${this.#target.where}: ${messageOf(error)}. The run is not affected.`,
      );
  }
}
