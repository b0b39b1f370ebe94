/** Expressions that a page is asked for. */

/** How many of a chart's pixels are painted, as a share of all. */
export const PAINTED = (id: string) => `(() => {
  const canvas = document.querySelector('#${id} canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let index = 3; index < data.length; index += 4) if (data[index] > 0) painted += 1;
  return painted / (data.length / 4);
})()`;

/** Two frames later all observers of sizes and colours have run. */
export const SETTLED =
  'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))';

/** By how much the page is wider than its window; below 0 beside a scroll bar. */
export const OVERFLOW_PX = 'document.documentElement.scrollWidth - innerWidth';
