import type { Tone } from '../layout.ts';
import { html, type Markup, NOTHING } from './markup.ts';

type Cell = string | Markup;

/** A table that scrolls by itself where it is wider than the page. The first cell of a row is its heading. */
export const dataTable = (
  id: string,
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
    <table>
      <caption id="${id}">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first = '', ...cells]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

/** Labels, each with its text. */
export const facts = (entries: readonly (readonly [label: string, text: Cell])[]): Markup =>
  html`<dl class="facts">
    ${entries.map(
      ([label, text]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${text}</dd>
        </div>`,
    )}
  </dl>`;

/** Text in the colour of good or bad news; the words must say it too. */
export const toned = (tone: Tone | undefined, text: string): Cell =>
  tone === undefined ? text : html`<span class="${tone}">${text}</span>`;

/** A share of 1 as a bar; anything above nothing is seen. */
export const bar = (share: number, tone: Tone | undefined): Markup =>
  share === 0
    ? NOTHING
    : html`<svg class="bar ${tone ?? ''}" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
        <rect width="${Math.max(4, Math.round(share * 1_000))}" height="10"></rect>
      </svg>`;

/** A part of the page under a heading of its own. */
export const section = (
  id: string,
  title: string,
  gist: string | Markup,
  content: readonly Markup[],
  layout: 'whole' | 'half' = 'whole',
): Markup =>
  html`<section id="${id}" class="${layout}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    <p class="gist">${gist}</p>
    ${content}
  </section>`;
