// What does a run have of its process: a folder, a log, an onlooker who may leave, a signal to read the configuration again?
import { closeSync, openSync } from 'node:fs';
import { changesBetween } from '../../config/reload.ts';
import type { LoadResult } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import { makeFolder } from '../../lib/folder.ts';
import { passingRemedy } from '../../lib/passing-fault.ts';
import { createLog, type Log, type LogPorts } from '../../ops/log.ts';
import { CliError, EXIT, type CliContext, type LoadedConfig } from '../context.ts';
import { cameEarly } from './early-signals.ts';

/** Exits as bad configuration, except for a fault that may pass by itself: then the service manager should start the engine again. */
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

/** The most output that waits for a reader who has stopped reading. Beyond it output is dropped and counted. */
const WAITING_BYTES_MAX = 1 << 20;
/** For how long a reader may take to read the last output. */
const LAST_WORDS_MS = 5_000;

interface Handle {
  setBlocking?(isBlocking: boolean): void;
}

/**
 * Node's writes to a terminal or a pipe block until there is room. A terminal that is stopped (Ctrl-S), or whose connection
 * hangs, would block the main thread, and the watchdog would end a run with open positions.
 */
export function neverBlock(stream: NodeJS.WriteStream, onSkipped: (writes: number) => void): void {
  const { _handle: handle } = stream as unknown as { readonly _handle?: Handle };
  const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean;
  let skipped = 0;
  stream.write = (...args: readonly unknown[]) => {
    if (stream.writableLength > WAITING_BYTES_MAX) {
      skipped++;
      return false;
    }
    // Set before every write: the pipe is shared, and a child process that inherits it makes it blocking again.
    handle?.setBlocking?.(false);
    return write(...args);
  };
  stream.on('drain', () => {
    const writes = skipped;
    skipped = 0;
    if (writes > 0) onSkipped(writes);
  });
}

/** A closed or blocked stdout or stderr must not end or delay a run: positions still have to be managed. */
export function surviveClosedOutput(log: Log): void {
  for (const name of ['stdout', 'stderr'] as const) {
    neverBlock(process[name], (writes) => log.warn({ writes }, `${name}.skipped`));
  }
  let isTold = false;
  process.stdout.removeAllListeners('error').on('error', ({ code }: NodeJS.ErrnoException) => {
    if (!isTold) log.warn({ code }, 'stdout.closed');
    isTold = true;
  });
}

/** Runs all of them in order. One that fails, as on a failing disk, is logged and stops neither the others nor the exit. */
export async function closeEach(closings: readonly (() => unknown)[], log: Log): Promise<void> {
  for (const close of closings) {
    try {
      await close();
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'run.unclosed');
    }
  }
}

/** The process ends by itself once its output is read; this ends it if nobody reads. */
export function exitSoon(): void {
  setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
}

/** Handles SIGHUP from the first moment on. One that comes before `onHangup` is called waits for it. */
export class Hangups {
  #isWaiting = cameEarly('SIGHUP');
  #reload: () => void = () => {
    this.#isWaiting = true;
  };

  constructor() {
    process.on('SIGHUP', () => this.#reload());
  }

  onHangup(reload: () => void): void {
    this.#reload = reload;
    if (this.#isWaiting) reload();
  }

  /** Ignores the signal from now on. The listener stays, because without one the signal would end the process. */
  close(): void {
    this.#reload = () => undefined;
  }
}

/** Reads the file again at each SIGHUP. Nothing changes where it has a mistake, or while its disk hangs. */
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
    // Compared with the start: settings that need a restart have not changed since.
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
  hangups.onHangup(() => {
    isAskedAgain = isReading;
    // A read that hangs blocks a thread of Node's pool: no second one beside it.
    if (isReading) log.warn({ file }, 'config.unread');
    else void readAgain();
  });
}
