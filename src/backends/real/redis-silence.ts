import type { Redis as Client } from 'ioredis';

const CHECKS_PER_LIMIT = 4;

/**
 * Gives a connection up that owes answers and has said nothing for `limitMs`, to a quarter. A look now and then
 * costs a busy connection nothing, where a timer for each packet would cost some percent of a round trip.
 * Gives the function that ends the watch.
 */
export const watchSilence = (client: Client, limitMs: number): (() => void) => {
  let bytesRead = -1;
  let silentChecks = 0;
  const check = () => {
    // Until the first connection there is no stream, whatever the types say.
    const stream = client.stream as Client['stream'] | undefined;
    const silent = client.commandQueue.length > 0 && stream?.bytesRead === bytesRead;
    bytesRead = stream?.bytesRead ?? -1;
    silentChecks = silent ? silentChecks + 1 : 0;
    if (silentChecks < CHECKS_PER_LIMIT) return;
    silentChecks = 0;
    stream?.destroy(new Error(`no answer within ${limitMs} ms`));
  };
  const timer = setInterval(check, limitMs / CHECKS_PER_LIMIT);
  timer.unref();
  return () => clearInterval(timer);
};
