// How does a plain market get into the engine's own core? As the frames that the exchange would print.
import { createBooks } from '../../src/book/layout.ts';
import type { Depth } from '../../src/bybit/frames/ingest-port.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { priceText, sizeText, type Instrument } from '../../src/market/instrument.ts';
import type { Side } from '../../src/market/side.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import { commit, createRing } from '../../src/lib/ring.ts';
import { InlineAnalysis } from '../../src/pool/inline.ts';
import { EVENT_STRIDE, type AnalysisEvent } from '../../src/scan/event.ts';
import {
  createLives,
  GENERATION,
  L_CONFIRMED,
  L_CURRENT,
  L_EATEN,
  L_FLOW_TOTAL,
  L_GONE_AT,
  HEADER_AT,
  L_HIGH,
  L_ID,
  L_LOW,
  L_OUT_AT,
  L_PEAK,
  L_PULLED,
  L_SIDE,
  L_STATE,
  L_TOUCHES,
  L_TOUCHING,
  L_TYPICAL,
  LIFE_COUNT,
  lifeAt,
  PARAMS_AT,
  PRESSURE,
  STATE_NAMES,
} from '../../src/scan/layout.ts';
import { writeParams, type ScanParams } from '../../src/scan/params.ts';
import { createWorkspace } from '../../src/scan/workspace.ts';
import { scanInstrument } from '../../src/signal/scan-instrument.ts';
import { createTape } from '../../src/tape/layout.ts';
import { setLookback, widenMinute } from '../../src/tape/write.ts';
import type { PlainBar } from '../oracle/extrema.ts';
import type { PlainMessage, PlainState, PlainTrade } from '../oracle/life-record.ts';
import type { SignalLife } from '../oracle/signals.ts';
import { instrumentWorth } from './plain-params.ts';

const SLOT = 0 as Slot;
const CONNECTION = 1;
const EXTREMA_MINUTES = 240;
/** When every frame is received. */
export const RECEIVED_MS = 7 as Ms;

/** What the engine holds of a life now; its past is for the test to remember. */
export type FastLife = Omit<SignalLife, 'history' | 'hits'> & {
  readonly pulled: number;
  readonly touches: number;
  readonly isTouching: boolean;
};

export class FastMarket {
  readonly #instrument: Instrument;
  readonly #depth: number;
  readonly #memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  readonly #ingest = new Ingest(this.#memory.books, this.#memory.tape);
  readonly #analysis = new InlineAnalysis(this.#memory, (event) => this.#events.push(event));
  #events: AnalysisEvent[] = [];
  #isFirst = true;

