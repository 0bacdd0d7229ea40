// How does a test show levels to the scan without a book in shared memory?
import type { ScanKernel, Side } from '../../src/scan/kernel/kernel.ts';

export function showLevels(
  kernel: ScanKernel,
  side: Side,
  levels: readonly { readonly tick: number; readonly lot: number }[],
): void {
  [side.from, side.end] = [0, levels.length];
  for (const [i, { tick, lot }] of levels.entries()) {
    side.ticks[i] = tick;
    side.units[i] = tick * lot;
  }
  kernel.call.forgetAll(side.at);
}
