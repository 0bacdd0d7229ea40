// A kill switch for whoever has only the process id: SIGUSR2, from the first moment of a run to its last (Y04).
import type { KillLatch } from '../state/kill-latch.ts';
import type { Trader } from '../engine/trader.ts';
import { cameEarly } from './run/early-signals.ts';

const SIGNAL = 'SIGUSR2';

export class KillSignal {
  #isGiven = cameEarly(SIGNAL);
  #act: (() => void) | undefined;

  constructor() {
    process.on(SIGNAL, () => {
      this.#isGiven = true;
      this.#act?.();
    });
  }

  /** From now on the signal latches on disk, over restarts, and closes what is open; one that came before counts too. */
  arm(latch: Pick<KillLatch, 'kill'>, trader: () => Trader | undefined): void {
    this.#act = () => {
      latch.kill(`signal ${SIGNAL}`);
      trader()?.facts({ killedByFile: true });
    };
    if (this.#isGiven) this.#act();
  }
}
