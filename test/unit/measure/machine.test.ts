import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MachineMonitor, parseMachineTime } from '../../../src/measure/machine.ts';

describe('the time of the machine', () => {
  it('is read from what Linux says, guests not counted twice', () => {
    const stat = 'cpu  100 5 30 800 20 1 4 40 60 2\ncpu0 50 0 15 400 10 0 2 20 30 1\n';
    expect(parseMachineTime(stat)).toEqual({ steal: 40, all: 1_000 });
  });

  it.each(['', 'cpu', 'cpu 1 2 3', 'cpu a b c d e f g h', 'intr 1 2 3 4 5 6 7 8 9'])(
    'is not known from %j',
    (stat) => {
      expect(parseMachineTime(stat)).toBeUndefined();
    },
  );
});

describe('MachineMonitor', () => {
  it('counts what this process took since the last look', () => {
    const monitor = new MachineMonitor();
    for (let cpuUs = 0; cpuUs === 0;) {
      for (let i = 0; i < 1e6; i += 1) Math.sqrt(i);
      const { counters, histograms } = monitor.interval();
      cpuUs = counters['generator.cpu']!;
      expect(counters['generator.cpu-capacity']).toBeGreaterThanOrEqual(0);
      expect(histograms).toEqual({});
    }
  });

  it.runIf(existsSync('/proc/stat'))('knows of steal where Linux tells it', () => {
    const { counters } = new MachineMonitor().interval();
    expect(counters['generator.steal']).toBeGreaterThanOrEqual(0);
    expect(counters['generator.machine-time']).toBeGreaterThanOrEqual(counters['generator.steal']!);
  });
});
