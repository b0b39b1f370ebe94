import { SERVICE_LABELS, SERVICE_NAMES } from '../../services/types.ts';
import { formatMemory, formatNumberOf } from '../figures.ts';
import { heading, labelled, type Page } from '../layout.ts';
import { lockMastersText } from '../lock-masters.ts';
import type { Result } from '../model.ts';
import { displayWidth, printable } from '../text.ts';

/** Breaks a command before its options, so that it can still be copied into a shell: a word is never cut. */
const wrapCommand = (command: string, columns: number): string[] => {
  const [first = '', ...options] = command.split(/ (?=--)/);
  const lines = [first];
  for (const option of options) {
    const longer = `${lines.at(-1)} ${option}`;
    if (displayWidth(longer) + 2 <= columns) lines.splice(-1, 1, longer);
    else lines.push(`  ${option}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line));
};

/** What the figures come from, and how to get them again. */
export const originSection = ({ run, environment }: Result, page: Page): string[] => {
  const services = SERVICE_NAMES.map((name) => {
    const { version, origin } = run.services[name];
    return `${SERVICE_LABELS[name]} ${printable(version)} (${origin})`;
  });
  const masters = lockMastersText(run);
  const machine = [
    printable(environment.cpu),
    formatNumberOf(environment.cores, 'core'),
    formatMemory(environment.memoryBytes),
    `Node ${printable(environment.node)}`,
    `trade-sim ${printable(environment.tradeSim)}`,
  ];
  return [
    heading(page, 'Measured on'),
    ...labelled(page, [
      ['services', masters === undefined ? services : [...services, printable(masters)]],
      ['machine', machine],
      ['run', [printable(run.id), run.startedAt]],
    ]),
  ];
};

export const repeatSection = ({ run }: Result, page: Page): string[] => [
  heading(page, 'Run it again'),
  ...wrapCommand(printable(run.command), page.width - 2).map((line) => `  ${line}`),
];
