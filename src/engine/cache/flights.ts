import type { ProductView, Sku } from '../types.ts';
import type { LoadView } from './port.ts';

/** Loads under way on this node: one for each product, which everybody joins who asks meanwhile. */
export class Flights {
  readonly #underway = new Map<Sku, Promise<ProductView | undefined>>();

  join(sku: Sku, load: LoadView): Promise<ProductView | undefined> {
    const present = this.#underway.get(sku);
    if (present !== undefined) return present;
    const flight = load().finally(() => {
      if (this.#underway.get(sku) === flight) this.#underway.delete(sku);
    });
    this.#underway.set(sku, flight);
    return flight;
  }

  /** The product has changed: who asks from now on does not join what began before. */
  part(sku: Sku): void {
    this.#underway.delete(sku);
  }
}
