import type { Command } from 'commander';

/** Shows how a command is typed, at the end of its help. */
export const withExamples = (command: Command, ...examples: readonly string[]): Command =>
  command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((example) => `  $ trade-sim ${example}`).join('\n')}`,
  );
