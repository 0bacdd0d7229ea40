// How does each density live and end? Strategy 3 read word for word, one book message at a time.
import { ASK, BID, SIDES, isBetter } from '../../src/market/side.ts';
import type { Side } from '../../src/market/side.ts';
import type { Tick } from '../../src/market/units.ts';
import { findPlainly } from './density.ts';
import type { PlainDensity, PlainLevel } from './density.ts';
import { eatenSide, inRange, isOlder, isUnderFloor, largestHeld, sumNotional } from './life-record.ts';
import type { PlainEvent, PlainLabel, PlainLife, PlainMessage, PlainState, PlainTrade } from './life-record.ts';
import type { DensityParams, LifeParams } from './params.ts';

const MOVED_TICKS_MAX = 10;
const EROSION_TOLD_MS = 1_000;
const OLDER_MS_MAX = 5_000;

/** Lots by tick of a density's whole range, empty prices included: an order placed between its levels belongs to it. */
export function lotsInRange(levels: readonly PlainLevel[], lowTick: number, highTick: number): Map<number, number> {
  const book = new Map(levels.map(({ tick, lot }) => [tick, lot]));
  const lots = new Map<number, number>();
  for (let tick = lowTick; tick <= highTick; tick++) lots.set(tick, book.get(tick) ?? 0);
  return lots;
}

/** Beyond the worst price of a full side nothing can be seen: what "leaves" there only left the window. */
export function isHidden(levels: readonly PlainLevel[], depth: number, side: Side, tick: number): boolean {
  return levels.length === depth && isBetter(side, levels.at(-1)!.tick as Tick, tick as Tick);
}

/** Follows the densities of one instrument, message by message; time is the `cts` of the last one. A scan may wait for later ones. */
export class PlainLives {
  readonly #depth: number;
  readonly #instrument: { readonly notionalUnit: number };
  readonly #params: DensityParams & LifeParams;
  readonly #all: PlainLife[] = [];
  #pending: PlainTrade[] = [];
  #now = -Infinity;
  /** A new snapshot may be older than the message before it: what is told up to here was told before. */
  #seenUntil = -Infinity;
  #events: PlainEvent[] = [];

  constructor(depth: number, instrument: { readonly notionalUnit: number }, params: DensityParams & LifeParams) {
    this.#depth = depth;
    this.#instrument = instrument;
    this.#params = params;
  }

  /** Every life that ever was, in order of birth. */
  get all(): readonly PlainLife[] {
    return this.#all;
  }

  get alive(): readonly PlainLife[] {
    return this.#all.filter((life) => life.label === undefined);
  }

  trade(trade: PlainTrade): void {
    if (trade.block) return;
    if (trade.T > this.#now) {
      this.#pending.push(trade);
      return;
    }
    for (const life of this.alive) {
      if (life.side !== eatenSide(trade) || !inRange(life, trade.tick) || trade.T <= life.followedFromMs) continue;
      const amount = trade.tick * trade.lot;
      if (trade.rpi) {
        life.rpi += amount;
        continue;
      }
      const explained = Math.min(amount, life.pulled);
      life.pulled -= explained;
      life.eaten += explained;
      life.refilled += amount - explained;
      life.traded += amount;
    }
  }

