import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plotWidth, renderPlot } from '../../../src/report/plot.ts';

const labels = { top: '48/s', bottom: '0/s', left: '0s', right: '10s' };

describe('a plot', () => {
  it('draws values by eighths of a line, and leaves out only what is 0', () => {
    const values = [0, 0.001, 1, 8, 12, 24, 47, 48];
    expect(renderPlot({ values, highest: 48, labels })).toBe(
      [
        '48/s │      ▇█',
        '     │      ██',
        '     │      ██',
        '     │     ███',
        '     │    ▄███',
        ' 0/s │ ▁▁█████',
        '     └────────',
        '      0s   10s',
      ].join('\n'),
    );
  });

  it('is as wide as there is room for, whatever its values are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 200 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
        (columns, some) => {
          const width = plotWidth(columns, labels);
          const values = Array.from({ length: width }, (_, index) => some[index % some.length]!);
          const lines = renderPlot({ values, highest: 1, labels }).split('\n');
          expect(lines).toHaveLength(8);
          expect(Math.max(...lines.map((line) => line.length))).toBe(columns);
        },
      ),
    );
  });
});
