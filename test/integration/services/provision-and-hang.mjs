// A run that is killed: it starts private servers, says so and never ends by itself. Uses the built package.
import { provision } from '../../../dist/services/provision.js';

const { endpoints } = await provision(
  { mode: 'local', given: {}, allowRemote: false },
  { signal: new AbortController().signal, onProgress: () => {} },
);
console.log(JSON.stringify(endpoints));
setInterval(() => {}, 1e6);
