// Runs in the page: draws its charts (see chart.ts) with uPlot. Everything is text and numbers from the page's own
// data; no markup is made of it.

const HEIGHT_PX = 260;
const LABEL_PX = 64;
const DASHES = [[], [7, 4], [2, 3]];

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** Three significant digits without trailing zeros: 1.5, 20, 300. */
const short = (value) => String(Number(value.toPrecision(3)));

const formatMicros = (micros) => {
  if (micros < 1e3) return `${short(micros)}µs`;
  return micros < 1e6 ? `${short(micros / 1e3)}ms` : `${short(micros / 1e6)}s`;
};

const formatSeconds = (seconds) => {
  if (seconds < 60) return `${short(seconds)}s`;
  const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  if (minutes < 60) return rest === 0 ? `${minutes}m` : `${minutes}m ${rest}s`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
};

const FORMATS = {
  seconds: formatSeconds,
  nodes: short,
  odds: (odds) => `${Number((100 - 100 / odds).toPrecision(7))}%`,
  micros: formatMicros,
  perSecond: (value) => `${compact.format(value)}/s`,
  ratio: (value) => `${short(value * 100)}%`,
  units: (value) => compact.format(value),
};

const isLogarithmic = (unit) => unit === 'odds' || unit === 'micros';

const scaleOf = (unit, hasMarks) => {
  if (isLogarithmic(unit)) return { distr: 3, log: 10 };
  if (unit === 'ratio') return { range: [0, 1] };
  // A line along the top is still seen, and does not run through the label of a mark.
  return { range: (_, _min, max) => [0, max > 0 ? max * (hasMarks ? 1.2 : 1.05) : 1] };
};

/** Steps that people count time in. */
const TIME_STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400,
];

/** There are no half units. */
const WHOLE_STEPS = Array.from(
  { length: 30 },
  (_, index) => [1, 2, 5][index % 3] * 10 ** Math.floor(index / 3),
);

