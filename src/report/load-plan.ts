import { formatCount, formatDuration } from '../kernel/units.ts';
import { describeLoad, maxVusOf, planOf, warmUpOf } from '../scenarios/executors/index.ts';
import type { LoadPlan } from '../scenarios/executors/executor.ts';
import { levelAt } from '../scenarios/executors/levels.ts';
import type { Feeds } from '../scenarios/feeders/load-feeds.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { feederRows } from './feeder-rows.ts';
import { formatNumberOf } from './figures.ts';
import { plotWidth, renderPlot, type Plot } from './plot.ts';
import { printable, wrap } from './text.ts';

/** Says what a run of the scenario would do, and draws its load over time. */
export const renderLoadPlan = (scenario: Scenario, columns: number, feeds: Feeds = {}): string => {
  const plan = planOf(scenario.load);
  const rows = planRows(scenario, plan, feeds);
  const indent = Math.max(...rows.map(([name]) => name.length)) + 2;
  const list = rows.map(([name, text]) =>
    wrap(printable(text), columns - indent)
      .map((line, index) => `${(index === 0 ? name : '').padEnd(indent)}${line}`)
      .join('\n'),
  );
  const title = printable(`${scenario.name}: ${scenario.description}`).replace(/: $/, '');
  const sections = [wrap(title, columns).join('\n'), list.join('\n'), drawLoad(plan, columns)];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
};

type Row = readonly [name: string, text: string];

const planRows = (scenario: Scenario, plan: LoadPlan, feeds: Feeds): readonly Row[] => {
  const { load, engine, catalog, journey, seed } = scenario;
  const { lock, stock, cache, queue } = engine;
  const limit = catalog.limitPerUser > 0 ? `, at most ${formatCount(catalog.limitPerUser)} for a user` : '';
  return [
    ['Load', `${load.executor}: ${describeLoad(load)}`],
    plan.kind === 'arrivals' ? arrivalRow(plan) : userRow(plan),
    ['Warm-up', load.warmupMs > 0 ? `${describeLoad(warmUpOf(load))}, not measured` : 'none'],
    ['Journey', journey.name],
    ...feederRows(scenario, feeds).map((text): Row => ['Feeder', text]),
    [
      'Products',
      `${formatCount(catalog.skus)}, ${formatNumberOf(catalog.stockPerSku, 'unit')} of each${limit}`,
    ],
    ['Engine', `lock ${lock.name}, stock ${stock.name}, cache ${cache.name}, queue ${queue.name}`],
    ['Nodes', shares(engine.nodes, maxVusOf(plan))],
    ['Seed', String(seed)],
  ];
};

const arrivalRow = ({ curve, spacing, maxVus }: Extract<LoadPlan, { kind: 'arrivals' }>): Row => {
  const expected = Math.ceil(curve.countAt(curve.durationMs));
  const total = `${spacing === 'poisson' ? 'about ' : ''}${formatCount(expected)}`;
  return [
    'Arrivals',
    `${total}, ${spacing}; beyond ${formatCount(maxVus)} under way at once they are dropped`,
  ];
};

const userRow = ({ iterations, deal }: Extract<LoadPlan, { kind: 'users' }>): Row => {
  if (iterations === Infinity) return ['Iterations', 'as many as the virtual users get done'];
  const dealt = deal === 'in-turn' ? 'dealt out in turn' : 'first come, first served';
  return ['Iterations', `${formatCount(iterations)} at most, ${dealt}`];
};

/** How the virtual users are spread; a node may have one more than another. */
const shares = (nodes: number, vus: number): string => {
  const [least, most] = [Math.floor(vus / nodes), Math.ceil(vus / nodes)];
  const each = least === most ? formatCount(most) : `${formatCount(least)} or ${formatCount(most)}`;
  return nodes === 1 ? `1 with ${formatNumberOf(vus, 'VU')}` : `${nodes} with ${each} VUs each, at most`;
};

/** The load over its time; empty where its time is not known. */
const drawLoad = (plan: LoadPlan, columns: number): string => {
  const durationMs =
    plan.kind === 'arrivals'
      ? plan.curve.durationMs
      : plan.levels.reduce((sum, stretch) => sum + stretch.durationMs, 0);
  if (durationMs === Infinity) return '';
  const ends = { left: '0s', right: formatDuration(durationMs) };
  if (plan.kind === 'arrivals') {
    const { curve } = plan;
    const top = `${curve.peakRate.toLocaleString('en-US', { maximumFractionDigits: 2 })}/s`;
    return draw({ ...ends, top, bottom: '0/s' }, columns, durationMs, curve.peakRate, (fromMs, untilMs) => {
      const arrived = curve.countAt(untilMs) - curve.countAt(fromMs);
      return (arrived * 1_000) / (untilMs - fromMs);
    });
  }
  const peak = maxVusOf(plan);
  const labels = { ...ends, top: formatNumberOf(peak, 'VU'), bottom: '0 VUs' };
  return draw(labels, columns, durationMs, peak, (fromMs, untilMs) =>
    levelAt(plan.levels, (fromMs + untilMs) / 2),
  );
};

const draw = (
  labels: Plot['labels'],
  columns: number,
  durationMs: number,
  highest: number,
  valueIn: (fromMs: number, untilMs: number) => number,
): string => {
  const width = plotWidth(columns, labels);
  const stepMs = durationMs / width;
  const values = Array.from({ length: width }, (_, index) => valueIn(index * stepMs, (index + 1) * stepMs));
  return renderPlot({ values, highest, labels });
};
