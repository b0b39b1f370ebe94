import type { LoadConfig } from '../../scenarios/schema.ts';
import { constantArrivalRate } from './constant-arrival-rate.ts';
import { constantVus } from './constant-vus.ts';
import type { Drive, Executor } from './executor.ts';

/** Binds a load's configuration to the executor that it names. */
export const executorOf = (
  config: LoadConfig,
): { describe(): string; vus(): number; run(drive: Drive): Promise<void> } => {
  switch (config.executor) {
    case 'constant-vus':
      return bind(constantVus, config);
    case 'constant-arrival-rate':
      return bind(constantArrivalRate, config);
  }
};

const bind = <Config extends LoadConfig>(executor: Executor<Config>, config: Config) => ({
  describe: () => executor.describe(config),
  vus: () => executor.vus(config),
  run: (drive: Drive) => executor.run(config, drive),
});
