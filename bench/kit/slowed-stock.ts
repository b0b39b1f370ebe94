import { z } from 'zod';
import { lua } from '../../src/engine/stock/lua.ts';

/** The stock strategy `lua`, each reservation of which keeps its thread busy for a while first: a planted slowdown. */
export default {
  ...lua,
  port: 'stock',
  name: 'slowed',
  options: z.strictObject({ busyUs: z.number().min(0).default(0) }),
  open(options: { readonly busyUs: number }, context: Parameters<typeof lua.open>[1]) {
    const port = lua.open({}, context);
    return {
      ...port,
      reserve(...order: Parameters<typeof port.reserve>) {
        const endMs = performance.now() + options.busyUs / 1_000;
        while (performance.now() < endMs);
        return port.reserve(...order);
      },
    };
  },
};
