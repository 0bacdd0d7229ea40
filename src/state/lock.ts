// Is this the only engine on this state directory? The lock is taken before anything is read, and watched (G03, R09).
import { join } from 'node:path';
import type { Ms } from '../lib/brand.ts';
import { claim } from '../lib/claim.ts';
import type { Clock } from '../lib/clock.ts';
import { StateError, diskError } from './state-error.ts';

export interface EngineLock {
  release(): Promise<void>;
}

const LOOK = 1_000 as Ms;

/** Refused with `in-use` while another engine lives. `onLost` is told once, when somebody has taken the lock away. */
export async function lockState(stateDir: string, clock: Clock, onLost: () => void): Promise<EngineLock> {
  const answer = await claim(join(stateDir, 'engine.lock'), clock).catch((error: unknown) => {
    throw diskError(`cannot lock ${stateDir}`, error);
  });
  if (answer.kind === 'taken') {
    const { pid, isElsewhere, isCopy } = answer;
    const where = isElsewhere ? ' of another container or machine' : '';
    const place = isCopy === undefined ? `${stateDir}, or on the directory that it was copied from` : stateDir;
    const remedy = 'stop it, or give this one its own --state-dir';
    throw new StateError(
      'in-use',
      isCopy === true
        ? `${stateDir} is a copy of the directory of an engine that runs, process ${pid}, and would trade its account twice: ${remedy}`
        : `the engine of process ${pid}${where} is running on ${place}: ${remedy}`,
    );
  }
  let held = true;
  const look = async (): Promise<void> => {
    // A disk that does not answer is the journal's trouble; the lock counts as held until it is seen to be gone.
    const stands = await answer.stands().catch(() => true);
    if (stands || !held) return;
    held = false;
    watch.cancel();
    onLost();
  };
  const watch = clock.every(LOOK, () => void look());
  return {
    release: async () => {
      watch.cancel();
      if (!held) return;
      held = false;
      await answer.release();
    },
  };
}
