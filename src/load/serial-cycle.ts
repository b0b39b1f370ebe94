/** Orders that a process runs on code which is not compiled yet. */
const COLD_ORDERS = 20;

/**
 * What one cycle after the other takes, in µs: their mean, as a server of jobs of mean length S serves 1/S of them (the
 * utilisation law: Lazowska et al., "Quantitative System Performance", 1984, section 3.3). By the median it would seem
 * to serve more than it can, as some cycles wait for a disk. `undefined`: there were none.
 */
export const serialCycleOf = (cyclesUs: readonly number[]): number | undefined => {
  const warm = cyclesUs.slice(Math.min(COLD_ORDERS, Math.floor(cyclesUs.length / 2)));
  return warm.length === 0 ? undefined : warm.reduce((sum, us) => sum + us, 0) / warm.length;
};
