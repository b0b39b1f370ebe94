import { z } from 'zod';
import type { OrderRequest, Sku } from '../../engine/types.ts';
import { fedOptions } from '../feeders/fields.ts';
import type { Journey, Session } from '../journey.ts';
import { userOf } from './identity.ts';
import { MAX_ORDERS_PER_ITERATION, orderKey } from './order-keys.ts';
import { share } from './options.ts';
import { placePatiently, retryOptions } from './retry.ts';
import { pause, thinkOptions } from './think.ts';

const options = z.strictObject({
  readsPerOrder: z
    .int()
    .min(0)
    .max(1_000)
    .default(20)
    .describe('times a customer looks at the product before ordering it'),
  doubleClickShare: share(
    0.2,
    'part of the customers, 0 to 1, who send their order twice at once under the same key',
  ),
  botShare: share(
    0.05,
    'part of the iterations, 0 to 1, that are bots: no look at the product, several orders at once',
  ),
  botUsers: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10)
    .describe('accounts the bots share, which brings them to the limit per user'),
  botOrders: z
    .int()
    .min(1)
    .max(MAX_ORDERS_PER_ITERATION)
    .default(3)
    .describe('orders a bot sends at once, each under a new key'),
  ...fedOptions,
  ...thinkOptions,
  ...retryOptions,
});
type FlashSaleOptions = z.infer<typeof options>;

/** A customer refreshes the page of the hot product, then orders it if the sale is open. */
const buy = async (session: Session, sku: Sku, settings: FlashSaleOptions): Promise<void> => {
  const { target, iteration, random, signal, isOpen } = session;
  const clicks = random.next() < settings.doubleClickShare ? 2 : 1;
  for (let read = 0; read < settings.readsPerOrder; read += 1) {
    await target.browse(sku);
    await pause(session, settings);
    if (signal.aborted) return;
  }
  if (!isOpen) return;
  const order: OrderRequest = {
    key: orderKey(iteration, 0),
    user: userOf(session, settings, settings.botUsers),
    lines: [{ sku, units: session.fed('units') ?? 1 }],
  };
  const placed = placePatiently(session, order, settings);
  await (clicks === 1 ? placed : Promise.all([placed, placePatiently(session, order, settings)]));
};

const grab = async (
  { target, iteration, random }: Session,
  sku: Sku,
  settings: FlashSaleOptions,
): Promise<void> => {
  const user = random.integer(settings.botUsers);
  await Promise.all(
    Array.from({ length: settings.botOrders }, (_, n) =>
      target.place({ key: orderKey(iteration, n), user, lines: [{ sku, units: 1 }] }),
    ),
  );
};

/** Shares and proportions: 20 reads an order, 20 % double clicks and 5 % bots are this project's own defaults. */
export const flashSale: Journey<FlashSaleOptions> = {
  name: 'flash-sale',
  summary: 'everybody wants one unit of the same product: refreshes, double clicks and bots',
  options,
  steps: ['browse', 'place'],
  run(session, settings) {
    const { catalogue, random } = session;
    const isBot = random.next() < settings.botShare;
    const sku = session.fed('sku') ?? catalogue.pick(random);
    if (!isBot) return buy(session, sku, settings);
    return session.isOpen ? grab(session, sku, settings) : Promise.resolve();
  },
};
