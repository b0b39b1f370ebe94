/** What the benchmark uses of autocannon, which comes without types. */
declare module 'autocannon' {
  export default function autocannon(options: {
    url: string;
    connections: number;
    /** In seconds. */
    duration: number;
  }): Promise<{ requests: { total: number }; errors: number }>;
}
