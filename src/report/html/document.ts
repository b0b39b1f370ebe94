import { createHash } from 'node:crypto';
import { readAssets } from './assets.ts';
import { escape, type Markup } from './markup.ts';
import { STYLE } from './style.ts';

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * A whole page that needs nothing but itself. Its policy lets exactly these scripts and this style run, by their
 * digests (https://www.w3.org/TR/CSP3/), and no request leave: markup that came in by mistake could do nothing.
 */
export const page = (title: string, body: Markup): string => {
  const { plotScript, plotStyle, pageScript } = readAssets();
  const style = plotStyle + STYLE;
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(plotScript)} ${sourceOf(pageScript)}`,
    `style-src ${sourceOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
${body.text}
<script>${plotScript}</script>
<script type="module">${pageScript}</script>
</body>
</html>
`;
};
