/** What sets one series of a metric apart from the others. Names and values are lower-case words. */
export type Tags = Readonly<Record<string, string>>;

/** A series' name in a snapshot: the metric and its tags by name, `step.latency{outcome:accepted,step:place}`. */
export const seriesName = (metric: string, tags: Tags): string => {
  const pairs = Object.keys(tags)
    .toSorted()
    .map((name) => `${name}:${tags[name]!}`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`;
};

/** Takes a series' name apart. */
export const parseSeries = (name: string): { readonly metric: string; readonly tags: Tags } => {
  const [metric = '', list = ''] = name.split(/[{}]/);
  const pairs = list === '' ? [] : list.split(',').map((pair) => pair.split(':') as [string, string]);
  return { metric, tags: Object.fromEntries(pairs) };
};
