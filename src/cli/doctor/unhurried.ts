// What must not be left half done? Whoever asks the doctor to end meanwhile waits until that is cleared away.
import { SIGNALS } from '../end-asked.ts';

/** A closed terminal too. */
const ENDINGS: readonly NodeJS.Signals[] = [...SIGNALS, 'SIGHUP'];

/** The process ends by the signal that came, once the work is done. */
export async function unhurried<T>(work: () => Promise<T>): Promise<T> {
  let asked: NodeJS.Signals | undefined;
  const hear = (signal: NodeJS.Signals): void => void (asked = signal);
  for (const signal of ENDINGS) process.on(signal, hear);
  try {
    return await work();
  } finally {
    for (const signal of ENDINGS) process.off(signal, hear);
    if (asked !== undefined) process.kill(process.pid, asked);
  }
}
