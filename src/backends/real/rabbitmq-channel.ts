import type { Channel } from 'amqplib';
import { wallClock, withDeadline } from '../../kernel/clock.ts';

const CLOSE_DEADLINE_MS = 2_000;

/**
 * Closes a channel after what was sent on it. Says whether it is closed: false when the broker did not answer in
 * time. A channel that goes with its connection never hears an answer, but it is closed as well.
 */
export const closeChannel = async (channel: Channel): Promise<boolean> => {
  const closed = new Promise<void>((resolve) => {
    channel.once('close', resolve);
    channel.close().catch(() => resolve());
  });
  try {
    await withDeadline(wallClock, closed, CLOSE_DEADLINE_MS, () => new Error('no answer'));
    return true;
  } catch {
    return false;
  }
};
