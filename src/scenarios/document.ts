import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { messageOf } from '../kernel/errors.ts';
import { type Path, type Problem } from './problems.ts';

/** A file's name, for messages, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Data that remembers where it was written. */
export interface SourceDocument {
  /** `undefined` when the text cannot be read, `null` when it is empty. */
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** `file:line:column` of a field's name or value, or of the nearest thing around it that is written. */
  locate(path: Path, of: 'field' | 'value'): string;
  has(path: Path): boolean;
}

interface Found {
  readonly offset: number;
  readonly complete: boolean;
}

const offsetOf = (node: unknown, fallback: number): number =>
  (node as Partial<Node> | null | undefined)?.range?.[0] ?? fallback;

/** Walks down a path as far as the document goes. */
const find = (document: Document, path: Path, of: 'field' | 'value'): Found => {
  let node: unknown = document.contents;
  let offset = offsetOf(node, 0);
  for (const [depth, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    let field: unknown;
    if (isMap(node)) {
      // Of a field written twice the last one counts.
      const pair = node.items.findLast(
        ({ key }) => String(isScalar(key) ? key.value : key) === String(segment),
      );
      field = pair?.key;
      node = pair?.value;
    } else {
      node = isSeq(node) ? node.items[Number(segment)] : undefined;
      field = node;
    }
    if (field === undefined) return { offset, complete: false };
    const pointsAtValue = of === 'value' && depth === path.length - 1 && isScalar(node);
    offset = offsetOf(pointsAtValue ? node : field, offset);
  }
  return { offset, complete: true };
};

const toData = (document: Document): { data: unknown } | { unreadable: string } => {
  try {
    return { data: document.toJS({ maxAliasCount: 100 }) as unknown };
  } catch (error) {
    return { unreadable: messageOf(error) };
  }
};

const WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this field is written twice (Keep one of them.)',
  MULTIPLE_DOCS: 'a second document begins here (Remove the line ---.)',
  TAB_AS_INDENT: 'a tab indents this line (Use blanks.)',
};

/** Reads YAML 1.2 without losing the places of its parts. Never throws: what is wrong is in `problems`. */
export const readDocument = ({ path: file, text }: SourceFile): SourceDocument => {
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  const problems: Problem[] = [...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
    where: at(pos[0]),
    path: [],
    what: WORDS[code] ?? `this is not YAML: ${message}`,
  }));
  const converted = toData(document);
  if ('unreadable' in converted) {
    problems.push({ where: at(0), path: [], what: `this is not YAML: ${converted.unreadable}` });
  }
  const isRead = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  return {
    data: isRead && 'data' in converted ? converted.data : undefined,
    problems,
    locate: (path, of) => at(find(document, path, of).offset),
    has: (path) => find(document, path, 'field').complete,
  };
};
