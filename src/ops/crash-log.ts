// What does the log say of our own end? An error that nobody caught is its last line, and counts that were held back come out.
//
// It changes nothing about how the process ends: it looks on, and it writes at once.
import type { Log } from './log.ts';

interface Ending {
  on(event: 'uncaughtExceptionMonitor', listener: (error: Error, origin: string) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  off(event: 'uncaughtExceptionMonitor', listener: (error: Error, origin: string) => void): unknown;
  off(event: 'exit', listener: (code: number) => void): unknown;
}

/** Called once the log is open; what it returns is called before the log is closed. */
export function logCrashes(log: Pick<Log, 'fatal' | 'flush'>, ending: Ending): () => void {
  const onCrash = (error: Error, origin: string): void => log.fatal({ error, origin }, 'process.crashed');
  const onExit = (): void => log.flush();
  ending.on('uncaughtExceptionMonitor', onCrash);
  ending.on('exit', onExit);
  return () => {
    ending.off('uncaughtExceptionMonitor', onCrash);
    ending.off('exit', onExit);
  };
}
