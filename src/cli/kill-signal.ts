// How does somebody who has nothing but the process id say stop? SIGUSR2 is the kill switch, from the first moment of a run (Y04).
import type { KillLatch } from '../state/kill-latch.ts';
import type { Trader } from '../trader.ts';

const SIGNAL = 'SIGUSR2';

export class KillSignal {
  #isGiven = false;
  #act: (() => void) | undefined;
  readonly #hear = (): void => {
    this.#isGiven = true;
    this.#act?.();
  };

  constructor() {
    process.on(SIGNAL, this.#hear);
  }

  /** From here on it latches on disk, over restarts, and closes what is open; also what was given before. */
  arm(latch: Pick<KillLatch, 'kill'>, trader: () => Trader | undefined): void {
    this.#act = () => {
      latch.kill(`signal ${SIGNAL}`);
      trader()?.facts({ killedByFile: true });
    };
    if (this.#isGiven) this.#act();
  }

  close(): void {
    process.off(SIGNAL, this.#hear);
  }
}
