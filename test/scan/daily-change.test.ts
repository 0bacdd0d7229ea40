// Which change of 24 hours does a scan know? The one told before the message that it has come to: another scan of that message, in
// another thread or from a recording, knows the same.
import { beforeEach, expect, test } from 'vitest';
import { CHANGE_CAPACITY, createBooks } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { InlineAnalysis } from '../../src/pool/inline.ts';
import { createLives, DAILY_CHANGE, HEADER_AT, PARAMS_AT, RESTARTS } from '../../src/scan/layout.ts';
import { writeParams } from '../../src/scan/params.ts';
import { createTape } from '../../src/tape/layout.ts';
import { DEFAULTS } from '../oracle/params.ts';
import { scanParams } from './plain-params.ts';

const SLOT = 0 as Slot;
const CONNECTION = 1;
const NOW = 1_786_310_820_000;

class Market {
  readonly #memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  readonly #ingest = new Ingest(this.#memory.books, this.#memory.tape);
  readonly #analysis = new InlineAnalysis(this.#memory, () => undefined);
  #u = 0;

  constructor() {
    const instrument = createInstrument('XUSDT', '1', '1') as Instrument;
    this.#ingest.attach(SLOT, instrument, 50);
    this.#ingest.bind(SLOT, CONNECTION);
    writeParams(this.#memory.lives.numbers, PARAMS_AT, scanParams(DEFAULTS), instrument);
  }

  ticker(percent: number): void {
    const data = { symbol: 'XUSDT', price24hPcnt: String(percent / 100) };
    this.#send({ topic: 'tickers.XUSDT', type: 'snapshot', data, cs: 1, ts: NOW });
  }

  trade(): void {
    const row = { T: NOW, s: 'XUSDT', S: 'Buy', v: '1', p: '101', L: 'PlusTick', i: 'x', BT: false };
    this.#send({ topic: 'publicTrade.XUSDT', type: 'snapshot', ts: NOW, data: [row] });
  }

  message(): void {
    const u = ++this.#u;
    const data = { s: 'XUSDT', b: [['100', String(u)]], a: [['101', '5']], u, seq: u };
    const time = NOW + u;
    this.#send({ topic: 'orderbook.50.XUSDT', type: u === 1 ? 'snapshot' : 'delta', ts: time, data, cts: time });
  }

  /** What the scan knows, and how often it has had to begin anew. */
  scan(): { readonly change: number; readonly restarts: number } {
    this.#analysis.scan(SLOT);
    const { numbers, words } = this.#memory.lives;
    return { change: numbers[HEADER_AT + DAILY_CHANGE] as number, restarts: words[RESTARTS] as number };
  }

  #send(frame: object): void {
    this.#ingest.frame(Buffer.from(JSON.stringify(frame)), CONNECTION, 7 as Ms);
  }
}

let market: Market;
beforeEach(() => void (market = new Market()));

test('before any ticker the change of the day is not known', () => {
  market.message();
  expect(market.scan().change).toBeNaN();
});

test('a scan knows what was told before its newest message, and nothing that was told since', () => {
  market.ticker(5);
  market.message();
  expect(market.scan().change).toBe(5);
  market.ticker(-5);
  expect(market.scan().change).toBe(5);
  market.message();
  market.ticker(3);
  expect(market.scan().change).toBe(-5);
  market.message();
  market.message();
  expect(market.scan()).toEqual({ change: 3, restarts: 1 });
});

test('a ticker that tells what was told before takes no room', () => {
  market.ticker(5);
  market.message();
  market.scan();
  for (let i = 0; i < CHANGE_CAPACITY; i++) market.ticker(5);
  market.message();
  expect(market.scan()).toEqual({ change: 5, restarts: 1 });
});

test('who has lost the changes of a book knows the newest that was told', () => {
  market.message();
  market.scan();
  for (let i = 0; i < CHANGE_CAPACITY; i++) market.trade();
  market.ticker(4);
  market.message();
  expect(market.scan()).toEqual({ change: 4, restarts: 2 });
  market.ticker(-4);
  market.message();
  expect(market.scan()).toEqual({ change: -4, restarts: 2 });
});
