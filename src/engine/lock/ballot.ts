import { BackendError, type Redis, type RedisReply } from '../../backends/ports.ts';
import type { Clock } from '../../kernel/clock.ts';

/** `failed`: it cannot be reached, or refused; `silent`: it has not answered so far. */
type Vote = 'yes' | 'no' | 'failed' | 'silent';

/** How many of `masters` are more than half. */
const majorityOf = (masters: number): number => Math.floor(masters / 2) + 1;

/** Resolves once more than half of `asked` have answered; rejects once they cannot any more. Of none nothing is asked. */
export const majorityAnswers = (asked: readonly Promise<unknown>[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const majority = majorityOf(asked.length);
    let [answered, failed] = [0, 0];
    const count = async (each: Promise<unknown>) => {
      try {
        await each;
        answered += 1;
        if (answered >= majority) resolve();
      } catch (error) {
        failed += 1;
        if (asked.length - failed < majority) reject(error);
      }
    };
    for (const each of asked) void count(each);
    if (asked.length === 0) resolve();
  });

/** What independent masters answered to one request. */
export class Ballot {
  readonly #votes: Vote[];
  readonly #counts: Record<Vote, number>;

  private constructor(masters: number) {
    this.#votes = Array.from({ length: masters }, () => 'silent');
    this.#counts = { yes: 0, no: 0, failed: 0, silent: masters };
  }

  /**
   * Sends all masters a request at once; `yes` is the reply that agrees. Resolves as soon as the others cannot change
   * the outcome, and after `timeoutMs` at the latest: a master that is down or silent costs nothing as long as a
   * majority agrees.
   */
  static ask(
    masters: readonly Redis[],
    clock: Clock,
    timeoutMs: number,
    request: (master: Redis) => Promise<RedisReply>,
    yes: RedisReply,
  ): Promise<Ballot> {
    const ballot = new Ballot(masters.length);
    return new Promise((resolve, reject) => {
      let isOpen = true;
      const settle = () => {
        isOpen = false;
        cancel();
        resolve(ballot);
      };
      // A busy node may see its timer before the answers that have come meanwhile: they get one turn of the loop.
      let cancel = clock.schedule(timeoutMs, () => {
        cancel = clock.schedule(0, settle);
      });
      const cast = (master: number, vote: Vote) => {
        if (!isOpen) return;
        ballot.#cast(master, vote);
        if (ballot.#isDecided) settle();
      };
      for (const [index, master] of masters.entries())
        request(master).then(
          (reply) => cast(index, reply === yes ? 'yes' : 'no'),
          (error: unknown) => {
            if (error instanceof BackendError) cast(index, 'failed');
            else reject(error);
          },
        );
      if (ballot.#isDecided) settle();
    });
  }

  /** A majority said yes. */
  get isWon(): boolean {
    return this.#counts.yes >= this.#majority;
  }

  /** So many answered no that a majority of yes is out of reach. */
  get isLost(): boolean {
    return this.#votes.length - this.#counts.no < this.#majority;
  }

  /** So many could not be reached that a majority of yes is out of reach. */
  get hasFailed(): boolean {
    return this.#votes.length - this.#counts.failed < this.#majority;
  }

  /** Whether this master may have said yes: only a no is certain. */
  mayBeYes(master: number): boolean {
    return this.#votes[master] !== 'no';
  }

  get #majority(): number {
    return majorityOf(this.#votes.length);
  }

  get #isDecided(): boolean {
    return this.isWon || this.#counts.yes + this.#counts.silent < this.#majority;
  }

  #cast(master: number, vote: Vote): void {
    this.#votes[master] = vote;
    this.#counts.silent -= 1;
    this.#counts[vote] += 1;
  }
}
