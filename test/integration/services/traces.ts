import { readdirSync, readFileSync } from 'node:fs';

/** The processes whose arguments or environment name `text`: every child of a private server names its folder. */
export const processesNaming = (text: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => readProc(`/proc/${pid}/${file}`).includes(text)))
    .map(Number);

const readProc = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
