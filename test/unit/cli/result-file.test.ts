import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireWritable, writeResult } from '../../../src/cli/result-file.ts';
import { scenariosFile, temporaryFolder } from './shell.ts';

describe('the file of a result', () => {
  it('may be new, or replace another one, and is not touched before there is a result', () => {
    const [fresh, existing] = [join(temporaryFolder(), 'result.json'), scenariosFile()];
    const before = readFileSync(existing, 'utf8');
    for (const file of [fresh, existing]) requireWritable(file);
    expect(readFileSync(existing, 'utf8')).toBe(before);
    for (const file of [fresh, existing]) {
      writeResult(file, '{}');
      expect(readFileSync(file, 'utf8')).toBe('{}');
    }
  });

  it('that cannot be written after all ends in a message, not in a defect', () => {
    expect(() => writeResult(temporaryFolder(), '{}')).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining('EISDIR') }),
    );
  });
});
