import { unreachable } from '../../kernel/assert.ts';
import type { LoadConfig } from '../../scenarios/schema.ts';
import { constantArrivalRate } from './constant-arrival-rate.ts';
import { constantVus } from './constant-vus.ts';
import type { Drive, Executor } from './executor.ts';

/** Binds a load's configuration to the executor that it names. */
export const executorOf = (config: LoadConfig): { vus(): number; run(drive: Drive): Promise<void> } => {
  switch (config.executor) {
    case 'constant-vus':
      return bind(constantVus, config);
    case 'constant-arrival-rate':
      return bind(constantArrivalRate, config);
    default:
      return unreachable(config);
  }
};

const bind = <Config extends LoadConfig>(executor: Executor<Config>, config: Config) => ({
  vus: () => executor.vus(config),
  run: (drive: Drive) => executor.run(config, drive),
});
