// Which signals does the campaign make? Breakouts and bounces at prices near the book of now, as the analysis would tell them.
import type { Rng } from '../../src/lib/rng.ts';
import { ASK, BID } from '../../src/market/side.ts';
import type { Slot } from '../../src/market/units.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import type { Life } from './life.ts';

/** Far above what rests: a level of that size was there, and nothing of it is left. */
const PEAK = 1e12;

export interface MadeSignal {
  readonly symbol: string;
  readonly signal: AnalysisEvent;
}

/** Undefined where the engine has no book of the symbol. */
export function makeSignal(life: Life, symbol: string, ordinal: number, rng: Rng): MadeSignal | undefined {
  const slot = life.look(symbol);
  if (slot === undefined) return undefined;
  const { view } = life;
  if (view.counts[BID] === 0 || view.counts[ASK] === 0) return undefined;
  const [bid, ask] = [view.ticks[BID][0] as number, view.ticks[ASK][0] as number];
  const isLong = rng.below(2) === 0;
  if (rng.below(3) > 0) {
    // A long has gone through an ask that is below the mid now, a short through a bid above it.
    const side = isLong ? ASK : BID;
    const behind = 1 + rng.below(3);
    const price = isLong ? bid - behind : ask + behind;
    return { symbol, signal: signalOf(life, slot, ordinal, 'breakout', side, price, { current: 0, peak: PEAK }) };
  }
  // A long rests on the bid that carries most within reach.
  const side = isLong ? BID : ASK;
  const count = Math.min(12, view.counts[side] as number);
  let place = 0;
  for (let i = 1; i < count; i++) if ((view.lots[side][i] as number) > (view.lots[side][place] as number)) place = i;
  const price = view.ticks[side][place] as number;
  const current = price * (view.lots[side][place] as number);
  return { symbol, signal: signalOf(life, slot, ordinal, 'bounce', side, price, { current, peak: current }) };
}

function signalOf(
  life: Life,
  slot: Slot,
  ordinal: number,
  signal: 'breakout' | 'bounce',
  side: 0 | 1,
  price: number,
  sizes: { readonly current: number; readonly peak: number },
): AnalysisEvent {
  const { view, clock, world } = life;
  const exchangeMs = world.nowMs;
  return {
    kind: 'signal',
    slot,
    tenancy: view.tenancy,
    epoch: view.epoch,
    life: ordinal,
    message: ordinal,
    updateId: 0,
    exchangeMs,
    receivedMs: clock.monotonic(),
    side,
    low: price,
    high: price,
    price,
    state: signal === 'breakout' ? 'eroding' : 'confirmed',
    firstSeenMs: exchangeMs - 10_000,
    confirmedMs: exchangeMs - 7_000,
    initial: sizes.peak,
    ...sizes,
    eaten: sizes.peak - sizes.current,
    pulled: 0,
    refilled: 0,
    traded: 0,
    adjusted: 0,
    rpi: 0,
    touches: ordinal,
    crossed: false,
    round: false,
    cluster: false,
    relative: 5,
    sharePercent: 10,
    typical: 1_000,
    shareThreshold: 5,
    label: 'none',
    signal,
    priority: 1,
    middle: (view.ticks[BID][0] as number) + (view.ticks[ASK][0] as number),
    newTerritory: false,
    criteria: [],
    stamp: clock.monotonic(),
  };
}
