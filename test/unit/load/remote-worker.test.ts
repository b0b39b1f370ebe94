import type { MessagePort } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { BackendError } from '../../../src/backends/ports.ts';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import type { Segment, ToMain, ToWorker, WorkerTask } from '../../../src/load/protocol.ts';
import { RemoteWorker } from '../../../src/load/remote-worker.ts';
import { sendable } from '../../../src/load/sent-error.ts';
import { deferred } from './shop.ts';

const LIMIT_MS = 30_000;

/** A worker whose thread is played by the test: `answer` says what it sends for each request, if anything. */
const openWorker = (answer: (message: ToWorker) => ToMain | undefined) => {
  /** Settled with what ends the thread. */
  const end = deferred<Error | undefined>();
  let port: MessagePort | undefined;
  const run = async (given: WorkerTask): Promise<void> => {
    port = given.port;
    port.on('message', (message: ToWorker) => {
      const reply = answer(message);
      if (reply) port!.postMessage(reply);
    });
    const error = await end.promise;
    if (error) throw error;
  };
  const intervals: number[] = [];
  const worker = new RemoteWorker({ run }, {} as Segment, new SharedArrayBuffer(4), ({ atMs }) =>
    intervals.push(atMs),
  );
  onTestFinished(() => end.resolve(undefined));
  return { worker, end, intervals };
};

const silent = () => undefined;

it('gets the answer to its own request', async () => {
  const { worker } = openWorker(({ id, request }) => ({ kind: 'answer', id, value: request.kind }));
  expect(
    await Promise.all([worker.ask({ kind: 'flow' }, LIMIT_MS), worker.follow({ kind: 'open' })]),
  ).toEqual(['flow', 'open']);
});

it('gets an error with the class it had', async () => {
  const lost = new BackendError('redis', 'none', 'not connected');
  const { worker } = openWorker(({ id }) => ({ kind: 'error', id, error: sendable(lost) }));
  await expect(worker.ask({ kind: 'open' }, LIMIT_MS)).rejects.toBeInstanceOf(BackendError);
  await expect(worker.follow({ kind: 'open' })).rejects.toThrow('redis: not connected');
});

it('does not wait longer than it may', async () => {
  const { worker } = openWorker(silent);
  await expect(worker.ask({ kind: 'flow' }, 10)).rejects.toThrow('did not answer "flow" within 10.0ms');
});

it('rejects whatever is asked of a thread that has ended', async () => {
  const { worker, end } = openWorker(silent);
  const asked = [worker.ask({ kind: 'flow' }, LIMIT_MS), worker.follow({ kind: 'open' })];
  end.resolve(new Error('out of memory'));
  for (const { status, reason } of (await Promise.allSettled(asked)) as PromiseRejectedResult[])
    expect([status, (reason as Error).message]).toEqual(['rejected', 'out of memory']);
  await expect(worker.ask({ kind: 'flow' }, LIMIT_MS)).rejects.toThrow('out of memory');
  await expect(worker.finish()).resolves.toBeUndefined();
});

it('says what to do about a thread that ran out of memory', async () => {
  const { worker, end } = openWorker(silent);
  const asked = worker.ask({ kind: 'flow' }, LIMIT_MS);
  end.resolve(Object.assign(new Error('terminated'), { code: 'ERR_WORKER_OUT_OF_MEMORY' }));
  await expect(asked).rejects.toMatchObject({
    message: 'a worker thread ran out of memory',
    exitCode: ExitCode.usage,
    hint: expect.stringContaining('--max-old-space-size') as string,
  });
});

it('hands on what the worker measures meanwhile', async () => {
  const interval = { histograms: {}, counters: {}, peaks: {} };
  const memory = { heapBytes: 0, heapLimitBytes: 1, receipts: 0 };
  const { worker, intervals } = openWorker(({ id, request }) =>
    request.kind === 'report'
      ? { kind: 'answer', id, value: 'done' }
      : { kind: 'interval', atMs: 1_000, interval, inFlight: 0, memory },
  );
  const unanswered = expect(worker.ask({ kind: 'flow' }, 50)).rejects.toThrow('did not answer');
  expect(await worker.ask({ kind: 'report' }, LIMIT_MS)).toBe('done');
  expect(intervals).toEqual([1_000]);
  await unanswered;
});
