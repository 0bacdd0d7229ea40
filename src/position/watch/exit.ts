// Is the reason for which we are in still there? (strategy 13)
import type { BookView } from '../../book/read.ts';
import type { Ms } from '../../lib/brand.ts';
import { EARNS, TOWARD_TOUCH, type PositionSide } from '../../market/side.ts';
import type { Tick } from '../../market/units.ts';
import type { Wall } from '../trade/trade.ts';
import type { Average } from './breakeven.ts';

/** Notional units resting where the wall is; undefined where the book does not reach so far. */
export function restsAt(wall: Wall, book: BookView): number | undefined {
  const count = book.counts[wall.side] as number;
  const ticks = book.ticks[wall.side];
  const lots = book.lots[wall.side];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const tick = ticks[i] as number;
    if (tick >= wall.low && tick <= wall.high) sum += tick * (lots[i] as number);
  }
  const isFull = count >= book.depth || book.truncated === 1;
  const far = wall.side === 0 ? wall.low : wall.high;
  // Behind the last level that a full side shows nobody sees.
  const isSeen = !isFull || (far - (ticks[count - 1] as number)) * TOWARD_TOUCH[wall.side] >= 0;
  return isSeen ? sum : undefined;
}

/**
 * `isRebound`: the first look after the book was lost. What is missing then was lost with it, what is missing later has
 * been eroded.
 */
export function wallExit(
  wall: Wall,
  rests: number | undefined,
  erosionPercent: number,
  isRebound: boolean,
): 'density_erosion' | 'density_lost' | undefined {
  if (rests === undefined || (wall.units - rests) * 100 < erosionPercent * wall.units) return undefined;
  return isRebound ? 'density_lost' : 'density_erosion';
}

/** Is what was paid worse than a price? Lots are fractions after a coarser step (P12): a last bit of their sum makes it no worse. */
export function isWorseThan(tick: Tick, { units, lots }: Average, side: PositionSide): boolean {
  return (units - tick * lots) * EARNS[side] > units * 1e-12;
}

export function isTimedOut(openedMs: Ms, nowMs: Ms, minutesMax: number): boolean {
  return nowMs - openedMs >= minutesMax * 60_000;
}
