import type { Cancel, Clock } from '../kernel/clock.ts';
import { Deque } from '../kernel/deque.ts';
import { NumberedRing } from '../kernel/numbered-ring.ts';
import { BackendError, type OutgoingMessage, type PublishOutcome } from './ports.ts';

/** A channel that takes messages. Those of a confirming channel are numbered 1, 2, 3… in the order they are sent. */
export interface PublishChannel {
  /** Takes one message. false: taken too, but nothing more until `resume()`. Throws when it cannot be encoded. */
  send(message: OutgoingMessage, number: number): boolean;
}

export interface PublishBounds {
  /** Messages sent and not yet confirmed. */
  readonly confirmWindow: number;
  /** Messages that wait to be sent. */
  readonly maxBuffered: number;
  /** A message's time from `publish` to its answer. */
  readonly publishTimeoutMs: number;
}

export const DEFAULT_PUBLISH_BOUNDS: PublishBounds = {
  confirmWindow: 2_000,
  maxBuffered: 100_000,
  publishTimeoutMs: 10_000,
};

interface PublishWindowOptions extends PublishBounds {
  readonly clock: Clock;
  /** Whether messages wait for the broker's answer, or are done when they are sent. */
  readonly confirms: boolean;
}

interface Pending {
  readonly message: OutgoingMessage;
  readonly deadlineMs: number;
  readonly resolve: (outcome: PublishOutcome) => void;
  readonly reject: (error: BackendError) => void;
  unroutable: boolean;
  expired: boolean;
}

const CONFIRMED: PublishOutcome = { kind: 'confirmed' };
const SENT: PublishOutcome = { kind: 'sent' };
const UNROUTABLE: PublishOutcome = { kind: 'unroutable' };
const REFUSED: PublishOutcome = { kind: 'refused' };

const failure = (effect: 'none' | 'unknown', message: string): BackendError =>
  new BackendError('rabbitmq', effect, message);

/**
 * The messages of one publisher on their way through the channels of successive connections: those that wait, in
 * a bounded FIFO, and those that were sent, in a bounded window. A message is sent once. What was sent when its
 * channel is lost has an unknown effect, and only the caller knows whether to publish it again.
 */
export class PublishWindow {
  readonly #options: PublishWindowOptions;
  readonly #waiting = new Deque<Pending>();
  readonly #sent = new NumberedRing<Pending>();
  #channel: PublishChannel | undefined;
  #ready = false;
  #closed = false;
  #waitReason = 'not connected';
  #expiry: Cancel | undefined;

  constructor(options: PublishWindowOptions) {
    this.#options = options;
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    const { clock, maxBuffered, publishTimeoutMs } = this.#options;
    if (this.#closed) return Promise.reject(failure('none', 'the connection is closed'));
    if (this.#waiting.length >= maxBuffered) {
      return Promise.reject(
        failure('none', `${maxBuffered} publishes are waiting already (${this.#waitReason})`),
      );
    }
    return new Promise((resolve, reject) => {
      const deadlineMs = clock.now() + publishTimeoutMs;
      const pending: Pending = { message, deadlineMs, resolve, reject, unroutable: false, expired: false };
      if (this.#waiting.length === 0 && this.#canSend()) this.#send(pending);
      else this.#waiting.push(pending);
      if (this.#expiry === undefined) this.#armExpiry(publishTimeoutMs);
    });
  }

  /** A new channel: it numbers its messages from 1. */
  open(channel: PublishChannel): void {
    this.#channel = channel;
    this.resume();
  }

  pause(reason: string): void {
    this.#ready = false;
    this.#waitReason = reason;
  }

  resume(): void {
    if (this.#channel === undefined) return;
    this.#ready = true;
    this.#waitReason = 'the window of unconfirmed messages is full';
    this.#flush();
  }

  /**
   * The broker returned a message, for want of a queue; its confirmation comes after that. Looks for it from the
   * oldest on: messages that are alike may stand in for each other.
   */
  markUnroutable(isReturned: (message: OutgoingMessage) => boolean): void {
    for (const pending of this.#sent.values()) {
      if (pending.unroutable || !isReturned(pending.message)) continue;
      pending.unroutable = true;
      return;
    }
  }

  /** The broker's answer to a message, or with `upTo` to it and all earlier ones. */
  settle(number: number, upTo: boolean, answer: 'confirmed' | 'refused'): void {
    if (upTo) {
      for (const pending of this.#sent.takeUpTo(number)) this.#resolve(pending, answer);
    } else {
      const pending = this.#sent.take(number);
      if (pending !== undefined) this.#resolve(pending, answer);
    }
    this.#flush();
  }

  /** The channel has gone, and with it every answer still to come. */
  lose(reason: string): void {
    this.#channel = undefined;
    this.pause(reason);
    for (const pending of this.#sent.takeAll()) {
      pending.reject(failure('unknown', `no answer to a publish: ${reason}`));
    }
  }

  close(): void {
    this.#closed = true;
    this.#expiry?.();
    this.lose('the connection was closed');
    for (let pending = this.#waiting.shift(); pending !== undefined; pending = this.#waiting.shift()) {
      pending.reject(failure('none', 'the connection was closed before a message could be sent'));
    }
  }

  #canSend(): boolean {
    return this.#ready && this.#sent.span < this.#options.confirmWindow;
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#canSend()) this.#send(this.#waiting.shift()!);
  }

  #send(pending: Pending): void {
    try {
      if (!this.#channel!.send(pending.message, this.#sent.next)) this.pause('the send buffer is full');
    } catch (error) {
      pending.reject(new BackendError('rabbitmq', 'none', 'a message could not be sent', error));
      return;
    }
    if (this.#options.confirms) this.#sent.add(pending);
    else pending.resolve(SENT);
  }

  #resolve(pending: Pending, answer: 'confirmed' | 'refused'): void {
    if (answer === 'refused') pending.resolve(REFUSED);
    else pending.resolve(pending.unroutable ? UNROUTABLE : CONFIRMED);
  }

  #armExpiry(delayMs: number): void {
    this.#expiry = this.#options.clock.schedule(delayMs, () => this.#expire());
  }

  /**
   * Messages come and are sent in the order of their deadlines, so that one timer, set for the oldest of them,
   * is enough. A message that expires in the window keeps its slot: the broker still owes the answer.
   */
  #expire(): void {
    this.#expiry = undefined;
    const { clock, publishTimeoutMs } = this.#options;
    const nowMs = clock.now();
    for (const pending of this.#sent.values()) {
      if (pending.deadlineMs > nowMs) return this.#armExpiry(pending.deadlineMs - nowMs);
      if (!pending.expired)
        pending.reject(failure('unknown', `no answer to a publish within ${publishTimeoutMs} ms`));
      pending.expired = true;
    }
    for (let pending = this.#waiting.first(); pending !== undefined; pending = this.#waiting.first()) {
      if (pending.deadlineMs > nowMs) return this.#armExpiry(pending.deadlineMs - nowMs);
      this.#waiting.shift();
      pending.reject(
        failure('none', `a message could not be sent within ${publishTimeoutMs} ms (${this.#waitReason})`),
      );
    }
  }
}
