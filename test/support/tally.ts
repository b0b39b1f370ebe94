export { Tally } from '../../src/contract/tally.ts';