const isPowerOfTen = (value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-6;

const colors = () => {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  return {
    text: color('--quiet'),
    grid: color('--line'),
    mark: color('--bad'),
    series: Array.from({ length: 8 }, (_, index) => color(`--series-${index + 1}`)),
  };
};

/** On a log scale only powers of ten get a line, and of these as many as have room for a label. */
const onPowersOfTen = (unit) =>
  isLogarithmic(unit) && {
    filter: (plot, splits) => {
      const roomPx = unit === 'odds' ? plot.bbox.width / devicePixelRatio : Infinity;
      const step = Math.ceil((splits.filter(isPowerOfTen).length * LABEL_PX) / roomPx) || 1;
      return splits.map((value) =>
        isPowerOfTen(value) && Math.round(Math.log10(value)) % step === 0 ? value : null,
      );
    },
  };

const axisOf = (unit, palette, rest) => ({
  scale: unit,
  stroke: palette.text,
  font: '12px system-ui, sans-serif',
  grid: { stroke: palette.grid, width: 1, show: rest.side !== 1, ...onPowersOfTen(unit) },
  ticks: { stroke: palette.grid, width: 1, ...onPowersOfTen(unit) },
  values: (_, splits) => splits.map((value) => (value === null ? '' : FORMATS[unit](value))),
  ...onPowersOfTen(unit),
  ...(unit === 'seconds' && { incrs: TIME_STEPS_S }),
  ...(unit === 'units' && { incrs: WHOLE_STEPS }),
  ...(unit === 'nodes' && { incrs: [1, 2, 5, 10, 20, 50] }),
  ...rest,
});

/** A line across the plot at each mark, its label beside it where there is room. */
const drawMarks = (chart, palette) => (plot) => {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = palette.mark;
  ctx.fillStyle = palette.mark;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  for (const { at, label } of chart.marks) {
    const x = plot.valToPos(at, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const isRight = x > bbox.left + bbox.width / 2;
    ctx.textAlign = isRight ? 'right' : 'left';
    ctx.fillText(label, x + (isRight ? -6 : 6) * devicePixelRatio, bbox.top + 14 * devicePixelRatio);
  }
  ctx.restore();
};

const colorOf = (chart, index) => (chart.series[index].color ?? index) % 8;

const optionsOf = (chart, palette, width, hooks) => {
  const units = [...new Set(chart.series.map(({ unit }) => unit))];
  const isTime = chart.x.unit === 'seconds';
  return {
    width,
    height: HEIGHT_PX,
    padding: [12, 32, 0, 0],
    legend: { show: false },
    cursor: { ...(isTime && { sync: { key: 'time' } }), y: false, points: { size: 7 } },
    scales: {
      x: { time: false, ...(isLogarithmic(chart.x.unit) && { distr: 3, log: 10 }) },
      ...Object.fromEntries(units.map((unit) => [unit, scaleOf(unit, chart.marks.length > 0)])),
    },
    axes: [
      axisOf(chart.x.unit, palette, { scale: 'x', space: 60 }),
      ...units.map((unit, index) => axisOf(unit, palette, { side: index === 0 ? 3 : 1, size: 64 })),
    ],
    series: [
      {},
      ...chart.series.map(({ label, unit, hidden, dots }, index) => ({
        label,
        scale: unit,
        show: hidden !== true,
        stroke: palette.series[colorOf(chart, index)],
        width: 2,
        dash: DASHES[units.indexOf(unit)],
        ...(isTime && unit === 'perSecond' && { paths: uPlot.paths.stepped({ align: -1 }) }),
        ...(dots && { paths: () => null }),
        points: {
          show: dots || (isTime && chart.x.values.length < 40),
          size: dots ? 9 : 5,
          ...(dots && { fill: palette.series[colorOf(chart, index)] }),
        },
        ...(unit === 'units' && { fill: `${palette.series[index]}22` }),
      })),
    ],
    hooks: { draw: [drawMarks(chart, palette)], ...hooks },
  };
};

/** A button for each series, which shows or hides it, and its value under the cursor. */
const legendOf = (chart, onToggle) => {
  const shown = chart.series.map(({ hidden }) => hidden !== true);
  const values = chart.series.map(() => document.createElement('span'));
  const buttons = chart.series.map(({ label }, index) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = `key key-${colorOf(chart, index) + 1}`;
    button.append(label, ' ', values[index]);
    button.setAttribute('aria-pressed', String(shown[index]));
    button.addEventListener('click', () => {
      shown[index] = !shown[index];
      button.setAttribute('aria-pressed', String(shown[index]));
      onToggle(index, shown[index]);
    });
    return button;
  });
  const where = document.createElement('span');
  where.className = 'quiet';
  const element = document.createElement('div');
  element.className = 'legend';
  element.append(...buttons, where);
  /** The figures at a place on the x axis, as shown and as one sentence. */
  const show = (at) => {
    const parts = chart.series.map(({ unit, values: all }, index) => {
      const value = at === null ? null : all[at];
      values[index].textContent = value === null ? '' : FORMATS[unit](value);
      return value === null || !shown[index] ? '' : `${chart.series[index].label} ${FORMATS[unit](value)}`;
    });
    const place = at === null ? '' : `${chart.x.label} ${FORMATS[chart.x.unit](chart.x.values[at])}`;
    where.textContent = place;
    return [place, ...parts.filter((part) => part !== '')].join(', ');
  };
  return { element, show, shown };
};

/** Arrow keys move the cursor by a point, with Shift by ten; Home and End to the ends; Escape takes it away. */
const moveByKeys = (box, chart, current, onMove) => {
  const last = chart.x.values.length - 1;
  box.addEventListener('keydown', (event) => {
    const at = current() ?? -1;
    const step = event.shiftKey ? 10 : 1;
    const places = { ArrowRight: at + step, ArrowLeft: at - step, Home: 0, End: last, Escape: null };
    if (event.target !== box || !(event.key in places)) return;
    event.preventDefault();
    const place = places[event.key];
    onMove(place === null ? null : Math.min(last, Math.max(0, place)));
  });
};

const drawn = [];

const draw = (chart) => {
  const box = document.getElementById(chart.id);
  const canvasBox = document.createElement('div');
  const spoken = document.createElement('output');
  spoken.className = 'unseen';
  let plot;
  const legend = legendOf(chart, (index, isShown) => plot.setSeries(index + 1, { show: isShown }));
  box.replaceChildren(canvasBox, legend.element, spoken);
  const data = [chart.x.values, ...chart.series.map(({ values }) => values)];
  const redraw = () => {
    plot?.destroy();
    const hooks = { setCursor: [(self) => legend.show(self.cursor.idx ?? null)] };
    plot = new uPlot(optionsOf(chart, colors(), box.clientWidth, hooks), data, canvasBox);
    for (const [index, isShown] of legend.shown.entries()) plot.setSeries(index + 1, { show: isShown });
  };
  redraw();
  moveByKeys(
    box,
    chart,
    () => plot.cursor.idx,
    (place) => {
      const left = place === null ? -10 : plot.valToPos(chart.x.values[place], 'x');
      plot.setCursor({ left, top: HEIGHT_PX / 3 });
      spoken.textContent = legend.show(place);
    },
  );
  new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT_PX })).observe(box);
  drawn.push(redraw);
};

const copyOnClick = (button) => {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = 'Copied';
  });
};

for (const data of document.querySelectorAll('figure > script')) draw(JSON.parse(data.textContent));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const redraw of drawn) redraw();
});
if (navigator.clipboard !== undefined) document.querySelectorAll('[data-copy]').forEach(copyOnClick);
document.documentElement.dataset.ready = String(performance.now());
