import { copyFileSync, readdirSync } from 'node:fs';
import { machine } from './kit/rounds.ts';

/** `npm run bench -- NAME`: runs one benchmark. */
const here = new URL('.', import.meta.url);
const names = readdirSync(here)
  .filter((file) => file.endsWith('.js') && file !== 'run.js')
  .map((file) => file.slice(0, -'.js'.length));
const [, , name] = process.argv;

if (name === undefined || !names.includes(name)) {
  console.error(`Name one of the benchmarks: ${names.join(', ')}.`);
  process.exitCode = 2;
} else {
  // Where the compiled sources look for the version.
  copyFileSync(new URL('../../package.json', here), new URL('../package.json', here));
  console.log(machine());
  await import(new URL(`${name}.js`, here).href);
}
