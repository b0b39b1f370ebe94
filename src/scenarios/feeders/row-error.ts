/** What is wrong with a line of a feeder's data: reading ends there. */
export class RowError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'RowError';
    this.line = line;
  }
}
