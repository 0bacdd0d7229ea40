// What does shared memory say of a symbol now? The desk reads main's own books, tape and lives.
import {
  copyBook,
  readBook,
  readHeader,
  VIEW_EXCHANGE,
  VIEW_LEVELS_MAX,
  VIEW_RECEIVED,
  type BookView,
} from '../../book/read.ts';
import { LIVE, STALE } from '../../book/trust.ts';
import type { Ms } from '../../lib/brand.ts';
import { beginRead, endRead } from '../../lib/seqlock.ts';
import type { Instrument } from '../../market/instrument.ts';
import { ASK, BID, type Side } from '../../market/side.ts';
import type { Slot, Tick } from '../../market/units.ts';
import { ScanKernel } from '../../scan/kernel/kernel.ts';
import {
  CONFIRMED,
  ERODING,
  GENERATION,
  L_HIGH,
  L_LOW,
  L_SIDE,
  L_STATE,
  LIFE_COUNT,
  LIVES_MAX,
  lifeAt,
  PARAMS_AT,
  SLOT_NUMBERS as LIFE_NUMBERS,
  SLOT_WORDS as LIFE_WORDS,
  TENANCY,
  type LifeMemory,
} from '../../scan/layout.ts';
import { P_NUMBERS, writeDensityParams } from '../../scan/params.ts';
import type { AnalysisMemory } from '../../scan/workspace.ts';
import { readExtrema } from '../../tape/extrema.ts';
import { readFlow } from '../../tape/flow.ts';
import { FACT_LAST, FACT_MARK, FACT_MARK_AT, FACT_TICKER_AT, readFact } from '../../tape/layout.ts';
import type { MarketPort } from './market-port.ts';
import type { Wall } from '../trade/trade.ts';

export interface MarketSenses {
  readonly instrument: (slot: Slot) => Instrument | undefined;
  /** Monotonic: when a frame last updated the book of a slot, or proved that it is current. */
  readonly bookHeardAt: (slot: Slot) => Ms;
  /** Is known what traded before its trades were heard? */
  readonly hasCandles: (slot: Slot) => boolean;
  readonly isDeaf: MarketPort['isDeaf'];
  /** Exchange time, now or at a monotonic time: what books and trades are dated by. */
  readonly exchangeMs: (at?: Ms) => Ms;
  /** On paper that is our own clock's: it may be off, and how late a book is nobody knows. */
  readonly isTimeOurs?: () => boolean;
}

/** `price`: of its largest level. */
type Resting = Wall & { readonly price: Tick };

const FLOW_MS = 3_000 as Ms;
/** From the matching to us; a snapshot is up to 2 s old when it is sent (bybit-v5 4.2), our clock is off by half a second at most. */
const ROAD_MS_MAX = 3_000;
const LIFE_RETRIES_MAX = 8;

export interface LiveMarket extends MarketPort {
  /** Is its book whole and current as it came, but too long on its way to decide anything by? */
  readonly isLate: (slot: Slot) => boolean;
}

