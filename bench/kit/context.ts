import { namespaceOf } from '../../src/engine/namespace.ts';
import type { EngineContext } from '../../src/engine/strategy.ts';
import type { Telemetry } from '../../src/engine/telemetry.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';

const deaf: Telemetry = { record() {}, count() {}, peak() {} };

/** What a strategy is opened with when it runs outside an engine: only the resources that it uses are real. */
export const contextOf = (resources: Partial<EngineContext>): EngineContext =>
  ({
    namespace: namespaceOf('bench'),
    clock: wallClock,
    random: new SeededRandom(1),
    telemetry: deaf,
    node: 0,
    nodes: 1,
    ...resources,
  }) as unknown as EngineContext;
