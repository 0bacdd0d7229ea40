// When is a command asked to end? By a signal, by its time, or by the loss of the npm that started it.
import type { Ms } from '../lib/brand.ts';
import { systemClock } from '../lib/clock.ts';

const LOOK_MS = 500 as Ms;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the reason. A second signal does not wait for a clean end. */
export function endAsked(duration: Ms | undefined): Promise<string> {
  return new Promise((resolve) => {
    let isAsked = false;
    const ask = (reason: string): void => {
      isAsked = true;
      resolve(reason);
    };
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (isAsked) process.exit(1);
        ask(signal);
      });
    }
    if (duration !== undefined) systemClock.after(duration, () => ask('duration'));
    // A signal to npm does not reach us on every version of it: its death does.
    const parent = process.ppid;
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const look = systemClock.every(LOOK_MS, () => {
      if (process.ppid === parent) return;
      look.cancel();
      ask('npm ended');
    });
  });
}
