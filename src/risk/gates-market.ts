// Does the live market still show what the signal saw? (G09–G12)
import type { BookView } from '../book/read.ts';
import { LIVE } from '../book/trust.ts';
import type { Ms } from '../lib/brand.ts';
import { CHASE_TICKS_MIN, refusalOf } from '../signal/offer.ts';
import { ageRefusal } from './gates-system.ts';
import type { GateName } from './gate-name.ts';
import { BOUNDS, DEVIATION_PERCENT_MAX, MARK_AGE_MS_MAX, rulesWithin, SLIPPAGE_TICKS_MIN } from './limits.ts';
import { isBelowPercent, isWithinPercent } from './percent.ts';
import type { EntryRules, Offer, Situation } from './situation.ts';
import { areCounts, isSoundSignal } from './sound.ts';

type Look = Pick<Situation, 'now' | 'offer' | 'book' | 'rules'>;

export function book({ book: live, offer }: Look): string | undefined {
  if (live === undefined) return 'no whole copy of the book';
  if (live.trust !== LIVE) return 'the book is not live';
  if (live.tenancy !== offer.signal.tenancy || live.epoch !== offer.signal.epoch) return 'another epoch';
  if (live.counts[0] === 0 || live.counts[1] === 0) return 'a side is empty';
  const [bid, ask] = touches(live);
  if (bid >= ask) return 'the book is crossed';
  const isNarrow = isBelowPercent(BigInt(2 * (ask - bid)), BOUNDS.maxSpreadPercent, BigInt(bid + ask));
  return isNarrow ? undefined : `spread of ${ask - bid} ticks`;
}

export function priceDeviation({ symbol, book: live, now }: Situation): string | undefined {
  const { lastTick: last, mark } = symbol;
  if (mark === undefined || !(now - mark.readAt <= MARK_AGE_MS_MAX)) return 'mark price unknown or old';
  if (last === undefined || live === undefined) return 'last price unknown';
  if (!areCounts(last, mark.tick)) return 'no price';
  if (!isBelowPercent(distance(last, mark.tick), DEVIATION_PERCENT_MAX, BigInt(mark.tick))) {
    return `last price ${percentApart(last, mark.tick)} % from the mark price`;
  }
  const [bid, ask] = touches(live);
  const isPlausible = isBelowPercent(distance(2 * last, bid + ask), DEVIATION_PERCENT_MAX, BigInt(bid + ask));
  return isPlausible ? undefined : `last price ${percentApart(2 * last, bid + ask)} % from the mid`;
}

const percentApart = (one: number, other: number): string => ((Math.abs(one - other) / other) * 100).toFixed(2);

export function densityNow({ book: live, offer, now, rules }: Look): string | undefined {
  if (live === undefined) return 'no whole copy of the book';
  return isSoundSignal(offer.signal) ? refusalOf(offer.signal, live, now, rules) : 'signal makes no sense';
}

export function drift({ book: live, offer, rules }: Look): string | undefined {
  if (live === undefined) return 'no whole copy of the book';
  const { middle, signal } = offer.signal;
  const [bid, ask] = touches(live);
  const moved = distance(bid + ask, middle);
  const [percent, least] =
    signal === 'breakout'
      ? [rules.breakoutMaxChasePercent, CHASE_TICKS_MIN]
      : [rules.maxSlippagePercent, SLIPPAGE_TICKS_MIN];
  if (moved <= BigInt(2 * least) || isWithinPercent(moved, percent, BigInt(middle))) return undefined;
  return `mid moved by ${Number(moved) / 2} ticks`;
}

/** The last look before the bytes leave (O27): what may have changed while the intent was made durable. */
export function lastLook(
  offer: Offer,
  live: BookView | undefined,
  rules: EntryRules,
  now: Ms,
): { readonly denied: GateName; readonly detail: string } | undefined {
  const look: Look = { now, offer, book: live, rules: rulesWithin(rules) };
  const gates = [
    ['G06 lag_and_age', ageRefusal(offer.signal.receivedMs, now, look.rules.maxSignalAgeMs)],
    ['G09 book', book(look)],
    ['G11 density_now', live === undefined ? undefined : densityNow(look)],
    ['G12 drift', live === undefined ? undefined : drift(look)],
  ] as const;
  for (const [denied, detail] of gates) if (detail !== undefined) return { denied, detail };
  return undefined;
}

function touches(live: BookView): [number, number] {
  return [live.ticks[0][0] as number, live.ticks[1][0] as number];
}

function distance(a: number, b: number): bigint {
  return BigInt(Math.abs(a - b));
}
