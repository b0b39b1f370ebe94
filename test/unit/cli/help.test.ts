import { describe, expect, it } from 'vitest';
import { version } from '../../../src/kernel/version.ts';
import { trade } from './shell.ts';

const COMMANDS = [
  '',
  'run',
  'compare',
  'gate',
  'gate calibrate',
  'baseline',
  'baseline record',
  'baseline show',
  'baseline update',
  'report',
  'scenarios',
  'scenarios list',
  'scenarios show',
  'scenarios validate',
  'scenarios schema',
  'strategies',
  'strategies check',
  'strategies list',
  'strategies show',
  'services',
  'services up',
  'services down',
  'services status',
  'services clean',
  'doctor',
];

const helpOf = async (command: string) => trade([...command.split(' ').filter(Boolean), '--help']);

/** The names in the list of commands, without the help command itself. */
const listed = (help: string): string[] =>
  Array.from(help.split('\nCommands:\n')[1]?.matchAll(/^ {2}(\w+)/gm) ?? [], ([, name]) => name!).filter(
    (name) => name !== 'help',
  );

describe('--version', () => {
  it('prints the package’s version', async () => {
    expect(await trade(['--version'])).toEqual({ exitCode: 0, stdout: `${version()}\n`, stderr: '' });
  });
});

describe('--help', () => {
  it('is there for every command', async () => {
    const names = await Promise.all(
      COMMANDS.filter((command) => !command.includes(' ')).map(async (command) => {
        const { stdout } = await helpOf(command);
        return listed(stdout.split('\nExamples:')[0]!).map((name) => `${command} ${name}`.trim());
      }),
    );
    expect(new Set(names.flat())).toEqual(new Set(COMMANDS.filter(Boolean)));
  });

  for (const command of COMMANDS) {
    it(`of "${command}" has examples, and says what every flag means`, async () => {
      const { exitCode, stdout, stderr } = await helpOf(command);
      expect([exitCode, stderr]).toEqual([0, '']);
      const [before = '', examples = ''] = stdout.split('\nExamples:\n');
      const typed = Array.from(examples.matchAll(/^ {2}\$ trade-sim (.+)$/gm), ([, line]) => line!);
      expect(typed.length).toBeGreaterThan(0);
      for (const line of typed) expect(line.startsWith(command)).toBe(true);

      const flags = before.split('\n').filter((line) => /^ {2}-/.test(line));
      expect(flags.length).toBeGreaterThan(0);
      for (const flag of flags) expect(flag).toMatch(/^ {2}(-\w, )?--[a-z-]+( [<[][a-z=,]+[>\]])? {2,}\S/);
    });
  }

  it('of the program explains every exit code', async () => {
    const { stdout } = await helpOf('');
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 130]) expect(stdout).toMatch(new RegExp(`\\b${code} [a-z]`));
  });

  it('names the variable of every flag that has one', async () => {
    const { stdout } = await helpOf('run');
    const text = stdout.replaceAll(/\s+/g, ' ');
    for (const variable of [
      'TRADE_SIM_LOCK',
      'TRADE_SIM_MAX_VUS',
      'TRADE_SIM_SERVICES',
      'TRADE_SIM_FILE',
      'DATABASE_URL',
    ])
      expect(text).toContain(`(env: ${variable})`);
  });

  it('is also what a command without its subcommand prints, as an error', async () => {
    for (const argv of [[], ['scenarios'], ['strategies'], ['services']]) {
      const { exitCode, stdout, stderr } = await trade(argv);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toContain('Usage: trade-sim');
    }
  });
});
