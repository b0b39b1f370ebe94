import { parseSeries } from '../kernel/series.ts';
import type { LatencySummary } from '../measure/summary.ts';
import { STEP_METRIC, STEP_OUTCOMES, stepSeries, type Step, type StepEnding } from '../scenarios/steps.ts';
import type { Result } from './model.ts';

export type StepRow = NonNullable<Result['steps']>[number];

/** Distributions by the names of their series, steps with their tags. */
export type SummariesBySeries = Readonly<Record<string, LatencySummary>>;

export const stepSeriesOf = ({ steps = [] }: Pick<Result, 'steps'>): SummariesBySeries =>
  Object.fromEntries(
    steps.map(({ step, outcome, node, latency }) => [
      stepSeries(step as Step, outcome as StepEnding, node),
      latency,
    ]),
  );

/** Every distribution of a result. */
export const seriesOf = (result: Pick<Result, 'latency' | 'steps'>): SummariesBySeries => ({
  ...result.latency,
  ...stepSeriesOf(result),
});

const STEPS = Object.keys(STEP_OUTCOMES);

const placeOf = ({ step, outcome, node = 0 }: StepRow): readonly number[] => [
  STEPS.indexOf(step),
  ((STEP_OUTCOMES as Readonly<Record<string, readonly string[]>>)[step] ?? []).indexOf(outcome),
  node,
];

/** The steps among some distributions: in the order in which customers take them, the good endings first. */
export const stepRows = (summaries: SummariesBySeries): StepRow[] =>
  Object.entries(summaries)
    .flatMap(([series, latency]): StepRow[] => {
      const { metric, tags } = parseSeries(series);
      if (metric !== STEP_METRIC) return [];
      const { step = '', outcome = '', node } = tags;
      return [{ step, outcome, ...(node !== undefined && { node: Number(node) }), latency }];
    })
    .toSorted((a, b) => {
      const [here, there] = [placeOf(a), placeOf(b)];
      const differs = here.findIndex((place, index) => place !== there[index]);
      return differs < 0 ? 0 : here[differs]! - there[differs]!;
    });

/** Whether the nodes were told apart. */
export const byNode = ({ steps = [] }: Pick<Result, 'steps'>): boolean =>
  steps.some(({ node }) => node !== undefined);

/** What names a row in a table: step, outcome and, where nodes were told apart, the node. */
export const stepCells = (result: Pick<Result, 'steps'>, { step, outcome, node }: StepRow): string[] =>
  byNode(result) ? [step, outcome, node === undefined ? '' : String(node)] : [step, outcome];

export const stepHeads = (result: Pick<Result, 'steps'>): string[] =>
  byNode(result) ? ['step', 'outcome', 'node'] : ['step', 'outcome'];
