// How does somebody who has nothing but the process id say stop? SIGUSR2 is the kill switch, from the first moment of a run to its last (Y04).
import type { KillLatch } from '../state/kill-latch.ts';
import type { Trader } from '../trader.ts';
import { wasHeardEarly } from './run/early-signals.ts';

const SIGNAL = 'SIGUSR2';

export class KillSignal {
  #isGiven = wasHeardEarly(SIGNAL);
  #act: (() => void) | undefined;

  constructor() {
    process.on(SIGNAL, () => {
      this.#isGiven = true;
      this.#act?.();
    });
  }

  /** From here on it latches on disk, over restarts, and closes what is open; also what was given before. */
  arm(latch: Pick<KillLatch, 'kill'>, trader: () => Trader | undefined): void {
    this.#act = () => {
      latch.kill(`signal ${SIGNAL}`);
      trader()?.facts({ killedByFile: true });
    };
    if (this.#isGiven) this.#act();
  }
}
