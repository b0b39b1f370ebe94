/** Virtual users over time: straight lines between whole numbers, each beginning where the one before ended. */
export type VuLevels = readonly VuStretch[];

interface VuStretch {
  readonly fromVus: number;
  readonly toVus: number;
  /** Infinity: until the load ends otherwise. */
  readonly durationMs: number;
}

/** A time in which one virtual user, counted from 0, is at work. In ms from the begin of the load. */
interface VuSpan {
  readonly vu: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The most virtual users at any time. */
export const peakVus = (levels: VuLevels): number =>
  Math.max(...levels.map(({ fromVus, toVus }) => Math.max(fromVus, toVus)));

/** The virtual users at a time, between two whole numbers on the way from one to the other. */
export const levelAt = (levels: VuLevels, ms: number): number => {
  let fromMs = 0;
  for (const { fromVus, toVus, durationMs } of levels) {
    const untilMs = fromMs + durationMs;
    if (ms < untilMs)
      return fromVus === toVus ? fromVus : fromVus + ((toVus - fromVus) * (ms - fromMs)) / durationMs;
    fromMs = untilMs;
  }
  return levels.at(-1)?.toVus ?? 0;
};

/** When each virtual user is at work, in the order of beginning: user v is, as long as the level is above v. */
export function* spansOf(levels: VuLevels): Generator<VuSpan> {
  let beganMs = 0;
  for (let vu = 0; vu < (levels[0]?.fromVus ?? 0); vu += 1)
    yield { vu, fromMs: 0, untilMs: leavesAt(levels, 0, 0, vu) };
  for (const [index, { fromVus, toVus, durationMs }] of levels.entries()) {
    const endedMs = beganMs + durationMs;
    for (let vu = fromVus; vu < toVus; vu += 1) {
      const fromMs = beganMs + ((vu - fromVus) / (toVus - fromVus)) * durationMs;
      yield { vu, fromMs, untilMs: leavesAt(levels, index + 1, endedMs, vu) };
    }
    beganMs = endedMs;
  }
}

/** When the level falls to `vu`, in the stretch of this index, which begins at `beganMs`, or in a later one. */
const leavesAt = (levels: VuLevels, index: number, beganMs: number, vu: number): number => {
  let fromMs = beganMs;
  for (const { fromVus, toVus, durationMs } of levels.slice(index)) {
    if (toVus <= vu) return fromMs + ((fromVus - vu) / (fromVus - toVus)) * durationMs;
    fromMs += durationMs;
  }
  return Infinity;
};
