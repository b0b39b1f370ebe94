export type Turn =
  /** `endMs`: when the lease is over at the earliest. */
  | { readonly kind: 'granted'; readonly endMs: number }
  /** Its task waits no longer. */
  | { readonly kind: 'over' }
  /** The queue is full. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly error: unknown };

interface TicketParts {
  readonly name: string;
  readonly queue: string;
  /** When its task begins to wait, and goes at the latest, on the clock. */
  readonly sinceMs: number;
  readonly deadlineMs: number;
}

/** A task of this node that waits for a lock, or holds it. */
export class Ticket {
  readonly name: string;
  readonly queue: string;
  readonly sinceMs: number;
  deadlineMs: number;
  /** The node that serves it: another one, when that has lost its connection. */
  by = '';
  /** When that node began to serve it, as epoch time. */
  grantedMs = -Infinity;
  readonly turn: Promise<Turn>;
  settle!: (turn: Turn) => void;

  constructor({ name, queue, sinceMs, deadlineMs }: TicketParts) {
    this.name = name;
    this.queue = queue;
    this.sinceMs = sinceMs;
    this.deadlineMs = deadlineMs;
    this.turn = new Promise((resolve) => {
      this.settle = resolve;
    });
  }
}
