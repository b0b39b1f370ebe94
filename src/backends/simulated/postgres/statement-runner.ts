import type { Clock } from '../../../kernel/clock.ts';
import type { StatementResult } from '../../ports.ts';
import type { Steps } from './steps.ts';
import type { Transaction } from './transaction.ts';
import { sqlError } from './values.ts';

/** PostgreSQL's own default: a wait is first looked into after this long. */
const DEADLOCK_TIMEOUT_MS = 1_000;

/** Where a request's answer goes. */
export interface Answer<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

const isDeadlocked = (transaction: Transaction): boolean => {
  const seen = new Set<Transaction>();
  let next = transaction.blockedBy;
  while (next !== undefined && next !== transaction && !seen.has(next)) {
    seen.add(next);
    next = next.blockedBy;
  }
  return next === transaction;
};

/** Drives statements: each as far as it gets, and on when the transaction that blocks it has ended. */
export class StatementRunner {
  readonly #clock: Clock;
  readonly #lockTimeoutMs: number;
  readonly #resumable: (() => void)[] = [];
  #resuming = false;

  constructor(clock: Clock, lockTimeoutMs: number) {
    this.#clock = clock;
    this.#lockTimeoutMs = lockTimeoutMs;
  }

  /** A statement that fails has rolled its transaction back before the answer. */
  run(transaction: Transaction, steps: Steps, answer: Answer<StatementResult>): void {
    const advance = (failure?: Error): void => {
      let step;
      try {
        step = failure === undefined ? steps.next() : steps.throw(failure);
      } catch (error) {
        this.end(transaction, 'rolled-back');
        answer.reject(error);
        return;
      }
      if (step.done === true) answer.resolve(step.value);
      else this.#wait(transaction, step.value, advance);
    };
    advance();
  }

  /** Ends a transaction and lets those go on that waited for it, in their order. */
  end(transaction: Transaction, how: 'committed' | 'rolled-back'): void {
    transaction.end(how);
    this.#resumable.push(...transaction.waiters);
    transaction.waiters.clear();
    if (this.#resuming) return;
    this.#resuming = true;
    for (let resume = this.#resumable.shift(); resume !== undefined; resume = this.#resumable.shift())
      resume();
    this.#resuming = false;
  }

  /** Rolls a transaction back whose connection has gone, whatever it waits for. */
  cutOff(transaction: Transaction, failure: Error): void {
    if (transaction.interrupt) transaction.interrupt(failure);
    else if (transaction.isOpen) this.end(transaction, 'rolled-back');
  }

  #wait(transaction: Transaction, blocker: Transaction, advance: (failure?: Error) => void): void {
    const lockTimeoutMs = transaction.lockTimeoutMs ?? this.#lockTimeoutMs;
    const goOn = (failure?: Error): void => {
      cancel();
      blocker.waiters.delete(resume);
      transaction.blockedBy = undefined;
      transaction.interrupt = undefined;
      advance(failure);
    };
    const resume = (): void => goOn();
    const onTimeout = (): void => goOn(sqlError('55P03', 'canceling statement due to lock timeout'));
    const lookForDeadlock = (): void => {
      if (isDeadlocked(transaction)) {
        goOn(sqlError('40P01', 'deadlock detected'));
        return;
      }
      cancel = this.#clock.schedule(lockTimeoutMs - DEADLOCK_TIMEOUT_MS, onTimeout);
    };
    let cancel =
      lockTimeoutMs <= DEADLOCK_TIMEOUT_MS
        ? this.#clock.schedule(lockTimeoutMs, onTimeout)
        : this.#clock.schedule(DEADLOCK_TIMEOUT_MS, lookForDeadlock);
    transaction.blockedBy = blocker;
    transaction.interrupt = goOn;
    blocker.waiters.add(resume);
  }
}
