// Which order would it be? Size, cap, slippage, cost and stop by strategy 11 and 12, in exact fractions.
import {
  ceil,
  decimal,
  floor,
  least,
  minus,
  most,
  over,
  percent,
  plus,
  size,
  times,
  whole,
  type Fraction,
} from './fraction.ts';
import type { PlainSituation } from './plain-situation.ts';

export interface PlainOrder {
  readonly long: boolean;
  readonly lots: bigint;
  readonly cap: bigint;
  readonly stop: bigint;
}

/** Everything the later gates speak of, in ticks and USDT. */
export interface Terms extends PlainOrder {
  readonly touch: bigint;
  readonly bid: Fraction;
  readonly ask: Fraction;
  readonly distance: Fraction;
  readonly farthest: Fraction;
  /** Ticks a lot. */
  readonly cost: Fraction;
  /** Ticks that fundings take within the longest holding; undefined where nobody knows. */
  readonly owed: Fraction | undefined;
  readonly slippage: Fraction;
  readonly isThin: boolean;
  /** 10^-8 USDT. */
  readonly dear: Fraction;
  readonly cheap: Fraction;
  readonly risk: Fraction;
}

/** 10^-8 USDT of a price in ticks times lots. */
function worth(tick: Fraction, lots: Fraction, { instrument }: NonNullable<PlainSituation['contract']>): Fraction {
  const grid = BigInt(instrument.tickScaled) * BigInt(instrument.lotScaled) * 100_000_000n;
  const unit: Fraction = { n: grid, d: 10n ** BigInt(instrument.priceScale + instrument.lotScale) };
  return times(times(tick, lots), unit);
}

const MINUTE = 60_000;

function owedOf(
  { exchangeMs: now, contract, rules }: PlainSituation,
  long: boolean,
  touch: Fraction,
): Fraction | undefined {
  const { nextFundingMs, fundingRate: rate, fundingIntervalMs = 0 } = contract ?? {};
  if (now === undefined || nextFundingMs === undefined || rate === undefined) return undefined;
  const pays = long ? rate : -rate;
  let owed = whole(0);
  for (let at = nextFundingMs; at <= now + rules.maxHoldingMinutes * MINUTE; at += fundingIntervalMs)
    if (at >= now && pays > 0) owed = plus(owed, times(decimal(pays), touch));
  return owed;
}

export function termsOf(s: PlainSituation): Terms | undefined {
  const { book, contract, rules } = s;
  const { signal } = s.offer;
  if (book === undefined || contract === undefined || book.counts[0] === 0 || book.counts[1] === 0) return undefined;
  const breakout = signal.signal === 'breakout';
  // Long through an ask density and off a bid density.
  const long = breakout ? signal.side === 1 : signal.side === 0;
  const up = whole(long ? 1 : -1);
  const bid = whole(book.ticks[0][0] as number);
  const ask = whole(book.ticks[1][0] as number);
  const touch = long ? ask : bid;

  // The cap: beyond the touch by the slippage allowed, at least a tick, rounded away from the touch.
  const slippageMax = percent(Math.min(rules.maxSlippagePercent, 1));
  const reach = most(whole(1), whole(ceil(times(slippageMax, touch))));
  const cap = plus(touch, times(up, reach));
  const dearer = most(touch, cap);
  const cheaper = least(touch, cap);

  // Quantity = notional / price rounded down to the step.
  const money = times(decimal(s.settings.positionSizeUsd), whole(100_000_000));
  const lots = floor(over(money, worth(dearer, whole(1), contract)));
  if (lots === 0n) return undefined;
  const quantity = whole(lots);

  // Expected slippage by walking the book; what it does not show is taken at its last price.
  const taken = long ? 1 : 0;
  let left = lots;
  let lost = 0n;
  for (let i = 0; i < (book.counts[taken] as number); i++) {
    const isLast = i === (book.counts[taken] as number) - 1;
    const rests = BigInt(book.lots[taken as 0 | 1][i] as number);
    const take = rests < left ? rests : left;
    const away = size(minus(whole(book.ticks[taken as 0 | 1][i] as number), touch)).n;
    lost += away * (isLast ? left : take);
    left -= take;
  }
  const slippage: Fraction = { n: lost, d: lots };

  // Cost: round-trip taker fees + spread + expected slippage.
  const fee = decimal(contract.takerFee);
  const cost = plus(plus(times(times(whole(2), fee), touch), minus(ask, bid)), slippage);

  // What is to be paid within max_holding_minutes is a cost too.
  const owed = owedOf(s, long, touch);

  // The stop: behind the density by the percentage, at least 2 ticks, rounded away; moved away while the cost is too large
  // a part of the distance, at most to max_stop_percent.
  const edge = whole(long ? signal.low : signal.high);
  const behind = percent(breakout ? rules.breakoutMinStopLossPercent : rules.bounceStopLossBehindDensityPercent);
  const beyond = most(whole(2), whole(ceil(times(behind, edge))));
  const first = times(up, minus(touch, minus(edge, times(up, beyond))));
  const farthest = most(whole(2), whole(floor(times(percent(Math.min(rules.maxStopPercent, 5)), touch))));
  const asked = whole(ceil(over(plus(cost, owed ?? whole(0)), decimal(rules.maxCostToStopRatio))));
  const distance = most(first, least(asked, farthest));
  const stop = minus(touch, times(up, distance));

  const fees = times(times(times(whole(2), fee), cap), quantity);
  const risk = worth(plus(times(size(minus(cap, stop)), quantity), fees), whole(1), contract);
  return {
    long,
    lots,
    touch: touch.n,
    cap: cap.n,
    stop: stop.n,
    bid,
    ask,
    distance,
    farthest,
    cost,
    owed,
    slippage,
    isThin: left > 0n,
    dear: worth(dearer, quantity, contract),
    cheap: worth(cheaper, quantity, contract),
    risk,
  };
}
