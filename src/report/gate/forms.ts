import { renderGateJunit } from './junit.ts';
import { renderGateMarkdown } from './markdown.ts';
import type { GateReport } from './model.ts';

const renderGateJson = (report: GateReport): string => `${JSON.stringify(report, null, 2)}\n`;

/** Every form that a gate's report can be written in, by the name users type. */
export const GATE_FORMS = {
  json: renderGateJson,
  junit: renderGateJunit,
  markdown: renderGateMarkdown,
} as const satisfies Record<string, (report: GateReport) => string>;
