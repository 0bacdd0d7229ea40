// What really happened? Every planted wall and how it ended, and every natural level that looked like one.
import type { Instrument } from '../market/instrument.ts';
import { SIDE_NAMES } from '../market/side.ts';
import { paddedPrice } from './gateway/spelling.ts';
import type { Decoy, EndedWall, Ending, Wall } from './walls.ts';
import type { Thresholds } from './window-ratio.ts';

export interface TruthRun {
  readonly kind: 'run';
  readonly seed: number;
  readonly startMs: number;
  readonly thresholds: Thresholds;
}

export interface TruthWall {
  readonly kind: 'wall';
  readonly id: number;
  readonly symbol: string;
  readonly side: 'bid' | 'ask';
  readonly lowPrice: string;
  readonly highPrice: string;
  readonly bornMs: number;
  readonly endedMs: number | null;
  readonly ending: Ending;
  readonly decoy: Decoy | null;
  readonly movedTo: number | null;
  /** USDT; what rests at the end is initial − eaten − pulled + refilled. */
  readonly initial: number;
  readonly eaten: number;
  readonly pulled: number;
  readonly refilled: number;
  readonly final: number;
  readonly view: readonly (readonly [number, number, 0 | 1])[];
}

export interface TruthNatural {
  readonly kind: 'natural';
  readonly symbol: string;
  readonly side: 'bid' | 'ask';
  /** Of the largest level. */
  readonly price: string;
  readonly lowPrice: string;
  readonly highPrice: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly peakRatio: number;
}

/** The last line: nothing is missing before it. */
export interface TruthEnd {
  readonly kind: 'end';
}

export type TruthRecord = TruthRun | TruthWall | TruthNatural | TruthEnd;
export type TruthSink = (record: TruthRecord) => void;

const cents = (usdt: number): number => Math.round(usdt * 100) / 100;

export function wallRecord(
  instrument: Instrument,
  wall: Wall,
  end: Omit<EndedWall, 'wall' | 'endedMs'> & { endedMs: number | null },
): TruthWall {
  const unit = instrument.notionalUnit;
  return {
    kind: 'wall',
    id: wall.id,
    symbol: instrument.symbol,
    side: SIDE_NAMES[wall.side],
    lowPrice: paddedPrice(Math.min(...wall.ticks), instrument),
    highPrice: paddedPrice(Math.max(...wall.ticks), instrument),
    bornMs: wall.bornMs,
    endedMs: end.endedMs,
    ending: end.ending,
    decoy: wall.decoy,
    movedTo: wall.movedTo,
    initial: cents(wall.initial * unit),
    eaten: cents(wall.eaten * unit),
    pulled: cents(wall.pulled * unit),
    refilled: cents(wall.refilled * unit),
    final: cents((wall.initial - wall.eaten - wall.pulled + wall.refilled) * unit),
    view: wall.view,
  };
}
