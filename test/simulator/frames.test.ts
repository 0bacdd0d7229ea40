// Are the frames those of the exchange? The invariants measured on the real stream, checked over generated ones.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createMarket, type Market } from '../../src/simulator/market.ts';
import { type BookMessage, PlainBook, type TradeMessage } from './plain-book.ts';

const START = 1_786_310_820_000;
const SYMBOLS = ['BTCUSDT', 'SOLUSDT', 'XRPUSDT', '1000PEPEUSDT'];
const DEPTHS = [1, 50, 200, 1_000];

function open(seed: number, symbols = 24): Market {
  return createMarket({ seed, symbols, startMs: START });
}

test('every depth keeps the rules of the book for thirty seconds: u + 1, exactly N levels, sorted, uncrossed, nothing removed twice', () => {
  const market = open(11);
  const books = new Map<string, PlainBook>();
  const counts = new Map<string, number>();
  const complaints: string[] = [];
  const apply = (text: string): void => {
    const message = JSON.parse(text) as BookMessage;
    const book = books.get(message.topic) ?? new PlainBook();
    books.set(message.topic, book);
    book.apply(message);
    const depth = Number(message.topic.split('.')[1]);
    if (book.bids.size !== depth || book.asks.size !== depth)
      complaints.push(`${message.topic}: ${book.bids.size} × ${book.asks.size}`);
    if (depth <= 50 && book.bestBid >= book.bestAsk) complaints.push(`${message.topic}: crossed`);
    counts.set(message.topic, (counts.get(message.topic) ?? 0) + 1);
  };
  market.onFrame((frame) => frame.depth > 0 && apply(frame.bytes.toString()));
  market.advance(START + 1_500);
  for (const symbol of SYMBOLS) {
    for (const depth of DEPTHS)
      for (const frame of market.subscribe(`orderbook.${depth}.${symbol}`) ?? []) apply(frame.bytes.toString());
  }
  market.advance(START + 30_000);
  expect(complaints).toEqual([]);
  for (const symbol of SYMBOLS) {
    for (const depth of DEPTHS) {
      const topic = `orderbook.${depth}.${symbol}`;
      const book = books.get(topic) as PlainBook;
      expect(book.complaints.filter((complaint) => depth > 1 || !complaint.startsWith('repeats'))).toEqual([]);
      expect(counts.get(topic)).toBeGreaterThan(depth === 1_000 ? 80 : 100);
      const { b, a, u, seq, cts } = market.contract(symbol)?.view(depth)?.state() ?? {};
      expect({ ...book.levels(), u: book.u, seq: book.seq, cts: book.cts }).toEqual({ b, a, u, seq, cts });
    }
    const touches = DEPTHS.map((depth) => (books.get(`orderbook.${depth}.${symbol}`) as PlainBook).bids.size);
    expect(touches).toEqual(DEPTHS);
  }
});

