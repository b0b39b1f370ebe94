import { InvalidArgumentError, Option, type Command } from 'commander';

/** What the flags below were given. */
export interface MonitoringOptions {
  /** 0: any that is free. */
  readonly metricsPort?: number;
  readonly metricsHost?: string;
  readonly otlp?: string;
}

const MAX_PORT = 65_535;

const port = (text: string): number => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < 0 || number > MAX_PORT)
    throw new InvalidArgumentError(`It is a whole number from 0 to ${MAX_PORT}.`);
  return number;
};

/** The flags that show a run to monitoring systems while it lasts. */
export const addMonitoringOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--metrics-port <port>',
        'serve live figures to Prometheus at http://127.0.0.1:port/metrics; 0 takes a free port and prints it',
      ).argParser(port),
    )
    .addOption(
      new Option(
        '--metrics-host <address>',
        'listen for Prometheus on this address instead, where others may read the figures',
      ),
    )
    .addOption(
      new Option(
        '--otlp <url>',
        'push live figures to an OpenTelemetry collector: http://127.0.0.1:4318; another host needs --allow-remote',
      ),
    );
