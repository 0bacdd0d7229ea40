// How much is at risk already? Everything that is open, may be open, or is somebody else's on the same account (I-10).
import type { Money } from '../market/money.ts';
import type { PositionSide } from '../market/side.ts';

export interface Exposed {
  readonly symbol: string;
  readonly side: PositionSide;
  /** Of what is open at its mark, of what is meant at its worst price; never negative. */
  readonly notional: Money;
  /** `in-flight` sent without an answer yet, `unknown` without one for good, `foreign` not ours. */
  readonly state: 'open' | 'in-flight' | 'unknown' | 'foreign';
}

export interface Exposure {
  readonly total: Money;
  /** Of `total` what was sent, or is to be, and may not be bound in the wallet yet. */
  readonly pending: Money;
  /** Symbols with something of ours, open or pending. */
  readonly positions: number;
  readonly long: number;
  readonly short: number;
}

/** A symbol with a partly filled entry is listed twice, as open and as in flight; it counts as one. */
export function exposureOf(all: readonly Exposed[]): Exposure {
  let total: Money = 0n;
  let pending: Money = 0n;
  const ours = new Set<string>();
  const sides = { long: new Set<string>(), short: new Set<string>() };
  for (const { symbol, side, notional, state } of all) {
    total += notional;
    if (state === 'in-flight' || state === 'unknown') pending += notional;
    if (state === 'foreign') continue;
    ours.add(symbol);
    sides[side].add(symbol);
  }
  return {
    total,
    pending,
    positions: ours.size,
    long: sides.long.size,
    short: sides.short.size,
  };
}
