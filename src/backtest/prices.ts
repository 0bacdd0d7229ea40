// What did the recording say of mark, last price and funding, and what stands for them where it said nothing?
import type { BookMemory } from '../book/layout.ts';
import { createView, readBook } from '../book/read.ts';
import { countOf, fieldsOf } from '../bybit/fields.ts';
import type { Ms } from '../lib/brand.ts';
import { priceText, type Instrument } from '../market/instrument.ts';
import { ASK, BID } from '../market/side.ts';
import type { Slot, Tick, Usdt } from '../market/units.ts';
import { FACT_LAST, FACT_MARK, FACT_MARK_AT, FACT_TRADES, readFact, type TapeMemory, tradeAt } from '../tape/layout.ts';
import { setFact } from '../tape/write.ts';
import type { DayChange } from '../universe/listing.ts';
import type { Frame } from './replayer.ts';

/** Of tickers, as far as they have been told. */
interface Funding {
  readonly nextMs?: Ms;
  readonly rate?: string;
  readonly intervalMs?: Ms;
}

interface Quoted {
  readonly instrument: Instrument;
  /** Trades before this file. */
  readonly tradesBefore: number;
  isHeard: boolean;
  isMarkTold: boolean;
  funding: Funding;
}

/** What most contracts ask of longs where nothing else moves it. */
const USUAL_RATE = '0.0001';
const HOUR_MS = 3_600_000;

export class RecordedPrices {
  readonly #books: BookMemory;
  readonly #tape: TapeMemory;
  readonly #view = createView();
  readonly #quoted = new Map<Slot, Quoted>();
  readonly #untold = { mark: new Set<string>(), funding: new Set<string>() };

  constructor(books: BookMemory, tape: TapeMemory) {
    this.#books = books;
    this.#tape = tape;
  }

  /** Its tape is empty, also where it had another grid before. */
  attach(slot: Slot, instrument: Instrument): void {
    const funding = this.#quoted.get(slot)?.funding ?? {};
    this.#quoted.set(slot, { instrument, tradesBefore: 0, isHeard: false, isMarkTold: false, funding });
  }

  /** What comes next is of another file, perhaps of another day: what the one before told of prices holds no more. */
  nextFile(): void {
    this.#noteUntold();
    for (const [slot, { instrument }] of this.#quoted) {
      const tradesBefore = readFact(this.#tape, slot, FACT_TRADES);
      this.#quoted.set(slot, { instrument, tradesBefore, isHeard: false, isMarkTold: false, funding: {} });
    }
  }

  /** After each frame of an attached slot. True where its funding has news. */
  heard(slot: Slot, { bytes, received }: Frame, isTicker: boolean): boolean {
    const quoted = this.#quoted.get(slot) as Quoted;
    quoted.isHeard = true;
    const data = isTicker ? fieldsOf(fieldsOf(JSON.parse(bytes.toString('utf8')))['data']) : {};
    quoted.isMarkTold ||= isTold(data['markPrice']);
    if (!quoted.isMarkTold) this.#standIn(slot, quoted, received);
    const before = quoted.funding;
    quoted.funding = { ...before, ...fundingOf(data) };
    const { nextMs, rate, intervalMs } = quoted.funding;
    return nextMs !== before.nextMs || rate !== before.rate || intervalMs !== before.intervalMs;
  }

  /** As the exchange's list of days tells it, `now` being exchange time; `usualMs` where no interval was told. */
  day(slot: Slot, now: Ms, usualMs: Ms): DayChange & { readonly intervalMs: Ms } {
    const { instrument, funding } = this.#quoted.get(slot) as Quoted;
    const intervalMs = funding.intervalMs ?? usualMs;
    const dueMs = ((Math.floor(now / intervalMs) + 1) * intervalMs) as Ms;
    const tick = this.#tick(slot, instrument);
    return {
      symbol: instrument.symbol,
      change: 0,
      turnover: 0 as Usdt,
      turnoverText: '',
      lastPriceText: tick === undefined ? '' : priceText(tick, instrument),
      nextFundingMs: funding.nextMs !== undefined && funding.nextMs > now ? funding.nextMs : dueMs,
      fundingRateText: funding.rate ?? USUAL_RATE,
      intervalMs,
    };
  }

  /** Symbols of which a file that tells of them has told nothing that a ticker tells. */
  untold(): { readonly mark: readonly string[]; readonly funding: readonly string[] } {
    this.#noteUntold();
    return { mark: [...this.#untold.mark], funding: [...this.#untold.funding] };
  }

  #noteUntold(): void {
    for (const { instrument, isHeard, isMarkTold, funding } of this.#quoted.values()) {
      if (isHeard && !isMarkTold) this.#untold.mark.add(instrument.symbol);
      if (isHeard && funding.rate === undefined) this.#untold.funding.add(instrument.symbol);
    }
  }

  #standIn(slot: Slot, { instrument: { priceScale, tickScaled }, tradesBefore }: Quoted, received: Ms): void {
    const tick = this.#traded(slot, tradesBefore) ?? this.#mid(slot);
    if (tick === undefined) return;
    const price = (tick * tickScaled) / 10 ** priceScale;
    setFact(this.#tape, slot, FACT_LAST, price);
    setFact(this.#tape, slot, FACT_MARK, price);
    setFact(this.#tape, slot, FACT_MARK_AT, received);
  }

  #tick(slot: Slot, { priceScale, tickScaled }: Instrument): Tick | undefined {
    const last = readFact(this.#tape, slot, FACT_LAST);
    return last > 0 ? (Math.round((last * 10 ** priceScale) / tickScaled) as Tick) : undefined;
  }

  #traded(slot: Slot, tradesBefore: number): number | undefined {
    const trades = readFact(this.#tape, slot, FACT_TRADES);
    return trades === tradesBefore ? undefined : this.#tape.numbers[tradeAt(slot, trades - 1) + 1];
  }

  #mid(slot: Slot): number | undefined {
    const { ticks, counts } = this.#view;
    if (!readBook(this.#books, slot, this.#view) || counts[BID] === 0 || counts[ASK] === 0) return undefined;
    return Math.round(((ticks[BID][0] as number) + (ticks[ASK][0] as number)) / 2);
  }
}

const isTold = (text: unknown): text is string => typeof text === 'string' && text !== '';

function fundingOf({ nextFundingTime, fundingRate, fundingIntervalHour }: ReturnType<typeof fieldsOf>): Funding {
  const nextMs = countOf(nextFundingTime);
  const hours = countOf(fundingIntervalHour);
  return {
    ...(nextMs === undefined || nextMs === 0 ? {} : { nextMs: nextMs as Ms }),
    ...(isTold(fundingRate) ? { rate: fundingRate } : {}),
    ...(hours === undefined || hours === 0 ? {} : { intervalMs: (hours * HOUR_MS) as Ms }),
  };
}
