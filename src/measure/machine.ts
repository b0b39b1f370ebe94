import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Snapshot } from './snapshot.ts';

interface MachineTime {
  /** That other guests of the same host took, in ticks. */
  readonly steal: number;
  /** Of all processors together, in ticks. */
  readonly all: number;
}

const US_PER_MS = 1_000;

/** Fields of the first line: user, nice, system, idle, iowait, irq, softirq, steal; guests are within user (proc(5)). */
const FIELDS = 8;
const STEAL = 7;

/** Reads what Linux says in /proc/stat; `undefined`: it does not say it. */
export const parseMachineTime = (stat: string): MachineTime | undefined => {
  const [name, ...fields] = (stat.split('\n', 1)[0] ?? '').trim().split(/\s+/);
  const ticks = fields.slice(0, FIELDS).map(Number);
  if (name !== 'cpu' || ticks.length < FIELDS || !ticks.every(Number.isSafeInteger)) return undefined;
  return { steal: ticks[STEAL]!, all: ticks.reduce((sum, one) => sum + one, 0) };
};

const readMachineTime = (): MachineTime | undefined => {
  try {
    return parseMachineTime(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return undefined;
  }
};

/** How much of the machine this process took, and how much of it was taken away, since the last look. */
export class MachineMonitor {
  #cpu = process.cpuUsage();
  #atMs = performance.now();
  #time = readMachineTime();

  /** Counters only. Those of the machine's time are absent where it cannot be known. */
  interval(): Snapshot {
    const cpu = process.cpuUsage();
    const atMs = performance.now();
    const time = readMachineTime();
    const counters: Record<string, number> = {
      'generator.cpu': cpu.user + cpu.system - this.#cpu.user - this.#cpu.system,
      'generator.cpu-capacity': Math.round((atMs - this.#atMs) * US_PER_MS * availableParallelism()),
    };
    if (time !== undefined && this.#time !== undefined) {
      counters['generator.steal'] = Math.max(0, time.steal - this.#time.steal);
      counters['generator.machine-time'] = Math.max(0, time.all - this.#time.all);
    }
    this.#cpu = cpu;
    this.#atMs = atMs;
    this.#time = time;
    return { histograms: {}, counters, peaks: {} };
  }
}
