/** Orders one iteration may place, at most. */
export const MAX_ORDERS_PER_ITERATION = 16;

/** The idempotency key of an iteration's n-th order: a safe integer, unique in the run. */
export const orderKey = (iteration: number, n: number): number => iteration * MAX_ORDERS_PER_ITERATION + n;
