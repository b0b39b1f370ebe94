import * as fc from 'fast-check';

/** Breaks lines, steers a terminal, hides, or turns the reading direction. */
const STEERING = [
  '\n',
  '\r',
  '\t',
  '\0',
  '\u0007',
  '\u001B',
  '\u009B',
  '\u00AD',
  '\u200B',
  '\u202E',
  '\uFEFF',
  '\u{E0001}',
];

const codePoint = fc
  .oneof(fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

/**
 * Text of any characters, the dangerous ones often. The library's own unit `binary` would list all of Unicode first,
 * which takes longer than a hundred cases.
 */
export const anyText = fc.string({ unit: fc.oneof(codePoint, fc.constantFrom(...STEERING)), maxLength: 30 });
