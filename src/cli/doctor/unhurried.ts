// What must not be left half done? Whoever asks the doctor to end meanwhile waits until that is cleared away, or asks once more.
import type { Clock } from '../../lib/clock.ts';
import { systemClock } from '../../lib/clock.ts';
import { ECHO_MS, SIGNALS } from '../end-asked.ts';

/** A closed terminal too. */
const ENDINGS: readonly NodeJS.Signals[] = [...SIGNALS, 'SIGHUP'];

/**
 * The process ends by the signal that came, once the work is done and nothing that it has to `say` is left; a second one later
 * ends it at once.
 */
export async function unhurried<T>(
  work: () => Promise<T>,
  say: () => void = () => undefined,
  clock: Pick<Clock, 'monotonic'> = systemClock,
): Promise<T> {
  let asked: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  const end = (): void => {
    for (const signal of ENDINGS) process.off(signal, hear);
    if (asked !== undefined) process.kill(process.pid, asked.signal);
  };
  const hear = (signal: NodeJS.Signals): void => {
    const at = clock.monotonic();
    if (asked !== undefined && at - asked.at > ECHO_MS) end();
    asked ??= { signal, at };
  };
  for (const signal of ENDINGS) process.on(signal, hear);
  try {
    const done = await work();
    if (asked !== undefined) say();
    return done;
  } finally {
    end();
  }
}
