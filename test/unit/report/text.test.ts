import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, maskPasswords, printable, truncate, wrap } from '../../../src/report/text.ts';
import { anyText } from '../../support/any-text.ts';

describe('maskPasswords', () => {
  it.each([
    ['redis://default:secret@127.0.0.1:6379/0', 'redis://default:***@127.0.0.1:6379/0'],
    ['redis://:se:cr@et@host', 'redis://:***@host'],
    ['(postgres://u:secret@h/db)', '(postgres://u:***@h/db)'],
    ['postgres://h/db?user=u&password=secret&ssl=1', 'postgres://h/db?user=u&password=***&ssl=1'],
    ['two: amqp://a:secret@h amqps://b:secret@h', 'two: amqp://a:***@h amqps://b:***@h'],
    ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
    ['redis://user@127.0.0.1:6379', 'redis://user@127.0.0.1:6379'],
    ['12:30 mail@example.org', '12:30 mail@example.org'],
  ])('%s', (text, masked) => {
    expect(maskPasswords(text)).toBe(masked);
  });

  it('takes linear time on a long run of letters', () => {
    expect(maskPasswords('a'.repeat(200_000))).toHaveLength(200_000);
  });
});

describe('printable', () => {
  it.each([
    ['a\u001B[31mred\u001B[0m b', 'ared b'],
    ['a\u001B]0;title\u0007b', 'ab'],
    ['line\nbreak\tand\rreturn', 'line break and return'],
    ['turn\u202Earound\u200B', 'turnaround'],
    ['bell\u0007 and \u009B2J', 'bell and '],
    ['naïve 数 ✔', 'naïve 数 ✔'],
  ])('%j', (text, clean) => {
    expect(printable(text)).toBe(clean);
  });

  it('leaves no control character of any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

describe('width', () => {
  it('counts columns, not characters', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('\u001B[1mabc\u001B[22m')).toBe(3);
    expect(displayWidth('数据')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
  });

  it('wraps and truncates within the columns, and loses no word that fits', () => {
    const words = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'b', '数'), minLength: 1, maxLength: 12 }),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 40 }), (words, columns) => {
        const lines = wrap(words.join(' '), columns);
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
        expect(lines.join(' ')).toBe(words.map((word) => truncate(word, columns)).join(' '));
      }),
    );
  });
});
