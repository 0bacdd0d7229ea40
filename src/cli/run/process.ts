// What does a run have of its process: a folder, a log, an onlooker who may leave, a signal to read the configuration again?
import { closeSync, openSync } from 'node:fs';
import { changesBetween } from '../../config/reload.ts';
import type { LoadResult } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../lib/clock.ts';
import { makeFolder } from '../../lib/folder.ts';
import { passingRemedy } from '../../lib/passing-fault.ts';
import { createLog, type Log, type LogPorts } from '../../ops/log.ts';
import { CliError, EXIT, type CliContext, type LoadedConfig } from '../context.ts';
import { wasHeardEarly } from './early-signals.ts';

/** Bad configuration, unless it passes: a service manager that starts the engine again must not give up on that. */
export function refusedByDisk(what: string, error: unknown, remedy: string): CliError {
  const passing = passingRemedy(error);
  const { code } = error as NodeJS.ErrnoException;
  return new CliError(`${what} (${code}): ${passing ?? remedy}`, passing === undefined ? EXIT.config : EXIT.later);
}

export function makeStateDir(stateDir: string): void {
  try {
    makeFolder(stateDir, 0o700);
  } catch (error) {
    throw refusedByDisk(`state.dir: ${stateDir} cannot be made`, error, 'name another with --state-dir');
  }
}

/** Before anything is started that would write it. */
export function checkWritable(flag: string, file: string): void {
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(
      `${flag} ${file}: cannot be written (${code}): name a file in a folder that is there`,
      EXIT.usage,
    );
  }
}

export function openLog(
  context: CliContext,
  { config, stateDir }: LoadedConfig,
  onLine: ((line: string) => void) | undefined,
  onError: LogPorts['onError'],
): Log {
  try {
    return createLog(config.logging, {
      stderr: context.stderr,
      clock: systemClock,
      directory: stateDir,
      secrets: context.secretsOf(config),
      ...(onLine === undefined ? {} : { onLine }),
      ...(onError === undefined ? {} : { onError }),
    });
  } catch (error) {
    const { code, path: place } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw refusedByDisk(`logging.file: ${place} cannot be written`, error, 'name another, or repair its folder');
  }
}

/** What waits for a reader who has stopped to read; he is told how much more there was. */
const WAITING_BYTES_MAX = 1 << 20;
/** For a reader who does not take the last words. */
const LAST_WORDS_MS = 5_000;

interface Handle {
  setBlocking?(isBlocking: boolean): void;
}

/**
 * Node's writes to a terminal or a pipe wait until there is room: one that is held (Ctrl-S), or whose connection hangs,
 * would stop who listens to the exchange, and the watchdog would end a run with its positions open.
 */
export function neverWait(stream: NodeJS.WriteStream, onSkipped: (writes: number) => void): void {
  const { _handle: handle } = stream as unknown as { readonly _handle?: Handle };
  const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean;
  let skipped = 0;
  stream.write = (...args: readonly unknown[]) => {
    if (stream.writableLength > WAITING_BYTES_MAX) {
      skipped++;
      return false;
    }
    // Each time: a pipe is shared, and whatever is started with it as its own makes it wait again.
    handle?.setBlocking?.(false);
    return write(...args);
  };
  stream.on('drain', () => {
    const writes = skipped;
    skipped = 0;
    if (writes > 0) onSkipped(writes);
  });
}

/** Whoever looked on has gone, or has stopped reading; positions have not, and are still looked after. */
export function goOnUnheard(log: Log): void {
  for (const name of ['stdout', 'stderr'] as const) {
    neverWait(process[name], (writes) => log.warn({ writes }, `${name}.skipped`));
  }
  let isTold = false;
  process.stdout.removeAllListeners('error').on('error', ({ code }: NodeJS.ErrnoException) => {
    if (!isTold) log.warn({ code }, 'stdout.closed');
    isTold = true;
  });
}

/** In order. What cannot be put away, as on a failing disk, keeps neither the rest nor the process from its end. */
export async function closeEach(closings: readonly (() => unknown)[], log: Log): Promise<void> {
  for (const close of closings) {
    try {
      await close();
    } catch (error) {
      log.error({ reason: error instanceof Error ? error.message : String(error) }, 'run.unclosed');
    }
  }
}

/** After the last word: the process ends by itself once it is read, or a little later. */
export function leaveUnheard(): void {
  setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
}

/** SIGHUP, from the first moment on: one that comes before there is anything to take it over waits. */
export class Hangups {
  #isWaiting = wasHeardEarly('SIGHUP');
  #hear: () => void = () => {
    this.#isWaiting = true;
  };

  constructor() {
    process.on('SIGHUP', () => this.#hear());
  }

  hearBy(hear: () => void): void {
    this.#hear = hear;
    if (this.#isWaiting) hear();
  }

  /** Nothing is read any more, and nothing else happens: without a listener the signal would end the process. */
  close(): void {
    this.#hear = () => undefined;
  }
}

/** The file is read again; with a mistake in it everything stays as it was, and while its disk hangs too. */
export function reloadOnHangup(
  hangups: Hangups,
  first: LoadedConfig,
  read: () => Promise<LoadResult>,
  log: Log,
  onReloaded: (config: Config) => void,
): void {
  const { file } = first;
  let { effective } = first;
  const take = (result: LoadResult): void => {
    if (!result.ok) return log.error({ file, errors: result.errors }, 'config.refused');
    const { taken } = changesBetween(effective, result.effective);
    // Of what the start has read, nothing has been taken over since.
    const { later } = changesBetween(first.effective, result.effective);
    effective = result.effective;
    log.setLevel(result.config.logging.level);
    onReloaded(result.config);
    log.info({ file, taken, later }, 'config.reloaded');
  };
  let isReading = false;
  let isAskedAgain = false;
  const readAgain = async (): Promise<void> => {
    isReading = true;
    do {
      isAskedAgain = false;
      take(await read());
    } while (isAskedAgain);
    isReading = false;
  };
  hangups.hearBy(() => {
    isAskedAgain = isReading;
    // One that hangs takes a thread from all that read and write: no second beside it.
    if (isReading) log.warn({ file }, 'config.unread');
    else void readAgain();
  });
}