export function createLiveMarket({ books, tape, lives }: AnalysisMemory, senses: MarketSenses): LiveMarket {
  const kernel = new ScanKernel();
  const view = kernel.createBook(VIEW_LEVELS_MAX);
  const asked = new Float64Array(P_NUMBERS);
  const fact = (slot: Slot, which: number): number => readFact(tape, slot, which);

  /** A stream that lags goes on, and its pings are answered: a book that it shows is whole, but of long ago (I-04). */
  const isLate = ({ trust, stamps }: Pick<BookView, 'trust' | 'stamps'>): boolean =>
    trust === LIVE &&
    senses.isTimeOurs?.() !== true &&
    senses.exchangeMs(stamps[VIEW_RECEIVED] as Ms) - (stamps[VIEW_EXCHANGE] as number) > ROAD_MS_MAX;

  const priceTick = (slot: Slot, price: number): Tick | undefined => {
    const instrument = senses.instrument(slot);
    if (instrument === undefined || !(price > 0)) return undefined;
    return Math.round((price * 10 ** instrument.priceScale) / instrument.tickScaled) as Tick;
  };

  return {
    readBook(slot, into) {
      if (slot < 0 || !readBook(books, slot, into)) return false;
      if (isLate(into)) into.trust = STALE;
      return true;
    },
    isLate: (slot) => readHeader(books, slot, view) && isLate(view),
    heardAt: (slot) => (slot < 0 ? (0 as Ms) : senses.bookHeardAt(slot)),
    isDeaf: senses.isDeaf,
    mark(slot) {
      if (slot < 0) return undefined;
      const tick = priceTick(slot, fact(slot, FACT_MARK));
      if (tick === undefined) return undefined;
      // Tickers tell what has changed: of a coarse tick the mark price stays what it is for longer than it may be old.
      return { tick, readAt: Math.max(fact(slot, FACT_MARK_AT), fact(slot, FACT_TICKER_AT)) as Ms };
    },
    last: (slot) => (slot < 0 ? undefined : priceTick(slot, fact(slot, FACT_LAST))),
    extrema(slot) {
      if (slot < 0 || !senses.hasCandles(slot)) return undefined;
      const out = new Float64Array(2);
      readExtrema(tape, slot, senses.exchangeMs(), out);
      const [high, low] = out as unknown as [number, number];
      return high === 0 || low === 0 ? undefined : { high: high as Tick, low: low as Tick };
    },
    imbalance(slot) {
      if (slot < 0) return undefined;
      const flow = readFlow(tape, slot, senses.exchangeMs(), FLOW_MS);
      return flow.trades === 0 ? undefined : flow.imbalance;
    },
    resting(slot, side, params) {
      const instrument = senses.instrument(slot);
      if (instrument === undefined) return undefined;
      writeDensityParams(asked, 0, params, instrument);
      return restingOn(slot, side, asked, 0);
    },
    densities(slot, side) {
      const resting = restingOn(slot, side, lives.numbers, slot * LIFE_NUMBERS + PARAMS_AT);
      const confirmed = resting === undefined ? undefined : confirmedSpans(lives, slot, side, view.tenancy);
      // Both must say so: the analysis that it has stood long enough, and the book of now that it still stands.
      return confirmed === undefined
        ? undefined
        : resting
            ?.filter(({ price }) => confirmed.some(([low, high]) => low <= price && price <= high))
            .map(({ low, high }) => (side === BID ? high : low));
    },
  };

  function restingOn(slot: Slot, side: Side, params: Float64Array, from: number): readonly Resting[] | undefined {
    if (slot < 0 || !copyBook(books, slot, view) || view.trust !== LIVE) return undefined;
    const bids = view.sides[BID];
    const asks = view.sides[ASK];
    if (bids.from === bids.end || asks.from === asks.end) return undefined;
    const { at, ticks } = view.sides[side];
    kernel.call.forgetAll(at);
    kernel.ask(params, from);
    kernel.call.detect(at, view.depth, (bids.ticks[bids.from] as number) + (asks.ticks[asks.from] as number));
    const found = kernel.found[side];
    return Array.from({ length: found.count }, (_, i) => {
      const first = ticks[found.first[i] as number] as Tick;
      const last = ticks[found.last[i] as number] as Tick;
      const [low, high] = first < last ? [first, last] : [last, first];
      return { side, low, high, units: found.sum[i] as number, price: found.price[i] as Tick };
    });
  }
}

/** `[lowest, highest]` tick of each confirmed life of a side that stands; undefined while a scan writes them. */
function confirmedSpans(
  lives: LifeMemory,
  slot: Slot,
  side: Side,
  tenancy: number,
): readonly (readonly [number, number])[] | undefined {
  const { words, numbers } = lives;
  const at = slot * LIFE_WORDS;
  for (let attempt = 0; attempt < LIFE_RETRIES_MAX; attempt++) {
    const generation = beginRead(words, at + GENERATION);
    if ((generation & 1) === 1) continue;
    const spans: (readonly [number, number])[] = [];
    const count = words[at + TENANCY] === tenancy ? Math.min(words[at + LIFE_COUNT] as number, LIVES_MAX) : 0;
    for (let place = 0; place < count; place++) {
      const life = lifeAt(lives, slot, place);
      const state = numbers[life + L_STATE];
      if (numbers[life + L_SIDE] !== side || (state !== CONFIRMED && state !== ERODING)) continue;
      spans.push([numbers[life + L_LOW] as number, numbers[life + L_HIGH] as number]);
    }
    if (endRead(words, at + GENERATION, generation)) return spans;
  }
  return undefined;
}
