import type { Journey } from '../journey.ts';
import { checkout } from './checkout.ts';
import { flashSale } from './flash-sale.ts';

/** Every journey by the name users type. */
export const JOURNEYS: Readonly<Record<string, Journey>> = { checkout, 'flash-sale': flashSale };
