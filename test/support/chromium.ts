import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

type Params = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

const ANSWER_MS = 30_000;

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

const findChromium = (): string => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    for (const folder of folders) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Perhaps in the next one.
      }
    }
  }
  throw new Error('These tests need Chromium: apt-get install chromium');
};

/** A headless Chromium, spoken to in the Chrome DevTools Protocol over a pipe: no port, no other library. */
export class Chromium {
  readonly #profile = mkdtempSync(join(tmpdir(), 'trade-sim-chromium-'));
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #pages = new Map<string, Page>();
  #lastId = 0;
  #received = '';

  constructor() {
    this.#process = spawn(findChromium(), [...FLAGS, `--user-data-dir=${this.#profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#exited = new Promise((resolve) => this.#process.once('exit', resolve));
    (this.#process.stdio[4] as Readable)
      .setEncoding('utf8')
      .on('data', (text: string) => this.#receive(text));
  }

  /** A new page of its own. */
  async open(): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page((method, params) => this.send(method, params, sessionId as string));
    this.#pages.set(sessionId as string, page);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
    return page;
  }

  send(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    const id = (this.#lastId += 1);
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Chromium did not answer ${method}`)), ANSWER_MS);
      this.#waiting.set(id, ({ result, error }) => {
        clearTimeout(timer);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  async close(): Promise<void> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), ANSWER_MS);
    await Promise.all([this.send('Browser.close'), this.#exited]);
    clearTimeout(timer);
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #receive(text: string): void {
    const messages = (this.#received + text).split('\0');
    this.#received = messages.pop() ?? '';
    for (const message of messages) this.#handle(JSON.parse(message) as Message);
  }

  #handle(message: Message): void {
    if (message.id === undefined) {
      this.#pages.get(message.sessionId ?? '')?.note(message.method ?? '', message.params ?? {});
      return;
    }
    this.#waiting.get(message.id)?.(message);
    this.#waiting.delete(message.id);
  }
}

/** One page, and all that it said and asked for. */
export class Page {
  readonly send: (method: string, params?: Params) => Promise<Params>;
  /** What stands in its console, errors of scripts and of its policy among it. */
  readonly console: string[] = [];
  readonly #requests = new Map<unknown, string>();
  #onLoad = () => {};

  constructor(send: Page['send']) {
    this.send = send;
  }

  /** The URLs that it asked for, without data URLs and what its own policy held back. */
  get requests(): string[] {
    return [...this.#requests.values()];
  }

  note(method: string, params: Params): void {
    if (method === 'Page.loadEventFired') this.#onLoad();
    if (/^(?:Runtime\.(?:consoleAPICalled|exceptionThrown)|Log\.entryAdded)$/.test(method))
      this.console.push(JSON.stringify(params));
    if (method === 'Network.requestWillBeSent') {
      const { url } = params['request'] as { readonly url: string };
      if (!url.startsWith('data:')) this.#requests.set(params['requestId'], url);
    }
    if (method === 'Network.loadingFailed' && params['blockedReason'] === 'csp')
      this.#requests.delete(params['requestId']);
  }

  /** Opens a file and waits until it is loaded and its scripts have run. */
  async show(file: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.#onLoad = resolve;
    });
    await this.send('Page.navigate', { url: pathToFileURL(file).href });
    await loaded;
  }

  /** The value of an expression in the page; a promise is waited for. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value: T }).value;
  }

  async press(key: string): Promise<void> {
    for (const type of ['keyDown', 'keyUp']) await this.send('Input.dispatchKeyEvent', { type, key });
  }
}
