export { optionsOf } from '../../src/contract/options.ts';
