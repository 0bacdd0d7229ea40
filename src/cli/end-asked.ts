// When is a command asked to end? By a signal, by its time, or by the loss of the npm that started it.
import type { Ms } from '../lib/brand.ts';
import type { Timer } from '../lib/clock.ts';
import { systemClock } from '../lib/clock.ts';

const LOOK_MS = 500 as Ms;
/** npm forwards a signal that the terminal has already sent us: two within this time are one. */
export const ECHO_MS = 1_000;
export const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Resolves with the first reason. A second signal later ends the process at once. `over`: the command has ended for another
 * reason, and nothing here may keep the process alive.
 */
export function endAsked(
  duration: Ms | undefined,
  over: AbortSignal,
  signals: readonly NodeJS.Signals[] = SIGNALS,
): Promise<string> {
  return new Promise((resolve) => {
    const timers: Timer[] = [];
    let signalledAt: Ms | undefined;
    const stopTimers = (): void => {
      for (const timer of timers) timer.cancel();
    };
    over.addEventListener('abort', stopTimers);
    const ask = (reason: string): void => {
      stopTimers();
      resolve(reason);
    };
    for (const signal of signals) {
      process.on(signal, () => {
        const now = systemClock.monotonic();
        if (signalledAt !== undefined && now - signalledAt > ECHO_MS) process.exit(1);
        signalledAt ??= now;
        ask(signal);
      });
    }
    if (duration !== undefined) timers.push(systemClock.after(duration, () => ask('duration')));
    if (process.env['npm_lifecycle_event'] === undefined) return;
    // An npm that is killed sends no signal: its process is only gone.
    const parent = process.ppid;
    timers.push(
      systemClock.every(LOOK_MS, () => {
        if (process.ppid !== parent) ask('npm is gone');
      }),
    );
  });
}
