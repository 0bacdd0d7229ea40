// What does a run have of its process: a folder, a log, an onlooker who may leave, a signal to read the configuration again?
import { mkdirSync } from 'node:fs';
import { changesBetween } from '../config/reload.ts';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../lib/clock.ts';
import { createLog, type Log } from '../ops/log.ts';
import { CliError, EXIT, type CliContext, type LoadedConfig } from './context.ts';

export function makeStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(`state.dir: ${stateDir} cannot be made (${code}): name another with --state-dir`, EXIT.config);
  }
}

export function openLog(
  context: CliContext,
  { config, stateDir }: LoadedConfig,
  onLine: ((line: string) => void) | undefined,
): Log {
  return createLog(config.logging, {
    stderr: context.stderr,
    clock: systemClock,
    directory: stateDir,
    secrets: context.secretsOf(config),
    ...(onLine === undefined ? {} : { onLine }),
  });
}

/** Whoever looked on has gone; positions have not, and are still looked after. */
export function goOnUnheard(log: Log): void {
  let isTold = false;
  process.stdout.removeAllListeners('error').on('error', ({ code }: NodeJS.ErrnoException) => {
    if (!isTold) log.warn({ code }, 'stdout.closed');
    isTold = true;
  });
}

/** SIGHUP: the file is read again; with a mistake in it everything stays as it was. */
export function reloadOnHangup(
  first: LoadedConfig,
  read: () => ReturnType<CliContext['tryConfig']>,
  log: Log,
  onReloaded: (config: Config) => void,
): void {
  let { effective } = first;
  process.on('SIGHUP', () => {
    const { file, result } = read();
    if (!result.ok) return log.error({ file, errors: result.errors }, 'config.refused');
    const changes = changesBetween(effective, result.effective);
    effective = result.effective;
    log.setLevel(result.config.logging.level);
    onReloaded(result.config);
    log.info({ file, ...changes }, 'config.reloaded');
  });
}
