import { describe, expect, it } from 'vitest';
import { renderJunit } from '../../../src/report/junit.ts';
import { resultFixture } from '../../support/result-fixture.ts';
import { HOSTILE, hostile, violated } from '../../support/result-variants.ts';

interface Element {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Element[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescape = (text: string): string =>
  text.replaceAll(/&([a-z]+|#39);/g, (_, entity: string) => ENTITIES[entity]!);

/** A strict reader of the XML we write: whatever is not well formed throws. */
const parseXml = (source: string): Element => {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const token = /<\?xml version="1\.0" encoding="UTF-8"\?>|<\/(\w+)>|<(\w+)((?: \w+="[^"<]*")*)>|([^<>]+)/gy;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (match === null) throw new Error(`not well formed at ${at}: ${source.slice(at, at + 60)}`);
    const [, closed, opened, attributes = '', text] = match;
    const current = open.at(-1)!;
    if (text !== undefined) current.text += unescape(text);
    if (closed !== undefined && open.pop()!.name !== closed) throw new Error(`</${closed}> closes another`);
    if (opened === undefined) continue;
    const pairs = Array.from(attributes.matchAll(/(\w+)="([^"]*)"/g), ([, key, value]) => [
      key!,
      unescape(value!),
    ]);
    const element = { name: opened, attributes: Object.fromEntries(pairs), children: [], text: '' };
    current.children.push(element);
    open.push(element);
  }
  if (open.length !== 1) throw new Error('something is left open');
  return root.children[0]!;
};

const suitesOf = (xml: string) => parseXml(xml).children;
const casesOf = (xml: string) => suitesOf(xml).flatMap(({ children }) => children);

describe('junit', () => {
  it('has a case for the verdict, each invariant and each threshold', () => {
    const xml = renderJunit(resultFixture());
    expect(suitesOf(xml).map(({ attributes }) => [attributes['name'], attributes['tests']])).toEqual([
      ['flash-sale.run', '1'],
      ['flash-sale.invariants', '7'],
      ['flash-sale.thresholds', '2'],
    ]);
    expect(parseXml(xml).attributes).toMatchObject({ tests: '10', failures: '0', errors: '0' });
    expect(casesOf(xml).every(({ children }) => children.length === 0)).toBe(true);
  });

  it('has no attribute that the schema of Jenkins does not know', () => {
    const known: Readonly<Record<string, readonly string[]>> = {
      testsuites: ['name', 'tests', 'failures', 'errors', 'time'],
      testsuite: ['name', 'timestamp', 'tests', 'failures', 'errors', 'time'],
      testcase: ['classname', 'name', 'time'],
      failure: ['message'],
      error: ['message'],
    };
    const check = ({ name, attributes, children }: Element): void => {
      expect(known[name]).toEqual(expect.arrayContaining(Object.keys(attributes)));
      for (const child of children) check(child);
    };
    check(parseXml(renderJunit(hostile())));
  });

  it('fails the case of a violated invariant, with the offenders', () => {
    const xml = renderJunit(violated());
    const failed = casesOf(xml).filter(({ children }) => children.length > 0);
    expect(failed.map(({ attributes, children: [problem] }) => [attributes['name'], problem!.name])).toEqual([
      ['verdict', 'failure'],
      ['no-oversell', 'failure'],
    ]);
    expect(failed[1]!.children[0]!.attributes).toEqual({ message: '12 units too many' });
    expect(failed[1]!.children[0]!.text).toContain('order 8 of user 9');
    expect(parseXml(xml).attributes).toMatchObject({ failures: '2', errors: '0' });
  });

  it('never lets what could not be judged, or an early end, pass', () => {
    const { audit } = resultFixture();
    const xml = renderJunit(
      resultFixture({
        verdict: 'interrupted',
        exitCode: 130,
        reasons: ['the run was ended early'],
        audit: audit.map((entry, index) => (index === 0 ? { ...entry, verdict: 'unknown' } : entry)),
        thresholds: [{ text: 'lock.wait:p50<1ms', verdict: 'unknown', actual: null }],
      }),
    );
    const errors = casesOf(xml).filter(({ children }) => children[0]?.name === 'error');
    expect(errors.map(({ attributes }) => attributes['name'])).toEqual([
      'verdict',
      'no-oversell',
      'lock.wait:p50<1ms',
    ]);
  });

  it('stays well formed whatever the texts hold', () => {
    const cases = casesOf(renderJunit(hostile()));
    expect(cases.at(-1)!.attributes['name']).toBe(HOSTILE.replace('\u202E', ''));
    const control = renderJunit(
      resultFixture({ verdict: 'violated', reasons: ['a\u0000b\uFFFEc\u001B[2Jd'] }),
    );
    expect(casesOf(control)[0]!.children[0]!.text).toBe('✘ VIOLATED\nabcd');
  });
});
