// What does the command line ask of a run, and what of it is refused before anything is started?
import type { Command } from 'commander';
import type { Config } from '../../config/schema.ts';
import type { Ms } from '../../lib/brand.ts';
import { CliError, EXIT } from '../context.ts';
import { duration } from '../arguments.ts';
import { checkWritable } from './process.ts';

export interface RunFlags {
  readonly seed?: string;
  readonly mode?: string;
  readonly live?: boolean;
  readonly duration?: Ms;
  readonly score?: boolean;
  readonly scenario?: string;
  readonly ledger?: string;
  readonly record?: string;
}

export function addRunFlags(command: Command): Command {
  return command
    .option('--seed <n>', 'of the simulated market (simulator.seed)')
    .option('--mode <mode>', 'off, paper or live (trading.mode)')
    .option('--live', 'outside the simulator: yes, with real orders')
    .option('--duration <time>', 'end by itself after 30s, 2m, 1h', duration)
    .option('--score', 'simulator only: at the end, compare what was detected with the walls that were really planted')
    .option('--scenario <file>', 'simulator only: play this scenario and end; exit code 1 when it ends otherwise')
    .option('--ledger <file>', 'simulator only: what really happened there, every order and fill, as JSON lines')
    .option(
      '--record <file>',
      'write every received frame into a new file that `replay` reads (FILE.TIME where the file exists)',
    );
}

/** Does the run start the simulated exchange itself? */
export function startsSimulator({ exchange }: Pick<Config, 'exchange'>): boolean {
  return exchange.environment === 'simulator' && exchange.endpoints.rest === undefined;
}

/** Throws a `CliError`. */
export function checkFlags(flags: RunFlags, config: Config): void {
  for (const flag of ['score', 'ledger', 'scenario'] as const) {
    if (flags[flag] === undefined || startsSimulator(config)) continue;
    throw new CliError(`--${flag}: only with the simulated exchange that run starts itself`, EXIT.usage);
  }
  if (flags.ledger !== undefined) checkWritable('--ledger', flags.ledger);
  const { environment } = config.exchange;
  if (config.trading.mode === 'live' && environment !== 'simulator' && flags.live !== true) {
    throw new CliError(
      `trading.mode: live on ${environment} sends real orders: say so with --live, or take --mode paper or --mode off`,
      EXIT.config,
    );
  }
}
