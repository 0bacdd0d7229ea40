// Is there room to earn before the price runs into something? (strategy 11, G34)
import { EARNS, type PositionSide } from '../market/side.ts';
import type { Lot, Tick } from '../market/units.ts';
import { FINE, type FineUnits } from './cost.ts';
import { ratioParts } from './stop.ts';

/** The first obstacle ahead that is nearer than the required reward plus the cost; undefined where there is none. */
export function obstacleAhead(
  side: PositionSide,
  entryTick: Tick,
  lots: Lot,
  distance: number,
  cost: FineUnits,
  rewardRatio: number,
  obstacles: readonly Tick[],
): Tick | undefined {
  const millionths = 1_000_000n;
  const needed = ratioParts(rewardRatio) * BigInt(distance) * BigInt(lots) * FINE + cost * millionths;
  return obstacles.find((tick) => {
    const ahead = EARNS[side] * (tick - entryTick);
    return ahead >= 0 && BigInt(ahead) * BigInt(lots) * FINE * millionths < needed;
  });
}
