/** A latency as they come, in µs: log-normal around 1 ms (Box and Muller's transform). */
export const drawLatency = (): number =>
  1_000 * Math.exp(Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()));
