// Has the engine crashed so often that another start would only cost fees? (R08)
import type { Ms } from '../lib/brand.ts';

const WINDOW_MS = 600_000;

/** Why the run must begin HALTED; undefined: it may trade. A crash that seems to lie ahead of a clock set back counts. */
export function crashLoop(crashes: readonly Ms[], limit: number, now: Ms): string | undefined {
  const recent = crashes.filter((at) => now - at < WINDOW_MS).length;
  if (recent < limit) return undefined;
  return `${recent} abnormal exits within 10 minutes (safety.crash_loop_exits: ${limit})`;
}
