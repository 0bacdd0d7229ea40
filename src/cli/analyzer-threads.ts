// How many threads scan books on this machine?
import { availableParallelism } from 'node:os';

/** Beyond so many to a core they only take turns, and beginning them keeps main from its work until its watchdog ends it. */
const PER_CORE_MAX = 2;

export function analyzerThreads(asked: 'auto' | number, cores = availableParallelism()): number {
  return asked === 'auto' ? Math.max(1, cores - 1) : Math.min(asked, PER_CORE_MAX * cores);
}
