// Which gate refuses first? Read off the table of gates and the strategy's sections on sizes and stops, one sentence each.
//
// Slow and obvious on purpose: exact fractions, no early return inside a gate, and not a line of the code it judges.
import { termsOf, type PlainOrder, type Terms } from './entry-terms.ts';
import {
  atMost,
  ceil,
  decimal,
  less,
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
import type { PlainBook, PlainSituation } from './plain-situation.ts';

export type PlainAnswer = { readonly gate: number } | { readonly order: PlainOrder };

const LIVE = 2;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** [gate] Does it hold? A gate that needs what is not known does not. */
type Rule = (s: PlainSituation, t: Terms | undefined) => boolean;

const known = <T>(value: T | undefined, holds: (value: T) => boolean): boolean => value !== undefined && holds(value);

function rests(s: PlainSituation, book: PlainBook): Fraction {
  const { side, low, high } = s.offer.signal;
  let sum = 0n;
  for (let i = 0; i < (book.counts[side] as number); i++) {
    const tick = book.ticks[side as 0 | 1][i] as number;
    if (tick >= low && tick <= high) sum += BigInt(tick) * BigInt(book.lots[side as 0 | 1][i] as number);
  }
  return whole(sum);
}

const isBreakout = (s: PlainSituation): boolean => s.offer.signal.signal === 'breakout';
const chaseMax = (s: PlainSituation): number => Math.min(s.rules.breakoutMaxChasePercent, 2);
const positionsMax = (s: PlainSituation): number => Math.min(s.settings.maxConcurrentPositions, 100);
const perMinute = (s: PlainSituation): number => Math.min(s.settings.maxOrdersPerMinute, 300);

const RULES: readonly Rule[] = [
  // G01 mode ACTIVE and block set empty
  (s) => s.system.mode === 'ACTIVE' && known(s.system.blocks, (blocks) => blocks.length === 0),
  // G02 kill switch clear (memory, journal, file)
  (s) => [s.system.killedInMemory, s.system.killedInJournal, s.system.killedByFile].every((killed) => killed === false),
  // G03 lock file held, no twin seen
  (s) => s.system.lockHeld === true && s.system.twinSeen === false,
  // G04 private stream up, reconciled, age < 15 s
  (s) => s.system.privateUp === true && known(s.system.reconciledAt, (at) => s.now - at < 15_000),
  // G05 clock offset known, abs ≤ 500 ms, age < 120 s
  (s) => known(s.system.clock, (c) => Math.abs(c.offsetMs) <= 500 && s.now - c.measuredAt < 120_000),
  // G06 loop lag < 250 ms, signal not older than its TTL
  (s) => {
    const age = s.now - s.offer.signal.receivedMs;
    const ttl = Math.min(s.rules.maxSignalAgeMs, 5_000);
    return known(s.system.loopLagMs, (lag) => lag < 250) && age >= 0 && age <= ttl;
  },
  // G07 symbol Trading, not pre-launch, delisting > 72 h away, not reduce-only
  (s) =>
    known(
      s.contract,
      (c) =>
        c.isTrading &&
        !c.isPreListing &&
        s.symbol.isReduceOnly === false &&
        (c.deliveryMs === 0 || known(s.exchangeMs, (now) => c.deliveryMs - now > 72 * HOUR)),
    ),
  // G08 instrument spec age < 1 h
  (s) => known(s.contract, (c) => s.now - c.readAt < HOUR),
  // G09 book FRESH, same epoch, not one-sided, spread < cap (1 % by code)
  (s) =>
    known(s.book, (b) => {
      const { epoch, tenancy } = s.offer.signal;
      if (b.trust !== LIVE || b.epoch !== epoch || b.tenancy !== tenancy) return false;
      if (b.counts[0] === 0 || b.counts[1] === 0) return false;
      const [bid, ask] = [whole(b.ticks[0][0] as number), whole(b.ticks[1][0] as number)];
      const mid = over(plus(bid, ask), whole(2));
      return less(bid, ask) && less(minus(ask, bid), times(percent(1), mid));
    }),
  // G10 last vs mark price deviation < cap (1 % by code), mark at most 10 s old; last print plausible: the same from the mid
  (s) =>
    known(s.symbol.mark, (mark) =>
      known(s.symbol.lastTick, (last) =>
        known(s.book, (b) => {
          const mid = over(plus(whole(b.ticks[0][0] as number), whole(b.ticks[1][0] as number)), whole(2));
          const isNear = (to: Fraction): boolean => less(size(minus(whole(last), to)), times(percent(1), to));
          return s.now - mark.readAt <= 10_000 && isNear(whole(mark.tick)) && isNear(mid);
        }),
      ),
    ),
  // G11 bounce: the density rests with ≥ 70 %; breakout: not refilled over its floor (10 % of peak), mid beyond, within the chase
  (s) =>
    known(s.book, (b) => {
      const { side, low, high, peak, current } = s.offer.signal;
      const there = rests(s, b);
      if (!isBreakout(s)) return atMost(times(percent(70), whole(current)), there);
      const far = whole(side === 0 ? low : high);
      const mid = over(plus(whole(b.ticks[0][0] as number), whole(b.ticks[1][0] as number)), whole(2));
      const past = side === 1 ? minus(mid, far) : minus(far, mid);
      const chase = most(whole(2), times(percent(chaseMax(s)), far));
      return less(there, times(percent(10), whole(peak))) && less(whole(0), past) && atMost(past, chase);
    }),
  // G12 drift since signal ≤ signalDrift: of the mid; breakout the chase (2 ticks), bounce the slippage (1 tick)
  (s) =>
    known(s.book, (b) => {
      const mid = over(plus(whole(b.ticks[0][0] as number), whole(b.ticks[1][0] as number)), whole(2));
      const then = over(whole(s.offer.signal.middle), whole(2));
      const allowed = isBreakout(s) ? percent(chaseMax(s)) : percent(Math.min(s.rules.maxSlippagePercent, 1));
      return atMost(size(minus(mid, then)), most(whole(isBreakout(s) ? 2 : 1), times(allowed, then)));
    }),
  // G13 no live or UNKNOWN intent on symbol; signal id unused
  (s) => s.symbol.intent === 'none' && s.symbol.signalUsed === false,
  // G14 qty on step, ≥ min, ≤ max; price on tick
  (s, t) =>
    known(t, ({ lots, cap }) =>
      known(
        s.contract,
        (c) =>
          lots >= BigInt(c.lotsMin) && lots <= BigInt(c.lotsMaxLimit) && lots <= BigInt(c.lotsMaxMarket) && cap >= 1n,
      ),
    ),
  // G15 notional ≥ exchange minimum × 1.02
  (s, t) =>
    known(t, ({ cheap }) =>
      known(s.contract, (c) => atMost(times(decimal(1.02), whole(c.notionalMin)), whole(ceil(cheap)))),
    ),
  // G16 notional ≤ per-order cap (100,000 USDT by code)
  (s, t) =>
    known(t, ({ dear }) =>
      atMost(dear, times(decimal(Math.min(s.settings.positionSizeUsd, 100_000)), whole(100_000_000))),
    ),
  // G17 exposure incl. in-flight, UNKNOWN and FOREIGN ≤ cap (100 % of equity by code)
  (s, t) =>
    known(t, ({ dear }) =>
      known(s.account.exposure, (e) =>
        known(s.account.wallet, (w) =>
          atMost(
            plus(whole(e.total), whole(ceil(dear))),
            times(percent(Math.min(s.settings.maxExposurePercent, 100)), whole(w.equity)),
          ),
        ),
      ),
    ),
  // G18 open + pending positions ≤ cap (100 by code); one per symbol
  (s) => s.symbol.isHeld === false && known(s.account.exposure, (e) => e.positions + 1 <= positionsMax(s)),
  // G19 same-direction positions ≤ cap: three quarters of all, rounded up
  (s, t) =>
    known(t, ({ long }) =>
      known(s.account.exposure, (e) => (long ? e.long : e.short) + 1 <= Math.ceil(positionsMax(s) * 0.75)),
    ),
  // G20 free margin ≥ required (margin and both fees, of what is in flight too) × 1.2, wallet age < 30 s
  (s, t) =>
    known(t, ({ dear }) =>
      known(s.contract, (c) =>
        known(s.account.wallet, (w) => {
          const value = plus(whole(ceil(dear)), whole(s.account.exposure?.pending ?? 0n));
          const required = plus(
            over(value, whole(s.settings.leverage)),
            times(times(whole(2), decimal(c.takerFee)), value),
          );
          return s.now - w.readAt < 30_000 && atMost(times(decimal(1.2), required), whole(w.free));
        }),
      ),
    ),
  // G21 daily loss (realised + unrealised + fees + funding, UTC day) < limit (20 % by code)
  (s) =>
    known(
      s.account.day,
      (day) =>
        !day.tripped &&
        less(whole(-day.result), times(percent(Math.min(s.settings.maxDailyLossPercent, 20)), whole(day.startEquity))),
    ),
  // G22 losing streak (20 by code) and per-symbol cooldown clear
  (s) =>
    known(s.account.lossesInRow, (count) => count < Math.min(s.settings.maxConsecutiveLosses, 20)) &&
    known(s.symbol.cooldownUntil, (until) => known(s.exchangeMs, (now) => now >= until)),
  // G23 entries per minute / hour / day below limits (the minute's, ten and sixty times it)
  (s) =>
    known(s.account.entries, (e) => e.minute < perMinute(s) && e.hour < 10 * perMinute(s) && e.day < 60 * perMinute(s)),
  // G24 consecutive rejects below breaker (3 rejects/symbol, 10 total)
  (s) => known(s.symbol.rejects, (r) => r.symbol < 3 && r.total < 10),
  // G25 stop on the correct side now, distance inside [2 ticks, max], and from the worst fill inside 80 % of the liquidation distance
  (s, t) =>
    known(t, ({ long, cap, stop, distance, farthest }) =>
      known(s.symbol.mark, (mark) =>
        known(s.symbol.lastTick, (last) =>
          known(s.contract, (c) => {
            const isBeyond = (price: number): boolean => (long ? BigInt(price) > stop : BigInt(price) < stop);
            const rate = over(whole(100), whole(c.leverageMax));
            const gap = minus(over(whole(1), whole(s.settings.leverage)), rate);
            const liquidation = over(times(whole(cap), gap), plus(whole(1), rate));
            return (
              stop >= 1n &&
              isBeyond(mark.tick) &&
              isBeyond(last) &&
              atMost(whole(2), distance) &&
              atMost(distance, farthest) &&
              atMost(size(minus(whole(cap), whole(stop))), times(percent(80), liquidation))
            );
          }),
        ),
      ),
    ),
  // G26 risk per trade (distance × qty + fees) ≤ cap (1 % of equity by code)
  (s, t) => known(t, ({ risk }) => known(s.account.wallet, (w) => atMost(risk, times(percent(1), whole(w.equity))))),
  // G27 funding not within 2 min nor in the last 10 s, maintenance not within 10 min
  (s) =>
    known(s.exchangeMs, (now) =>
      known(s.contract, (c) =>
        known(c.nextFundingMs, (funding) =>
          known(s.system.maintenance, (m) => {
            let next = funding;
            while (next < now) next += c.fundingIntervalMs;
            const last = next - c.fundingIntervalMs;
            const isFar = next - now >= 2 * MINUTE && (last > now || now - last >= 10_000);
            return isFar && m.every(({ fromMs, untilMs }) => now >= untilMs || fromMs - now >= 10 * MINUTE);
          }),
        ),
      ),
    ),
  // G28 rate lane has a token
  (s) => known(s.system.entryTokens, (tokens) => tokens >= 1),
  // G29 journal writable, free disk > 1 GiB
  (s) => s.system.journalWritable === true && known(s.system.diskFreeBytes, (free) => free > 1_073_741_824),
  // G30 leverage = configured and ≤ symbol max; isolated; one-way; nothing added to its margin (P22)
  (s) =>
    s.symbol.isIsolated === true &&
    s.symbol.isOneWay === true &&
    s.symbol.isMarginFixed === true &&
    s.symbol.leverage === s.settings.leverage * 100 &&
    known(s.contract, (c) => s.settings.leverage * 100 <= c.leverageMax),
  // G31 symbol enabled and strategy allowed; a tick at most max_tick_percent of the price
  (s, t) =>
    s.symbol.isEnabled === true &&
    (isBreakout(s) ? s.symbol.breakoutAllowed : s.symbol.bounceAllowed) === true &&
    known(t, ({ touch }) => atMost(whole(1), times(percent(Math.min(s.rules.maxTickPercent, 1)), whole(touch)))),
  // G32 cost, with every funding to be paid within max_holding_minutes, at most max_cost_to_stop_ratio of the stop distance
  (s, t) =>
    known(t, ({ cost, owed, distance }) =>
      known(owed, (funding) => atMost(plus(cost, funding), times(decimal(s.rules.maxCostToStopRatio), distance))),
    ),
  // G33 expected slippage ≤ max_slippage_percent (1 tick) and spread ≤ max_spread_percent
  (s, t) =>
    known(t, ({ slippage, isThin, touch, bid, ask }) => {
      const allowed = times(percent(Math.min(s.rules.maxSlippagePercent, 1)), whole(touch));
      const mid = over(plus(bid, ask), whole(2));
      const spreadMax = times(percent(Math.min(s.rules.maxSpreadPercent, 1)), mid);
      return !isThin && atMost(slippage, most(whole(1), allowed)) && atMost(minus(ask, bid), spreadMax);
    }),
  // G34 no confirmed counter density and no known extremum nearer than tp_min_reward_ratio × stop distance + cost
  (s, t) =>
    known(t, ({ long, touch, distance, cost }) =>
      known(s.symbol.counterTicks, (counter) =>
        known(s.symbol.extrema, ({ high, low }) => {
          const needed = plus(times(decimal(s.rules.tpMinRewardRatio), distance), cost);
          return [...counter, long ? high : low].every((tick) => {
            const ahead = long ? minus(whole(tick), whole(touch)) : minus(whole(touch), whole(tick));
            return less(ahead, whole(0)) || atMost(needed, ahead);
          });
        }),
      ),
    ),
];

/** The number of the first gate that refuses, or the order. */
export function plainDecision(s: PlainSituation): PlainAnswer {
  const terms = termsOf(s);
  const refused = RULES.findIndex((holds) => !holds(s, terms));
  if (refused >= 0) return { gate: refused + 1 };
  const { long, lots, cap, stop } = terms as Terms;
  return { order: { long, lots, cap, stop } };
}
