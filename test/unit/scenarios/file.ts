/** A scenarios file with one scenario whose lines can be replaced. */
export const FILE = `scenarios:
  shop:
    journey: checkout
    catalog:
      skus: 10
      stockPerSku: 100
    engine:
      lock: token
    load:
      executor: constant-vus
      vus: 5
      duration: 10s
    thresholds:
      - order.latency:p99<200ms
    seed: 3
`;

/** The file with one line's text replaced; the line must be there. */
export const withLine = (line: string, replacement: string): string => {
  if (!FILE.includes(line)) throw new Error(`no line "${line}" in the file`);
  return FILE.replace(line, replacement);
};

/** The lines of the error that `run` throws, or none. */
export const linesOf = (run: () => unknown): readonly string[] => {
  try {
    run();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
};
