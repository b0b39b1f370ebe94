import { ExitCode } from '../kernel/exit-codes.ts';
import { newPage, paragraph, type Page } from './layout.ts';
import { printable, remark } from './text.ts';

/** What became of one property in one world. */
export type JudgedIn =
  | { readonly kind: 'held' }
  | { readonly kind: 'broken'; readonly evidence: string }
  | { readonly kind: 'not-judged'; readonly reason: string };

export type WorldName = 'simulated' | 'real';

export interface CheckedProperty {
  readonly name: string;
  readonly verdict: JudgedIn['kind'];
  readonly worlds: { readonly [World in WorldName]?: JudgedIn };
}

/** How a strategy keeps its port's promises: the JSON of `strategies check`. */
export interface StrategyCheck {
  readonly schema: 'trade-sim.strategy-check/1';
  readonly strategy: { readonly port: string; readonly name: string; readonly module?: string };
  readonly verdict: JudgedIn['kind'];
  readonly exitCode: ExitCode;
  /** What each world was made of. */
  readonly worlds: { readonly [World in WorldName]?: string };
  readonly notes: readonly string[];
  readonly properties: readonly CheckedProperty[];
}

/** One broken promise is enough; where none could be judged, none was kept either. */
export const verdictOf = (kinds: readonly JudgedIn['kind'][]): JudgedIn['kind'] => {
  if (kinds.includes('broken')) return 'broken';
  return kinds.includes('held') ? 'held' : 'not-judged';
};

export const exitCodeOf = (verdict: JudgedIn['kind']): ExitCode =>
  ({
    held: ExitCode.passed,
    broken: ExitCode.invariantViolated,
    'not-judged': ExitCode.inconclusive,
  })[verdict];

const HEADLINES = {
  held: ['good', '✔ HELD'],
  broken: ['bad', '✘ BROKEN'],
  'not-judged': ['doubtful', '– NOTHING JUDGED'],
} as const;

const MARKS = {
  held: ['good', '✔'],
  broken: ['bad', '✘'],
  'not-judged': ['quiet', '–'],
} as const;

const ORDER: readonly JudgedIn['kind'][] = ['broken', 'held', 'not-judged'];

export const renderStrategyCheck = (check: StrategyCheck, columns: number, color: boolean): string => {
  const page = newPage(columns, color);
  const { strategy, verdict, exitCode, worlds, notes, properties } = check;
  const [tone, words] = HEADLINES[verdict];
  const counted = (kind: JudgedIn['kind']) => properties.filter((one) => one.verdict === kind).length;
  const sorted = ORDER.flatMap((kind) => properties.filter((one) => one.verdict === kind));
  return [
    page.paint(tone, `${words}  ${strategy.port} ${printable(strategy.name)}  (exit ${exitCode})`),
    ...paragraph(
      page,
      `Of ${properties.length} properties ${counted('broken')} broken, ${counted('held')} held, ${counted('not-judged')} not judged.`,
    ),
    ...Object.entries(worlds).flatMap(([world, what]) => paragraph(page, `${world}: ${what}`, '  ', '    ')),
    ...notes.flatMap((note) => paragraph(page, remark(note), `  ${page.paint('doubtful', '!')} `, '    ')),
    '',
    ...sorted.flatMap((property) => lines(page, property)),
    '',
  ].join('\n');
};

const lines = (page: Page, { name, verdict, worlds }: CheckedProperty): string[] => {
  const [tone, mark] = MARKS[verdict];
  const [first, ...further] = Object.entries(worlds).flatMap(([world, judged]) =>
    judged.kind === 'held' ? [] : [{ world, text: remark(textOf(judged)) }],
  );
  const says = [first, ...further].flatMap((said) => said ?? []);
  const alike = says.length === Object.keys(worlds).length && says.every(({ text }) => text === first?.text);
  const details = alike ? says.slice(0, 1).map(({ text }) => text) : says.map((s) => `${s.world}: ${s.text}`);
  return [
    ...paragraph(page, name, `${page.paint(tone, mark)} `, '  '),
    ...details.flatMap((detail) => paragraph(page, detail, '    ', '    ')),
  ];
};

const textOf = (judged: Exclude<JudgedIn, { readonly kind: 'held' }>): string =>
  judged.kind === 'broken' ? judged.evidence : `not judged: ${judged.reason}`;
