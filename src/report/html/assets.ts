import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const PLOT_SCRIPT = require.resolve('uplot/dist/uPlot.iife.min.js');
const PLOT_STYLE = require.resolve('uplot/dist/uPlot.min.css');
const PLOT_LICENSE = require.resolve('uplot/LICENSE');
const PAGE_SCRIPT = new URL('./charts.js', import.meta.url);

const read = (file: string | URL): string => readFileSync(file, 'utf8');

/**
 * What the page carries within itself, read when a page is made: uPlot as published, with its licence, and our use
 * of it.
 */
export const readAssets = (): {
  readonly plotScript: string;
  readonly plotStyle: string;
  readonly pageScript: string;
} => ({
  plotScript: `/*!\n${read(PLOT_LICENSE)}*/\n${read(PLOT_SCRIPT)}`,
  plotStyle: read(PLOT_STYLE),
  pageScript: read(PAGE_SCRIPT),
});