  message(message: PlainMessage, isScanned = true): PlainEvent[] {
    const isBehind = this.#isBehind(message);
    this.#now = message.cts;
    const due = this.#takeDue();
    for (const life of this.alive) {
      if (!isBehind && this.#now > this.#seenUntil) this.#follow(life, message, due);
      else this.#retell(life, message);
      this.#look(life, message);
      if (isBehind) this.#end(life, 'unknown');
    }
    return isScanned ? this.#scan(message) : [];
  }

  /** The snapshot after a lost book: what happened in between is unknown, and what cannot be seen is as it was. */
  resync(message: PlainMessage, isScanned = true): PlainEvent[] {
    const seen = Math.max(this.#now, this.#seenUntil);
    const isBehind = this.#isBehind(message);
    this.#now = message.cts;
    this.#seenUntil = Math.min(seen, this.#now + OLDER_MS_MAX);
    this.#takeDue();
    for (const life of this.alive) {
      const before = life.current;
      this.#retell(life, message);
      if (life.current * 2 < before) {
        this.#end(life, 'unknown');
        continue;
      }
      life.followedFromMs = Math.max(this.#now, this.#seenUntil);
      this.#look(life, message);
      if (isBehind) this.#end(life, 'unknown');
    }
    return isScanned ? this.#scan(message) : [];
  }

  /** So far behind the last message that its time was wrong, and with it all that was judged by it. */
  #isBehind({ cts }: PlainMessage): boolean {
    return cts < this.#now - OLDER_MS_MAX;
  }

  /** What it is now, whatever came of the difference. */
  #retell(life: PlainLife, message: PlainMessage): void {
    const levels = message.sides[life.side];
    const lots = lotsInRange(levels, life.lowTick, life.highTick);
    for (const [tick, before] of life.lots) if (isHidden(levels, this.#depth, life.side, tick)) lots.set(tick, before);
    life.unknown += sumNotional(lots) - life.current;
    this.#setLots(life, lots);
  }

  /** The book is gone for good: nothing more will be known. */
  lose(): PlainEvent[] {
    for (const life of this.alive) this.#end(life, 'unknown');
    return this.#takeEvents();
  }

  /** The end of the run. What is gone is not alive: it gets the label that its window would have brought. */
  finish(): PlainEvent[] {
    for (const life of this.alive) this.#end(life, life.state === 'gone' ? bySums(life) : 'held');
    return this.#takeEvents();
  }

  #takeDue(): PlainTrade[] {
    const due = this.#pending.filter((trade) => trade.T <= this.#now);
    this.#pending = this.#pending.filter((trade) => trade.T > this.#now);
    return due;
  }

  #takeEvents(): PlainEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #follow(life: PlainLife, message: PlainMessage, due: readonly PlainTrade[]): void {
    const levels = message.sides[life.side];
    const lots = lotsInRange(levels, life.lowTick, life.highTick);
    const hits = due.filter((trade) => eatenSide(trade) === life.side);
    for (const [tick, before] of life.lots) {
      if (isHidden(levels, this.#depth, life.side, tick)) lots.set(tick, before);
      const here = hits.filter((trade) => trade.tick === tick);
      const volume = here.filter((trade) => !trade.rpi).reduce((sum, trade) => sum + trade.lot, 0);
      const rpiVolume = here.filter((trade) => trade.rpi).reduce((sum, trade) => sum + trade.lot, 0);
      const delta = before - lots.get(tick)!;
      const fall = Math.max(0, delta);
      life.eaten += Math.min(fall, volume) * tick;
      life.pulled += Math.max(0, fall - volume) * tick;
      life.refilled += Math.max(0, volume - delta) * tick;
      life.traded += volume * tick;
      life.rpi += rpiVolume * tick;
    }
    this.#setLots(life, lots);
  }

  #setLots(life: PlainLife, lots: Map<number, number>): void {
    life.lots = lots;
    life.current = sumNotional(lots);
    life.peak = Math.max(life.peak, life.current);
    if (!isUnderFloor(life)) life.beforeGone = life.current;
    life.history.push({ fromMs: this.#now, notional: life.current });
  }

  /** Can some of it be seen, and has the mid passed it? */
  #look(life: PlainLife, { bestBid, bestAsk, sides }: PlainMessage): void {
    const near = life.side === ASK ? life.lowTick : life.highTick;
    if (isHidden(sides[life.side], this.#depth, life.side, near)) life.outSinceMs ??= this.#now;
    else life.outSinceMs = undefined;
    if (bestBid === 0 || bestAsk === 0) return;
    const bothBests = bestBid + bestAsk;
    if (life.side === BID ? bothBests < 2 * life.lowTick : bothBests > 2 * life.highTick) life.crossed = true;
  }

  #scan(message: PlainMessage): PlainEvent[] {
    const detected = new Set<PlainLife>();
    for (const side of SIDES) {
      const { bestBid, bestAsk } = message;
      const levels = message.sides[side];
      const found = findPlainly(levels, bestBid, bestAsk, side, this.#depth, this.#instrument, this.#params);
      for (const life of this.#bind(found, side, levels)) detected.add(life);
    }
    for (const life of this.alive) this.#step(life, detected.has(life));
    for (const life of this.alive) this.#expire(life);
    return this.#takeEvents();
  }

  /** Gives every detection its life and returns those lives. The exact same range comes first, then the older life. */
  #bind(found: readonly PlainDensity[], side: Side, levels: readonly PlainLevel[]): Set<PlainLife> {
    const lives = this.alive.filter((life) => life.side === side);
    const taken = new Map<PlainLife, PlainDensity>();
    const unbound: PlainDensity[] = [];
    const overlapping = (density: PlainDensity): PlainLife[] =>
      lives.filter((life) => life.lowTick <= density.highTick && density.lowTick <= life.highTick);
    for (const density of found) {
      const same = overlapping(density).find(
        (life) => life.lowTick === density.lowTick && life.highTick === density.highTick,
      );
      if (same !== undefined) taken.set(same, density);
      else unbound.push(density);
    }
    const bindOldest = (density: PlainDensity, among: readonly PlainLife[]): boolean => {
      const oldest = among.filter((life) => !taken.has(life)).toSorted((a, b) => (isOlder(a, b) ? -1 : 1))[0];
      if (oldest !== undefined) taken.set(oldest, density);
      return oldest !== undefined;
    };
    // Where several stand in the range of one life, the one at its largest level is it; the others may be what is left of it.
    const isAtHome = (life: PlainLife, { lowTick, highTick }: PlainDensity): boolean =>
      lowTick <= life.tick && life.tick <= highTick;
    const mayBe = (life: PlainLife, density: PlainDensity): boolean =>
      isAtHome(life, density) || !found.some((other) => isAtHome(life, other));
    const rest = unbound.filter((density) => {
      const lodgers = overlapping(density).filter((life) => mayBe(life, density));
      return !bindOldest(density, lodgers);
    });
    const newcomers = rest.filter((density) => !bindOldest(density, overlapping(density)));
    // Only now: a life passed over by one detection may have been the other's.
    for (const life of found.flatMap(overlapping)) {
      if (!taken.has(life) && life.label === undefined) this.#end(life, 'absorbed');
    }
    for (const [life, density] of taken) this.#extend(life, density, levels);
    const born = newcomers.map((density) => {
      const left = lives.filter((life) => life.label === undefined && !taken.has(life));
      return this.#bear(density, levels, this.#endMoved(density, left));
    });
    return new Set([...taken.keys(), ...born]);
  }

  #extend(life: PlainLife, density: PlainDensity, levels: readonly PlainLevel[]): void {
    life.tick = density.tick;
    if (life.lowTick === density.lowTick && life.highTick === density.highTick) return;
    life.lowTick = density.lowTick;
    life.highTick = density.highTick;
    life.lots = lotsInRange(levels, density.lowTick, density.highTick);
    // As if it had always had this extent: what is more or less there than at the one before was so all along.
    const more = density.notional - life.current;
    life.current = density.notional;
    life.peak = Math.max(density.notional, life.peak + more);
    life.fallNotional += more;
    life.beforeGone = isUnderFloor(life) ? life.beforeGone + more : density.notional;
    life.history = life.history.map(({ fromMs, notional }) => ({ fromMs, notional: notional + more }));
    life.history.push({ fromMs: this.#now, notional: density.notional });
    life.extentChanges += 1;
  }

  /** Was this newcomer the size that has just vanished nearby? Then that life ends here and its age goes on. */
  #endMoved(density: PlainDensity, lives: readonly PlainLife[]): PlainLife | undefined {
    const distance = (life: PlainLife): number => Math.abs(life.tick - density.tick);
    const candidates = lives.filter((life) => {
      const sinceGone = this.#now - (life.goneSinceMs ?? this.#now);
      return (
        isUnderFloor(life) &&
        sinceGone <= this.#params.breakoutWindowMs &&
        life.pulled > life.eaten &&
        Math.abs(density.notional - life.beforeGone) * 10 <= life.beforeGone &&
        distance(life) <= MOVED_TICKS_MAX
      );
    });
    candidates.sort((a, b) => distance(a) - distance(b) || (isOlder(a, b) ? -1 : 1));
    const moved = candidates[0];
    if (moved !== undefined) this.#end(moved, 'moved');
    return moved;
  }

  #bear(density: PlainDensity, levels: readonly PlainLevel[], moved: PlainLife | undefined): PlainLife {
    const { side, lowTick, highTick, tick, notional } = density;
    const life: PlainLife = {
      id: this.#all.length,
      side,
      lowTick,
      highTick,
      tick,
      firstSeenMs: moved?.firstSeenMs ?? this.#now,
      bornMs: this.#now,
      followedFromMs: this.#now,
      state: 'forming',
      confirmedMs: undefined,
      endedMs: undefined,
      label: undefined,
      crossed: false,
      lots: lotsInRange(levels, lowTick, highTick),
      initial: notional,
      current: notional,
      peak: notional,
      eaten: 0,
      pulled: 0,
      refilled: 0,
      traded: 0,
      rpi: 0,
      unknown: 0,
      history: [{ fromMs: this.#now, notional }],
      extentChanges: 0,
      goneSinceMs: undefined,
      beforeGone: notional,
      outSinceMs: undefined,
      fallMs: this.#now,
      fallNotional: notional,
      toldTenths: 0,
      toldMs: -Infinity,
    };
    this.#all.push(life);
    this.#events.push({ kind: 'born', id: life.id, side, lowTick, highTick, firstSeenMs: life.firstSeenMs, notional });
    return life;
  }

  /** At most one transition a life a scan. */
  #step(life: PlainLife, detected: boolean): void {
    if (life.outSinceMs !== undefined) return;
    if (life.state === 'gone') {
      if (!isUnderFloor(life)) this.#enter(life, life.confirmedMs === undefined ? 'forming' : 'eroding');
      return;
    }
    if (isUnderFloor(life)) {
      this.#enter(life, 'gone');
      return;
    }
    const { densityMinLifetimeMs, densityPeakWindowMs } = this.#params;
    if (life.state === 'forming') {
      if (detected && this.#now - life.firstSeenMs >= densityMinLifetimeMs) this.#enter(life, 'confirmed');
    } else if (life.state === 'confirmed') {
      const peak = largestHeld(life.history, this.#now - densityPeakWindowMs);
      if (life.current * 10 < peak * 9) this.#enter(life, 'eroding');
    } else {
      if (life.current * 100 < life.fallNotional * 98) {
        life.fallMs = this.#now;
        life.fallNotional = life.current;
      }
      if (detected && this.#now - life.fallMs >= densityMinLifetimeMs) this.#enter(life, 'confirmed');
      else this.#tellErosion(life);
    }
  }

  /** Every further tenth of its peak that is gone, at most once a second. */
  #tellErosion(life: PlainLife): void {
    const tenths = Math.floor(((life.peak - life.current) * 10) / life.peak);
    if (tenths <= life.toldTenths || this.#now - life.toldMs < EROSION_TOLD_MS) return;
    life.toldTenths = tenths;
    life.toldMs = this.#now;
    this.#events.push({ kind: 'erosion', id: life.id, tenths });
  }

  #enter(life: PlainLife, state: PlainState): void {
    life.goneSinceMs = state === 'gone' ? this.#now : undefined;
    if (state === 'eroding') {
      life.fallMs = this.#now;
      life.fallNotional = life.current;
    }
    if (state === 'confirmed') {
      life.confirmedMs ??= this.#now;
      // Confirmed again at a smaller size: without a new peak the next scan would call it eroding at once.
      if (life.state === 'eroding') life.history = [{ fromMs: this.#now, notional: life.current }];
    }
    life.state = state;
    this.#events.push({ kind: 'state', id: life.id, state });
  }

  #expire(life: PlainLife): void {
    const { breakoutWindowMs, densityOutOfViewMs } = this.#params;
    if (life.goneSinceMs !== undefined) {
      if (this.#now - life.goneSinceMs > breakoutWindowMs) this.#end(life, bySums(life));
    } else if (life.outSinceMs !== undefined && this.#now - life.outSinceMs >= densityOutOfViewMs) {
      this.#end(life, 'out_of_view');
    }
  }

  #end(life: PlainLife, label: PlainLabel): void {
    life.label = label;
    life.endedMs = this.#now;
    this.#events.push({ kind: 'label', id: life.id, label });
  }
}

function bySums(life: PlainLife): PlainLabel {
  if (life.eaten === 0 && life.pulled === 0) return 'unknown';
  return life.eaten > life.pulled ? 'eaten' : 'pulled';
}
