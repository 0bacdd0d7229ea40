// Is an engine alive on this state directory, whether it answers or not? Looks, and claims nothing.
import path from 'node:path';
import { claimant } from '../../lib/claim.ts';
import { systemClock } from '../../lib/clock.ts';

/** The living process that holds the lock of the directory; undefined where nobody does. */
export function engineProcess(stateDir: string): Promise<number | undefined> {
  return claimant(path.join(stateDir, 'engine.lock'), systemClock).catch(() => undefined);
}
