// What does the log say of our own end? An error that nobody caught is its last line, and counts that were held back come out.
//
// It changes nothing about how the process ends: it looks on, and it writes at once.
import type { Log } from './log.ts';

interface Ending {
  on(event: 'uncaughtExceptionMonitor', listener: (error: Error, origin: string) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
}

/** Called once the log is open, and for good: one that is closed says on stderr what there is to say. */
export function logCrashes(log: Pick<Log, 'fatal' | 'flush'>, ending: Ending): void {
  ending.on('uncaughtExceptionMonitor', (error, origin) => log.fatal({ error, origin }, 'process.crashed'));
  ending.on('exit', () => log.flush());
}
