/** The middle value, or the mean of the two middle ones. At least one value. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value below which `share` (0 to 1) of them lie, between neighbours on a straight line (R's type 7). */
export const quantile = (values: readonly number[] | Float64Array, share: number): number =>
  sortedQuantile(Float64Array.from(values).toSorted(), share);

export const sortedQuantile = (sorted: Float64Array, share: number): number => {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
};
