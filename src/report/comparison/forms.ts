import type { Comparison } from '../comparison.ts';
import { renderJson } from '../json.ts';
import { renderComparisonHtml } from './html.ts';
import { renderComparisonMarkdown } from './markdown.ts';

/** Every form that a comparison can be written in, by the name users type. */
export const COMPARISON_FORMS = {
  html: renderComparisonHtml,
  json: renderJson,
  markdown: renderComparisonMarkdown,
} as const satisfies Record<string, (comparison: Comparison) => string>;