  constructor(depth: number, notionalUnit: number, params: ScanParams) {
    this.#depth = depth;
    this.#instrument = instrumentWorth(notionalUnit);
    this.#attach();
    writeParams(this.#memory.lives.numbers, PARAMS_AT, params, this.#instrument);
  }

  get pressure(): number {
    return this.#memory.lives.numbers[HEADER_AT + PRESSURE] as number;
  }

  dayChange(percent: number): void {
    const data = { symbol: 'XUSDT', price24hPcnt: String(percent / 100) };
    this.#send({ topic: 'tickers.XUSDT', type: 'snapshot', data, cs: 1, ts: 1 });
  }

  bars(bars: readonly PlainBar[]): void {
    for (const { startMs, high, low } of bars)
      widenMinute(this.#memory.tape, SLOT, Math.floor(startMs / 60_000), high, low);
  }

  trade({ T, taker, tick, lot, rpi, block }: PlainTrade): void {
    const S = taker === 'buy' ? 'Buy' : 'Sell';
    const row = {
      T,
      s: 'XUSDT',
      S,
      v: this.#size(lot),
      p: this.#price(tick),
      L: 'PlusTick',
      i: 'x',
      BT: block,
      RPI: rpi,
    };
    this.#send({ topic: 'publicTrade.XUSDT', type: 'snapshot', ts: T, data: [row] });
  }

  /** One book message, sent when it was matched unless said otherwise: the first is a snapshot, and so is the first after lost ones. */
  take({ changes, sides, u, cts }: PlainMessage, isSnapshot = this.#isFirst, sentMs = cts): void {
    this.#isFirst = false;
    const side = (which: Side): string[][] => {
      const delta = changes.filter((one) => one.side === which).map(({ tick, newLot }) => ({ tick, lot: newLot }));
      return (isSnapshot ? sides[which] : delta).map(({ tick, lot }) => [this.#price(tick), this.#size(lot)]);
    };
    const data = { s: 'XUSDT', b: side(0), a: side(1), u, seq: u };
    const type = isSnapshot ? 'snapshot' : 'delta';
    this.#send({ topic: `orderbook.${this.#depth}.XUSDT`, type, ts: sentMs, data, cts });
  }

  scan(): AnalysisEvent[] {
    this.#analysis.scan(SLOT);
    return this.#told();
  }

  /** A thread scans that finds no room for anything that it tells. */
  scanUnheard(): void {
    const full = createRing(1, EVENT_STRIDE);
    commit(full);
    scanInstrument(
      createWorkspace(this.#memory, full, () => undefined),
      SLOT,
    );
  }

  /** Another thread scans, and before it has told the first of its events main writes on. */
  scanBeside(write: () => void): void {
    let isTelling = false;
    const stamp = (): void => {
      if (!isTelling) write();
      isTelling = true;
    };
    scanInstrument(createWorkspace(this.#memory, createRing(256, EVENT_STRIDE), stamp), SLOT);
  }

  /** One book message and the scan that follows it. */
  message(message: PlainMessage): AnalysisEvent[] {
    this.take(message);
    return this.scan();
  }

  /** A message was lost: the book waits for a snapshot. */
  distrust(): void {
    this.#ingest.distrust(SLOT, 'suspect');
  }

  /** The symbol is watched no more. */
  remove(): AnalysisEvent[] {
    this.#ingest.detach(SLOT);
    return this.scan();
  }

  /** Another symbol comes into its place, with a snapshot of its own. */
  replace(): void {
    this.#ingest.detach(SLOT);
    this.#attach();
    this.#isFirst = true;
  }

  /** A thread dies in the middle of a scan. */
  breakScan(): void {
    const { words } = this.#memory.lives;
    words[GENERATION] = (words[GENERATION] as number) | 1;
  }

  /** The run ends. */
  finish(): AnalysisEvent[] {
    this.#analysis.end();
    return this.#told();
  }

  /** By life, oldest first: what has traded into it lately. */
  flows(): number[] {
    const { lives } = this.#memory;
    const flowOf = (_: unknown, place: number): number =>
      lives.numbers[lifeAt(lives, SLOT, place) + L_FLOW_TOTAL] as number;
    return Array.from({ length: lives.words[LIFE_COUNT] as number }, flowOf);
  }

  /** Oldest first. */
  lives(): FastLife[] {
    const { lives } = this.#memory;
    const { numbers } = lives;
    return Array.from({ length: lives.words[LIFE_COUNT] as number }, (_, place): FastLife => {
      const life = lifeAt(lives, SLOT, place);
      const at = (field: number): number => numbers[life + field] as number;
      return {
        id: at(L_ID),
        side: at(L_SIDE) as Side,
        lowTick: at(L_LOW),
        highTick: at(L_HIGH),
        state: STATE_NAMES[at(L_STATE)] as PlainState,
        confirmedMs: at(L_CONFIRMED) === 0 ? undefined : at(L_CONFIRMED),
        goneSinceMs: at(L_GONE_AT) === 0 ? undefined : at(L_GONE_AT),
        inView: at(L_OUT_AT) === 0,
        current: at(L_CURRENT),
        peak: at(L_PEAK),
        eaten: at(L_EATEN),
        pulled: at(L_PULLED),
        typical: at(L_TYPICAL),
        touches: at(L_TOUCHES),
        isTouching: at(L_TOUCHING) !== 0,
      };
    });
  }

  #attach(): void {
    this.#ingest.attach(SLOT, this.#instrument, this.#depth as Depth);
    this.#ingest.bind(SLOT, CONNECTION);
    setLookback(this.#memory.tape, SLOT, EXTREMA_MINUTES);
  }

  #told(): AnalysisEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #price(tick: number): string {
    return priceText(tick as Tick, this.#instrument);
  }

  #size(lot: number): string {
    return sizeText(lot as Lot, this.#instrument);
  }

  #send(frame: object): void {
    const outcome = this.#ingest.frame(Buffer.from(JSON.stringify(frame)), CONNECTION, RECEIVED_MS);
    if (!['snapshot', 'delta', 'trade', 'ticker'].includes(outcome)) throw new Error(`the core says ${outcome}`);
  }
}
