// When may a failed connection be tried again?
import type { Ms } from './brand.ts';
import type { Rng } from './rng.ts';

/** Waits before attempt `failures` (1-based): 1, 2, 4, 8, 16, 30 s, each with full jitter (failure-modes, section 2). */
export function backoffMs(failures: number, rng: Rng, initialMs = 1_000, maxMs = 30_000): Ms {
  const ceiling = Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 16));
  return Math.max(1, Math.floor(ceiling * (1 - rng.next()))) as Ms;
}
