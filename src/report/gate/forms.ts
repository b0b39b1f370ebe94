import { renderJson } from '../json.ts';
import { renderGateJunit } from './junit.ts';
import { renderGateMarkdown } from './markdown.ts';
import type { GateReport } from './model.ts';

/** Every form that a gate's report can be written in, by the name users type. */
export const GATE_FORMS = {
  json: renderJson,
  junit: renderGateJunit,
  markdown: renderGateMarkdown,
} as const satisfies Record<string, (report: GateReport) => string>;
