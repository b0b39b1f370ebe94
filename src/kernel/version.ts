import { readFileSync } from 'node:fs';

/** trade-sim's own version, as its package says. */
export const version = (): string => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
};
