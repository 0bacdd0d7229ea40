// How many threads scan books on this machine?
import { availableParallelism } from 'node:os';

/** More threads a core only take turns, and starting them would block main until its watchdog ends the process. */
const PER_CORE_MAX = 2;

export function analyzerThreads(asked: 'auto' | number, cores = availableParallelism()): number {
  return asked === 'auto' ? Math.max(1, cores - 1) : Math.min(asked, PER_CORE_MAX * cores);
}
