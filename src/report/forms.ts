import { renderCsv } from './csv.ts';
import { renderHlog } from './hlog.ts';
import { renderHtml } from './html.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import type { Result } from './model.ts';
import { renderPrometheus } from './prometheus.ts';

/** Every form that a result can be written in, by the name users type. */
export const FORMS = {
  html: renderHtml,
  json: renderJson,
  junit: renderJunit,
  markdown: renderMarkdown,
  csv: renderCsv,
  hlog: renderHlog,
  prometheus: renderPrometheus,
} as const satisfies Record<string, (result: Result) => string>;

export type Form = keyof typeof FORMS;
