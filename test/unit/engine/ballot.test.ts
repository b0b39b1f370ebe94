import { describe, expect, test } from 'vitest';
import { BackendError, type Redis } from '../../../src/backends/ports.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { Ballot, majorityAnswers } from '../../../src/engine/lock/ballot.ts';

type Answer = 'yes' | 'no' | 'down' | 'never';

/** Asks masters that give these answers, and lets the clock run out. */
const ask = async (...answers: readonly Answer[]) => {
  const clock = new VirtualClock(0);
  const masters = answers.map((answer) => answer as unknown as Redis);
  let ballot: Ballot | undefined;
  const request = (master: Redis): Promise<string> => {
    const answer = master as unknown as Answer;
    if (answer === 'never') return new Promise(() => {});
    if (answer === 'down') return Promise.reject(new BackendError('redis', 'none', 'down'));
    return Promise.resolve(answer);
  };
  const vote = async () => {
    ballot = await Ballot.ask(masters, clock, 50, request, 'yes');
  };
  const voted = vote();
  await clock.run(() => ballot !== undefined);
  await voted;
  return { ballot: ballot!, tookMs: clock.now() };
};

describe('a ballot', () => {
  test.each<[Answer[], string]>([
    [['yes', 'yes', 'yes', 'no', 'no'], 'won'],
    [['yes', 'yes', 'yes', 'never', 'never'], 'won'],
    [['yes', 'yes', 'no', 'no', 'no'], 'lost'],
    [['yes', 'yes', 'no', 'no', 'down'], 'neither'],
    [['yes', 'yes', 'no', 'no'], 'lost'],
    [['yes', 'yes', 'down', 'down', 'down'], 'failed'],
    [['yes', 'yes', 'down', 'down', 'never'], 'neither'],
    [['no', 'no', 'no', 'down', 'down'], 'lost'],
    [['never', 'never', 'never', 'never', 'never'], 'neither'],
  ])('of %j is %s', async (answers, outcome) => {
    const { ballot } = await ask(...answers);
    expect({ won: ballot.isWon, lost: ballot.isLost, failed: ballot.hasFailed }).toEqual({
      won: outcome === 'won',
      lost: outcome === 'lost',
      failed: outcome === 'failed',
    });
  });

  test('does not wait for those that cannot change it, and for the others no longer than it may', async () => {
    expect((await ask()).tookMs).toBe(0);
    expect((await ask('yes', 'yes', 'yes', 'never', 'never')).tookMs).toBe(0);
    expect((await ask('no', 'no', 'down', 'never', 'never')).tookMs).toBe(0);
    expect((await ask('yes', 'yes', 'never', 'never', 'never')).tookMs).toBeGreaterThanOrEqual(50);
  });

  test('lets answers in that came while its node was busy', async () => {
    const clock = new VirtualClock(0);
    const arriveAtMs = 50;
    const masters = [1, 2, 3].map(() => ({}) as Redis);
    // Scheduled first, the time-out comes before the answers of the same moment.
    const asked = Ballot.ask(masters, clock, arriveAtMs, () => Promise.resolve().then(() => arrival), 1);
    const arrival = new Promise<number>((resolve) => clock.schedule(arriveAtMs, () => resolve(1)));
    let ballot: Ballot | undefined;
    const wait = async () => {
      ballot = await asked;
    };
    void wait();
    await clock.run(() => ballot !== undefined);
    expect(ballot!.isWon).toBe(true);
  });

  test('a defect is not a vote', async () => {
    const clock = new VirtualClock(0);
    const defect = new TypeError('defect');
    await expect(Ballot.ask([{} as Redis], clock, 50, () => Promise.reject(defect), 1)).rejects.toBe(defect);
  });
});

test('a majority answers as soon as it can be told', async () => {
  const never = new Promise<never>(() => {});
  const down = () => Promise.reject(new Error('down'));
  await majorityAnswers([]);
  await majorityAnswers([Promise.resolve(), down(), Promise.resolve(), never, Promise.resolve()]);
  await expect(majorityAnswers([down(), Promise.resolve(), down(), never, down()])).rejects.toThrow('down');
});
