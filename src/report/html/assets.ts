import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

const asset = (specifier: string): string => readFileSync(resolve(specifier), 'utf8');

/**
 * What the page carries within itself, read when a page is made: uPlot as published,
 * with its licence, and our use of it.
 */
export const readAssets = (): {
  readonly plotScript: string;
  readonly plotStyle: string;
  readonly pageScript: string;
} => ({
  plotScript: `/*!\n${asset('uplot/LICENSE')}*/\n${asset('uplot/dist/uPlot.iife.min.js')}`,
  plotStyle: asset('uplot/dist/uPlot.min.css'),
  pageScript: readFileSync(new URL('./charts.js', import.meta.url), 'utf8'),
});
