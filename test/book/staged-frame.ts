// How does a test put a frame into the writer's hands? Whole ticks and lots, spelled with some number of decimals.
import type { Grid } from '../../src/book/grid.ts';
import {
  STAMP_EXCHANGE,
  STAMP_RECEIVED,
  STAMP_SEQUENCE,
  STAMP_SENT,
  STAMP_UPDATE,
  type Staging,
} from '../../src/book/staging.ts';
import type { Side } from '../../src/market/side.ts';

export interface PlainLevel {
  readonly side: Side;
  readonly tick: number;
  readonly lot: number;
}

export interface PlainFrame {
  readonly snapshot: boolean;
  readonly u: number;
  readonly levels: readonly PlainLevel[];
  /** Zeros printed beyond the grid's own decimals. */
  readonly padding?: number;
}

export const cts = (u: number): number => 1_786_310_820_000 + u;

export function stage(staging: Staging, grid: Grid, frame: PlainFrame): void {
  const padding = frame.padding ?? 0;
  let i = 0;
  for (const side of [0, 1]) {
    for (const level of frame.levels) {
      if (level.side !== side) continue;
      staging.priceDigits[i] = level.tick * grid.tickScaled * 10 ** padding;
      staging.priceDecimals[i] = grid.priceScale + padding;
      staging.sizeDigits[i] = level.lot * grid.lotScaled * 10 ** padding;
      staging.sizeDecimals[i] = grid.lotScale + padding;
      i++;
    }
    staging.ends[side] = i;
  }
  staging.stamps[STAMP_UPDATE] = frame.u;
  staging.stamps[STAMP_SEQUENCE] = frame.u * 10;
  staging.stamps[STAMP_EXCHANGE] = cts(frame.u);
  staging.stamps[STAMP_SENT] = cts(frame.u) + 4;
  staging.stamps[STAMP_RECEIVED] = frame.u * 2;
}
