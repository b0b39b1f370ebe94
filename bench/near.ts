import { openRedis } from '../src/backends/real/redis.ts';
import { namespaceOf } from '../src/engine/namespace.ts';
import { REGISTRY } from '../src/engine/registry.ts';
import type { ProductView } from '../src/engine/types.ts';
import { contextOf } from './kit/context.ts';
import { printBar, printSides, runSides, type Side } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/**
 * Reads of one hot product page by 100 tasks of one node: `near`, which keeps it in the process and hears of changes,
 * beside `aside`, which asks Redis each time. The page is changed ten times a second, and every read is checked: how
 * old what it gave was is the staleness, from the end of the change to the last read of the state before it.
 */
const ROUNDS = 4;
const TASKS = 100;
const DURATION_MS = 2_000;
const CHANGE_EVERY_MS = 100;
/** Reads after which a task lets sockets and timers have their turn. */
const BREATHE_EVERY = 64;
const RATE_BAR = 20;

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

const pageOf = (version: number): ProductView => ({ sku: 0, priceCents: 100, soldOut: false, version });

await withServices(async ({ redis: url }) => {
  let measured = 0;
  const measure = async (name: string) => {
    const redis = await openRedis({ url });
    const strategy = REGISTRY.cache[name]!;
    measured += 1;
    // Each time one of its own: versions begin anew, and what they left behind would keep new entries out.
    const namespace = namespaceOf(`near${measured}`);
    const cache = strategy.open(strategy.options.parse({}), contextOf({ redis, namespace }));
    let version = 1;
    let changedMs = performance.now();
    let stalenessMs = 0;
    let reads = 0;
    const load = () => Promise.resolve(pageOf(version));
    const endMs = performance.now() + DURATION_MS;
    const read = async () => {
      while (performance.now() < endMs) {
        const page = await cache.read(0, load);
        reads += 1;
        if (page!.version < version) stalenessMs = Math.max(stalenessMs, performance.now() - changedMs);
        if (reads % BREATHE_EVERY === 0) await turn();
      }
    };
    const change = async () => {
      while (performance.now() < endMs) {
        await new Promise((resolve) => setTimeout(resolve, CHANGE_EVERY_MS));
        const next = pageOf(version + 1);
        await cache.invalidate(next);
        version = next.version;
        changedMs = performance.now();
      }
    };
    await Promise.all([change(), ...Array.from({ length: TASKS }, read)]);
    await redis.close();
    return { 'reads/s': (reads * 1_000) / DURATION_MS, 'longest staleness ms': stalenessMs };
  };
  const sides: readonly Side[] = ['aside', 'near'].map((name) => ({ name, run: () => measure(name) }));
  const medians = await runSides(sides, ROUNDS);
  printSides('one hot page, 100 tasks', sides, medians);
  printBar("reads/s of near over aside's", medians[1]!['reads/s']! / medians[0]!['reads/s']!, '>=', RATE_BAR);
});
