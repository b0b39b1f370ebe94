import { aside } from './cache/aside.ts';
import { none as noCache } from './cache/none.ts';
import { near } from './cache/near.ts';
import type { CacheStrategy } from './cache/port.ts';
import { singleFlight } from './cache/single-flight.ts';
import { swr } from './cache/swr.ts';
import { writeBehind } from './cache/write-behind.ts';
import { writeThrough } from './cache/write-through.ts';
import { xfetch } from './cache/xfetch.ts';
import { fenced } from './lock/fenced.ts';
import { fifo } from './lock/fifo.ts';
import { none as noLock } from './lock/none.ts';
import { pgAdvisory } from './lock/pg-advisory.ts';
import type { LockStrategy } from './lock/port.ts';
import { queueSerial } from './lock/queue-serial.ts';
import { redlock } from './lock/redlock.ts';
import { setnx } from './lock/setnx.ts';
import { token } from './lock/token.ts';
import { watchdog } from './lock/watchdog.ts';
import { confirm } from './queue/confirm.ts';
import { direct } from './queue/direct.ts';
import { fireAndForget } from './queue/fire-and-forget.ts';
import { outbox } from './queue/outbox.ts';
import type { QueueStrategy } from './queue/port.ts';
import { pubsub } from './queue/pubsub.ts';
import { quorum } from './queue/quorum.ts';
import { combining } from './stock/combining.ts';
import { fencedWrite } from './stock/fenced-write.ts';
import { lua } from './stock/lua.ts';
import { pgConditional } from './stock/pg-conditional.ts';
import { pgRow } from './stock/pg-row.ts';
import { pgSkipLocked } from './stock/pg-skip-locked.ts';
import { pgVersion } from './stock/pg-version.ts';
import type { StockStrategy } from './stock/port.ts';
import { readModifyWrite } from './stock/read-modify-write.ts';
import { sharded } from './stock/sharded.ts';
import { watch } from './stock/watch.ts';

/** Every strategy by its port and the name users type: the only importer of strategies. */
export const REGISTRY: {
  readonly lock: Readonly<Record<string, LockStrategy>>;
  readonly stock: Readonly<Record<string, StockStrategy>>;
  readonly cache: Readonly<Record<string, CacheStrategy>>;
  readonly queue: Readonly<Record<string, QueueStrategy>>;
} = {
  lock: {
    none: noLock,
    setnx,
    token,
    watchdog,
    redlock,
    fenced,
    fifo,
    'pg-advisory': pgAdvisory,
    'queue-serial': queueSerial,
  },
  stock: {
    'read-modify-write': readModifyWrite,
    'fenced-write': fencedWrite,
    watch,
    lua,
    combining,
    sharded,
    'pg-row': pgRow,
    'pg-skip-locked': pgSkipLocked,
    'pg-version': pgVersion,
    'pg-conditional': pgConditional,
  },
  cache: {
    none: noCache,
    aside,
    'single-flight': singleFlight,
    'write-through': writeThrough,
    'write-behind': writeBehind,
    near,
    swr,
    xfetch,
  },
  queue: { direct, 'fire-and-forget': fireAndForget, confirm, quorum, outbox, pubsub },
};

export type StrategyPort = keyof typeof REGISTRY;
