export { replacing } from '../../src/contract/faults.ts';
