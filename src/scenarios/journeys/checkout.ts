import { z } from 'zod';
import type { OrderLine, Sku } from '../../engine/types.ts';
import { sleep } from '../../kernel/clock.ts';
import { fedOptions, paymentOptions } from '../feeders/fields.ts';
import type { Journey, Session } from '../journey.ts';
import { userOf } from './identity.ts';
import { share } from './options.ts';
import { orderKey } from './order-keys.ts';
import { placePatiently, retryOptions } from './retry.ts';
import { pause, thinkOptions } from './think.ts';

const options = z.strictObject({
  browses: z
    .int()
    .min(0)
    .max(1_000)
    .default(10)
    .describe('products a visitor looks at before filling the cart'),
  maxLines: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('different products in a cart: from 1 to this many, evenly'),
  maxUnits: z.int().min(1).max(1_000).default(2).describe('units of a product: from 1 to this many, evenly'),
  abandonShare: share(0.7, 'part of the visitors, 0 to 1, who leave their cart unordered'),
  declineShare: share(0.05, 'part of the orders, 0 to 1, whose payment is declined: they are cancelled'),
  ...fedOptions,
  ...paymentOptions,
  ...thinkOptions,
  ...retryOptions,
});
type CheckoutOptions = z.infer<typeof options>;

/** Popular products repeat, so a visitor gives up after some picks that brought nothing new. */
const PICKS_PER_LINE = 4;

/** A product that a feeder gives is the only one in the cart. */
const fillCart = (session: Session, settings: CheckoutOptions): OrderLine[] => {
  const { catalogue, random } = session;
  const sku = session.fed('sku');
  const wanted = sku === undefined ? 1 + random.integer(settings.maxLines) : 1;
  const chosen = new Set<Sku>(sku === undefined ? [] : [sku]);
  for (let pick = 0; pick < wanted * PICKS_PER_LINE && chosen.size < wanted; pick += 1) {
    chosen.add(catalogue.pick(random));
  }
  return Array.from(chosen, (sku) => ({
    sku,
    units: session.fed('units') ?? 1 + random.integer(settings.maxUnits),
  }));
};

const order = async (session: Session, user: number, settings: CheckoutOptions): Promise<void> => {
  const { target, iteration, random } = session;
  const isDeclined = random.next() < settings.declineShare;
  const declined = session.fed('declined') ?? Number(isDeclined);
  const lines = await target.takeCart(user);
  if (lines.length === 0) return;
  const request = { key: orderKey(iteration, 0), user, lines };
  const outcome = await placePatiently(session, request, settings);
  if (outcome.kind !== 'accepted') return;
  await pauseBeforePayment(session, settings);
  const placed = { ...request, orderId: outcome.orderId };
  await (declined === 1 ? target.cancel(placed) : target.pay(placed));
};

const pauseBeforePayment = async (session: Session, settings: CheckoutOptions): Promise<void> => {
  const pauseMs = session.fed('payAfterMs');
  if (pauseMs === undefined) await pause(session, settings);
  else if (pauseMs > 0) await sleep(session.clock, pauseMs, session.signal);
};

/**
 * The shape is that of Online Boutique's load generator (10 browses to a few cart additions and one checkout);
 * 70 % of carts are abandoned (Baymard Institute: 70.19 %); 5 % of payments are declined (this project's own).
 */
export const checkout: Journey<CheckoutOptions> = {
  name: 'checkout',
  summary: 'visitors browse, fill a cart, and abandon it or order and pay; some payments are declined',
  options,
  steps: ['browse', 'add-to-cart', 'take-cart', 'place', 'pay', 'cancel'],
  async run(session, settings) {
    const { target, catalogue, random, signal } = session;
    const user = userOf(session, settings);
    for (let browse = 0; browse < settings.browses; browse += 1) {
      await target.browse(catalogue.pick(random));
      await pause(session, settings);
      if (signal.aborted) return;
    }
    for (const line of fillCart(session, settings)) {
      await target.addToCart(user, line);
      await pause(session, settings);
      if (signal.aborted) return;
    }
    const stays = random.next() >= settings.abandonShare;
    if (stays && session.isOpen) await order(session, user, settings);
  },
};
