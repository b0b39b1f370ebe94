import { displayWidth } from './text.ts';

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
/** A line that is too wide for a window that just became narrower is cut, not wrapped. */
const NO_WRAP = '\u001B[?7l';
const WRAP = '\u001B[?7h';
const ERASE_LINE_END = '\u001B[K';
const ERASE_BELOW = '\u001B[J';
const up = (rows: number): string => (rows > 0 ? `\u001B[${rows}A` : '');

/** Some lines at the bottom of a terminal that are drawn over again and again. The cursor rests below them. */
export class RedrawnBlock {
  readonly #stream: NodeJS.WritableStream;
  readonly #columns: () => number;
  #lines: readonly string[] = [];

  constructor(stream: NodeJS.WritableStream, columns: () => number) {
    this.#stream = stream;
    this.#columns = columns;
  }

  get isDrawn(): boolean {
    return this.#lines.length > 0;
  }

  draw(lines: readonly string[]): void {
    const drawn = lines.map((line) => `${line}${ERASE_LINE_END}\n`).join('');
    this.#stream.write(`${HIDE_CURSOR}${NO_WRAP}${this.#toTop()}${drawn}${ERASE_BELOW}${WRAP}`);
    this.#lines = lines;
  }

  /** Leaves the terminal as it was before the first drawing. */
  erase(): void {
    if (!this.isDrawn) return;
    this.#stream.write(`${this.#toTop()}${ERASE_BELOW}${SHOW_CURSOR}`);
    this.#lines = [];
  }

  /** A terminal that became narrower has wrapped the lines that are too wide for it now. */
  #toTop(): string {
    const columns = this.#columns();
    const rows = this.#lines.map((line) => Math.max(1, Math.ceil(displayWidth(line) / columns)));
    return `\r${up(rows.reduce((sum, each) => sum + each, 0))}`;
  }
}
