import { printableLines } from '../text.ts';

/** Text that may stand in a page as it is. It comes from `html`, which escapes whatever it is given, or from `json`. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Child = Markup | string | number | readonly Child[];

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or a quoted attribute, in HTML and XML alike; without passwords. */
export const escape = (text: string): string =>
  printableLines(text).replaceAll(/[&<>"']/g, (character) => ESCAPED[character]!);

const render = (child: Child): string => {
  if (child instanceof Markup) return child.text;
  return typeof child === 'object' ? child.map(render).join('') : escape(String(child));
};

/** A template of HTML. What is put in is escaped, but for other such templates and lists of them. */
export const html = (parts: TemplateStringsArray, ...children: readonly Child[]): Markup =>
  new Markup(parts.reduce((text, part, index) => text + render(children[index - 1] ?? '') + part));

/** Data for a script element: no text within can end it, or begin a comment. */
export const json = (value: unknown): Markup =>
  new Markup(JSON.stringify(value).replaceAll('<', String.raw`\u003c`));

export const NOTHING = new Markup('');
