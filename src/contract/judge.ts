import type { z } from 'zod';
import type { Creations } from '../engine/strategy.ts';
import { messageOf } from '../kernel/errors.ts';
import { optionsOf } from './options.ts';
import { Broken, NotJudged, type Property } from './property.ts';
import type { Needs, World } from './world.ts';

export type Judgement =
  | { readonly kind: 'held' }
  /** `evidence`: what was seen. */
  | { readonly kind: 'broken'; readonly evidence: string }
  /** `reason`: it promises less, or this world cannot show it. */
  | { readonly kind: 'not-judged'; readonly reason: string };

/** What the ports' strategies have in common, and what some of them want beside the three services. */
export interface Judged {
  readonly options: z.ZodType;
  readonly creates?: Creations | undefined;
  lockMasters?(options: unknown): number;
}

export const needsOf = (strategy: Judged): Needs => ({
  creates: strategy.creates,
  lockMasters: strategy.lockMasters?.(optionsOf(strategy)) ?? 0,
});

/** Holds a strategy to one property, in worlds of one kind that differ in their races; the first that breaks it counts. */
export const judge = async <Strategy extends Judged>(
  property: Property<Strategy>,
  strategy: Strategy,
  worlds: readonly World[],
): Promise<Judgement> => {
  const reason = property.exempt?.(strategy);
  if (reason !== undefined) return { kind: 'not-judged', reason };
  for (const world of property.sequential ? worlds.slice(0, 1) : worlds) {
    try {
      await world.run((space) => property.check(strategy, space), needsOf(strategy));
    } catch (error) {
      if (error instanceof NotJudged) return { kind: 'not-judged', reason: error.message };
      const evidence = error instanceof Broken ? error.message : `it threw: ${messageOf(error)}`;
      return { kind: 'broken', evidence };
    }
  }
  return { kind: 'held' };
};