test('key order and spelling are those of the exchange', () => {
  const market = open(3);
  const texts: string[] = [];
  market.onFrame((frame) => texts.push(frame.bytes.toString()));
  const [deep] = market.subscribe('orderbook.50.1000PEPEUSDT') ?? [];
  const [top] = market.subscribe('orderbook.1.1000PEPEUSDT') ?? [];
  market.subscribe('publicTrade.1000PEPEUSDT');
  market.subscribe('tickers.1000PEPEUSDT');
  market.advance(START + 5_000);
  const level = String.raw`\["0\.00\d{4}0","\d+00"\]`;
  expect(deep?.bytes.toString()).toMatch(
    new RegExp(
      String.raw`^\{"topic":"orderbook\.50\.1000PEPEUSDT","type":"snapshot","ts":\d+,"data":\{"s":"1000PEPEUSDT","b":\[${level}(,${level}){49}\],"a":\[${level}(,${level}){49}\],"u":\d+,"seq":\d+\},"cts":\d+\}$`,
    ),
  );
  expect(top?.bytes.toString()).toMatch(/^\{"topic":"orderbook\.1\.1000PEPEUSDT","ts":\d+,"type":"snapshot","data":/);
  const trade = texts.find((text) => text.startsWith('{"topic":"publicTrade'));
  expect(trade).toMatch(
    /"data":\[\{"T":\d+,"s":"1000PEPEUSDT","S":"(Buy|Sell)","v":"\d+","p":"0\.00\d{5}","L":"\w+","i":"[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[\da-f]{4}-[\da-f]{12}","BT":false,"RPI":(true|false),"seq":\d+\}/,
  );
  const ticker = JSON.parse(texts.find((text) => text.startsWith('{"topic":"tickers')) as string) as Record<
    string,
    unknown
  >;
  expect(Object.keys(ticker)).toEqual(['topic', 'type', 'data', 'cs', 'ts']);
});

test('a trade is told before the delta that shows it, and a level falls by at least what was traded there unless orders came', () => {
  const market = open(5);
  let previousCts = 0;
  let open1: TradeMessage['data'] = [];
  let deltas = 0;
  let matched = 0;
  const late: string[] = [];
  market.onFrame((frame) => {
    const message = JSON.parse(frame.bytes.toString()) as BookMessage & TradeMessage;
    if (frame.kind === 'trade') {
      open1.push(...message.data.filter((trade) => !trade.BT && !trade.RPI));
    } else if (frame.kind === 'delta') {
      deltas++;
      for (const trade of open1)
        if (trade.T <= previousCts || trade.T > message.cts) late.push(`${previousCts} ${trade.T} ${message.cts}`);
      matched += open1.length;
      open1 = [];
      previousCts = message.cts;
    }
  });
  market.subscribe('publicTrade.SOLUSDT');
  market.subscribe('orderbook.50.SOLUSDT');
  market.advance(START + 40_000);
  expect(late).toEqual([]);
  expect(deltas).toBeGreaterThan(400);
  expect(matched).toBeGreaterThan(50);
});

function digest(seed: number, steps: readonly number[], symbols = 6): string {
  const market = open(seed, symbols);
  const hash = createHash('sha256');
  market.onFrame((frame) => hash.update(frame.bytes));
  for (const { listing } of market.contracts) {
    for (const topic of ['orderbook.50', 'orderbook.200', 'publicTrade', 'tickers'])
      market.subscribe(`${topic}.${listing.symbol}`);
  }
  let now = START;
  for (let i = 0; now < START + 8_000; i++) {
    now = Math.min(START + 8_000, now + (steps[i % steps.length] as number));
    market.advance(now);
  }
  market.close();
  return hash.update(JSON.stringify(market.truth)).digest('hex');
}

test('the same seed gives the same bytes however time is cut; another seed gives others', () => {
  const whole = digest(7, [8_000]);
  expect(digest(7, [1, 17, 5, 333])).toBe(whole);
  expect(digest(8, [8_000])).not.toBe(whole);
});

test('a rate is a rate: forty symbols at four thousand frames a second', () => {
  const market = createMarket({ seed: 2, symbols: 40, rate: 4_000, startMs: START });
  let frames = 0;
  market.onFrame((frame) => (frames += frame.depth === 50 ? 1 : 0));
  for (const { listing } of market.contracts) market.subscribe(`orderbook.50.${listing.symbol}`);
  market.advance(START + 3_000);
  expect(frames / 3).toBeGreaterThan(3_800);
  expect(frames / 3).toBeLessThan(4_200);
});

test('a paused market tells what is due and then nothing but the touch every three seconds', () => {
  const market = open(4, 3);
  const kinds: string[] = [];
  market.subscribe('orderbook.1.SOLUSDT');
  market.subscribe('orderbook.50.SOLUSDT');
  market.advance(START + 1_000);
  market.pause();
  market.advance(START + 1_200);
  market.onFrame((frame) => kinds.push(`${frame.depth} ${(JSON.parse(frame.bytes.toString()) as BookMessage).data.u}`));
  market.advance(START + 11_000);
  expect(new Set(kinds).size).toBe(1);
  expect(kinds).toHaveLength(3);
  expect(kinds[0]).toMatch(/^1 /);
  market.resume();
  market.advance(START + 13_000);
  expect(kinds.length).toBeGreaterThan(10);
});

test('on another grid the books start over with prices of that grid, and no subscriber is lost', () => {
  const market = open(6, 4);
  const frames: BookMessage[] = [];
  market.subscribe('orderbook.50.SOLUSDT');
  market.advance(START + 2_000);
  market.onFrame((frame) => frames.push(JSON.parse(frame.bytes.toString()) as BookMessage));
  expect(market.changeGrid('SOLUSDT', '0.05', '1')).toBe(true);
  expect(market.changeGrid('SOLUSDT', 'cheap', '1')).toBe(false);
  market.advance(START + 6_000);
  expect(frames[0]?.type).toBe('snapshot');
  const prices = frames.flatMap(({ data }) => [...data.b, ...data.a].map(([price]) => Math.round(Number(price) * 100)));
  expect(prices.filter((cents) => cents % 5 !== 0)).toEqual([]);
  expect(frames.slice(1).every(({ data }, i) => data.u === (frames[i]?.data.u ?? 0) + 1)).toBe(true);
  expect(market.currentListings().find(({ symbol }) => symbol === 'SOLUSDT')?.tickSize).toBe('0.05');
});
