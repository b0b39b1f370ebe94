import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP relay on 127.0.0.1, whose connections can be destroyed, frozen, and refused. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Socket>();
  readonly #delayMs: number;
  #refusing = false;

  private constructor(server: Server, delayMs: number) {
    this.#server = server;
    this.#delayMs = delayMs;
  }

  static async open(target: { readonly host: string; readonly port: number }, delayMs = 0): Promise<Relay> {
    const server = createServer({ noDelay: true });
    const relay = new Relay(server, delayMs);
    server.on('connection', (client) => {
      if (relay.#refusing) client.destroy();
      else relay.#join(client, connect({ ...target, noDelay: true }));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Cuts, and lets nobody in until `accept()`. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  accept(): void {
    this.#refusing = false;
  }

  /** Nothing passes any more on the present connections, which stay open. */
  freeze(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  /** Tells of what the present clients will send. */
  hear(onBytes: (bytes: Buffer) => void): void {
    for (const client of this.#clients) client.on('data', onBytes);
  }

  /** Says something to every client in the server's name. */
  say(bytes: Buffer): void {
    for (const client of this.#clients) client.write(bytes);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #join(client: Socket, server: Socket): void {
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      if (this.#delayMs === 0) from.pipe(to);
      else from.on('data', (bytes) => setTimeout(() => to.write(bytes), this.#delayMs));
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

/** A relay before the server of `url`, which is `delayMs` farther away each way, and the URL that leads through it. */
export const openRelay = async (
  text: string,
  delayMs = 0,
): Promise<{ readonly relay: Relay; readonly url: string }> => {
  const url = new URL(text);
  const relay = await Relay.open({ host: url.hostname, port: Number(url.port || 5672) }, delayMs);
  url.host = `127.0.0.1:${relay.port}`;
  return { relay, url: url.href };
};
