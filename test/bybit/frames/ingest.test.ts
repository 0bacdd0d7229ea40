// When does a frame change what may be believed of a book? Hand-made frames through the one door.
import { beforeEach, expect, test } from 'vitest';
import { Ingest } from '../../../src/bybit/frames/ingest.ts';
import type { Depth, Outcome } from '../../../src/bybit/frames/ingest-port.ts';
import { CHANGE_BUY, CHANGE_RPI_SELL, createBooks } from '../../../src/book/layout.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { Slot } from '../../../src/market/units.ts';
import { readFlow } from '../../../src/tape/flow.ts';
import {
  createTape,
  FACT_CHANGE,
  FACT_HIGH,
  FACT_LAST,
  FACT_LOW,
  FACT_MARK,
  FACT_MINUTE,
  FACT_TURNOVER,
  readFact,
} from '../../../src/tape/layout.ts';
import { widenMinute } from '../../../src/tape/write.ts';
import { ChangeReader } from '../../book/change-reader.ts';

type Levels = readonly (readonly [price: string, size: string])[];

const SOL = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const BTC = createInstrument('BTCUSDT', '0.10', '0.001', 2) as Instrument;
const [S, B] = [0 as Slot, 1 as Slot];
const START = 1_786_310_820_000;
const BIDS: Levels = [
  ['77.300', '12.5'],
  ['77.290', '4.0'],
];
const ASKS: Levels = [['77.310', '20.8']];

let books = createBooks(3);
let tape = createTape(3);
let ingest = new Ingest(books, tape);
let now = 0;

function send(text: string, connection = 7): Outcome {
  return ingest.frame(Buffer.from(text), connection, ++now as Ms);
}

function frame(type: string, u: number, b: Levels, a: Levels, over: Record<string, unknown> = {}): string {
  const { depth = 50, symbol = 'SOLUSDT', inside = symbol, seq = u * 10, ts = START + u, cts = START + u } = over;
  const data = { s: inside, b, a, u, seq };
  return JSON.stringify({
    topic: `orderbook.${String(depth)}.${String(symbol)}`,
    type,
    ts,
    data,
    cts,
  });
}

const snapshot = (u = 10, b = BIDS, a = ASKS, over = {}): string => frame('snapshot', u, b, a, over);
const delta = (u: number, b: Levels, a: Levels = [], over = {}): string => frame('delta', u, b, a, over);
const touch = (seq: number, bid: string, ask: string): string =>
  frame('snapshot', 900, [[bid, '1.0']], [[ask, '1.0']], { depth: 1, seq });

beforeEach(() => {
  books = createBooks(3);
  tape = createTape(3);
  ingest = new Ingest(books, tape);
  now = 0;
  ingest.attach(S, SOL, 50);
  ingest.attach(B, BTC, 50);
  ingest.bind(S, 7);
  ingest.bind(B, 7);
});

test('B04: a delta before the snapshot is dropped; the snapshot makes the book live, and deltas follow', () => {
  expect(ingest.trust(S)).toBe('syncing');
  expect(send(delta(10, BIDS))).toBe('dropped');
  expect(send(snapshot(10))).toBe('snapshot');
  expect(send(delta(11, [['77.300', '0']]))).toBe('delta');
  expect(ingest.trust(S)).toBe('live');
  expect(ingest.readSide(S, 0, 50)).toEqual([[7_729, 40]]);
  expect(ingest.sequence(S)).toEqual({ u: 11, seq: 110, cts: START + 11 });
  expect(ingest.trust(B)).toBe('syncing');
});

test.each([
  ['B01: a hole in u', 12],
  ['B02: the same delta again', 10],
  ['B02: an older delta', 9],
  ['B03: a delta from far ahead', 999],
  ['a delta that says u = 1 without being a snapshot', 1],
])('%s is a gap: nothing is applied and nothing more until a snapshot', (_name, u) => {
  send(snapshot(10));
  expect(send(delta(u, [['77.300', '99.0']]))).toBe('gap');
  expect([ingest.trust(S), ingest.reason, ingest.slot]).toEqual(['suspect', 'sequence', S]);
  expect(ingest.readSide(S, 0, 1)).toEqual([[7_730, 125]]);
  expect(send(delta(11, BIDS))).toBe('dropped');
  expect(ingest.trust(S)).toBe('suspect');
  expect(send(snapshot(500))).toBe('snapshot');
  expect(ingest.trust(S)).toBe('live');
  expect(send(delta(501, []))).toBe('delta');
});

test('a delta that tells an earlier moment of the engine than the book is a gap, whichever reader reads it; a snapshot may', () => {
  for (const blank of ['', ' ']) {
    const sent = (text: string): Outcome => send(text.replace('{', `{${blank}`));
    expect(sent(snapshot(10, BIDS, ASKS, { seq: 100 }))).toBe('snapshot');
    expect(sent(delta(11, BIDS, [], { seq: 100 }))).toBe('delta');
    expect(sent(delta(12, [['77.300', '99.0']], [], { seq: 99 }))).toBe('gap');
    expect([ingest.trust(S), ingest.reason, ingest.readSide(S, 0, 1)]).toEqual(['suspect', 'sequence', [[7_730, 125]]]);
  }
});

test.each([1, 10, 11, 4])('B05: a snapshot in mid-stream replaces everything, even with u = %i', (u) => {
  send(snapshot(10));
  expect(send(snapshot(u, [['70.000', '1.0']], [['70.010', '2.0']]))).toBe('snapshot');
  expect(ingest.trust(S)).toBe('live');
  expect([ingest.readSide(S, 0, 50), ingest.readSide(S, 1, 50)]).toEqual([[[7_000, 10]], [[7_001, 20]]]);
  expect(send(delta(u + 1, [['69.000', '1.0']]))).toBe('delta');
});

test.each([
  ['B06: crossed', delta(11, [['77.310', '1.0']]), 'gap', 'crossed'],
  ['B12: off the tick', delta(11, [['77.305', '1.0']]), 'grid', 'off-grid'],
  ['B12: off the step', delta(11, [['77.290', '1.05']]), 'grid', 'off-grid'],
  ['B11: a price of zero', delta(11, [['0', '1.0']]), 'grid', 'off-grid'],
  ['B11: a negative price', delta(11, [['-77.290', '1.0']]), 'unreadable', 'unreadable'],
  ['B15: a negative size', delta(11, [['77.290', '-1.0']]), 'unreadable', 'unreadable'],
  ['B11: an exponent', delta(11, [['7.729e1', '1.0']]), 'unreadable', 'unreadable'],
  ['B16: another symbol inside', delta(11, BIDS, [], { inside: 'BTCUSDT' }), 'unreadable', 'unreadable'],
  ['W15: a frame cut short', delta(11, BIDS).slice(0, -30), 'unreadable', 'unreadable'],
  ['W15: a frame without its u', delta(11, BIDS).replace('"u":11,', ''), 'unreadable', 'unreadable'],
])('%s: the book is not live until its next snapshot', (_name, text, outcome, reason) => {
  send(snapshot(10));
  expect(send(text)).toBe(outcome);
  expect([ingest.trust(S), ingest.reason, ingest.slot]).toEqual(['suspect', reason, S]);
  expect(send(delta(11, []))).toBe('dropped');
  expect(send(delta(12, []))).toBe('dropped');
  expect(send(snapshot(20))).toBe('snapshot');
  expect([ingest.trust(S), ...ingest.readSide(S, 0, 50)]).toEqual(['live', [7_730, 125], [7_729, 40]]);
});

test('B11: more digits than are exact are off the grid of their contract, and nothing against the connection of its neighbours', () => {
  const vast = '1000000000000000.1';
  send(snapshot(10));
  expect(send(delta(11, [['77.290', '100.00000000000000']]))).toBe('delta');
  expect(ingest.readSide(S, 0, 2)).toEqual([
    [7_730, 125],
    [7_729, 1_000],
  ]);
  expect([send(delta(12, [['77.290', vast]])), ingest.trust(S), ingest.reason]).toEqual([
    'grid',
    'suspect',
    'off-grid',
  ]);
  expect([send(snapshot(20, [[vast, '1.0']])), send(snapshot(30))]).toEqual(['grid', 'snapshot']);
  const data = [{ T: START, s: 'SOLUSDT', S: 'Buy', v: vast, p: '77.310', i: 'x', BT: false }];
  expect(send(JSON.stringify({ topic: 'publicTrade.SOLUSDT', type: 'snapshot', ts: START, data }))).toBe('trade');
  expect(ingest.counts).toMatchObject({ unreadable: 0, offGridTrades: 1, trades: 0 });
});

test('a snapshot that is itself wrong leaves the book suspect', () => {
  for (const bad of [snapshot(10, [['77.310', '1.0']]), snapshot(11, [['77.3051', '1.0']])]) {
    send(bad);
    expect(ingest.trust(S)).toBe('suspect');
  }
});

test('B10: frames of another connection, of another depth, of nobody, or of a topic that nobody reads are dropped', () => {
  send(snapshot(10));
  const frames: [string, number][] = [
    [delta(11, BIDS), 6],
    [snapshot(99, []), 6],
    [snapshot(10).slice(0, -9), 6],
    [snapshot(10, BIDS, ASKS, { depth: 200 }), 7],
    [delta(11, BIDS, [], { depth: 1000 }), 7],
    [snapshot(10, BIDS, ASKS, { symbol: 'DOGEUSDT' }), 7],
    ['{"topic":"kline.1.SOLUSDT","data":[],"ts":1,"type":"snapshot"}', 7],
  ];
  for (const [text, connection] of frames)
    expect(send(text, connection)).toBe(text.endsWith('}') ? 'dropped' : 'unreadable');
  expect(ingest.trust(S)).toBe('live');
  expect(ingest.lastFrame(S)).toBe(1);
  expect(send(delta(11, []))).toBe('delta');
});

test('B10: after a new connection was bound only its frames count', () => {
  send(snapshot(10));
  ingest.distrust(S, 'syncing');
  ingest.bind(S, 8);
  expect([send(delta(11, BIDS), 7), send(snapshot(12), 7), send(delta(11, BIDS), 8)]).toEqual(Array(3).fill('dropped'));
  expect(ingest.trust(S)).toBe('syncing');
  expect(send(snapshot(3), 8)).toBe('snapshot');
});

test('another depth takes over with its own snapshot and its own u; the old topic then counts no more', () => {
  send(snapshot(10));
  ingest.expectDepth(S, 200);
  expect(send(delta(77, BIDS, [], { depth: 200 }))).toBe('dropped');
  expect(send(delta(11, [['77.280', '1.0']]))).toBe('delta');
  expect(send(snapshot(300, BIDS, ASKS, { depth: 200 }))).toBe('snapshot');
  expect(send(delta(12, BIDS))).toBe('dropped');
  expect(send(snapshot(13))).toBe('dropped');
  expect(send(delta(301, [], [], { depth: 200 }))).toBe('delta');
  expect(ingest.readSide(S, 0, 50)).toHaveLength(2);
});

test('another depth whose first snapshot is no book does not take over: the present one goes on with its own', () => {
  send(snapshot(10));
  ingest.expectDepth(S, 200);
  expect(send(snapshot(300, ASKS, BIDS, { depth: 200 }))).toBe('gap');
  expect(send(snapshot(11))).toBe('snapshot');
  expect(send(delta(12, BIDS))).toBe('delta');
  expect(send(snapshot(301, BIDS, ASKS, { depth: 200 }))).toBe('snapshot');
  expect(send(delta(13, BIDS))).toBe('dropped');
});

test('an expected depth that is called off never takes over', () => {
  send(snapshot(10));
  ingest.expectDepth(S, 200);
  ingest.expectDepth(S, 50 as Depth);
  expect(send(snapshot(300, BIDS, ASKS, { depth: 200 }))).toBe('dropped');
});

test('B14: what a delta pushes beyond the depth is gone, and does not come back by itself', () => {
  const price = (i: number) => (77.3 - i / 100).toFixed(3);
  send(
    snapshot(
      10,
      Array.from({ length: 50 }, (_, i) => [price(i + 1), '1.0'] as const),
    ),
  );
  send(delta(11, [[price(0), '2.0']]));
  expect(ingest.readSide(S, 0, 99).at(-1)).toEqual([7_730 - 49, 10]);
  send(delta(12, [[price(0), '0.0']]));
  expect(ingest.readSide(S, 0, 99)).toHaveLength(49);
});

test('B18: orderbook.1 that contradicts the book at the same seq, twice in a row, is a gap', () => {
  send(snapshot(10)); // seq 100
  expect(send(touch(100, '77.300', '77.310'))).toBe('touch');
  expect(send(touch(100, '77.290', '77.310'))).toBe('touch');
  expect(send(touch(101, '77.200', '77.310'))).toBe('touch'); // another moment: no evidence
  expect(send(touch(100, '77.300', '77.310'))).toBe('touch'); // agreed: counted anew
  expect(send(touch(100, '77.290', '77.310'))).toBe('touch');
  expect(ingest.trust(S)).toBe('live');
  expect(send(touch(100, '77.300', '77.320'))).toBe('gap');
  expect([ingest.trust(S), ingest.reason]).toEqual(['suspect', 'mismatch']);
  expect(send(touch(100, '77.300', '77.310'))).toBe('touch');
  expect(ingest.trust(S)).toBe('suspect');
  // A new book has contradicted nobody yet.
  for (let i = 0; i < 2; i++)
    expect([send(snapshot(20)), send(touch(200, '77.290', '77.310'))]).toEqual(['snapshot', 'touch']);
  expect(ingest.trust(S)).toBe('live');
});

test('B18: a side without a level is empty in orderbook.1 too', () => {
  send(snapshot(10, BIDS, []));
  for (let i = 0; i < 2; i++) expect(send(frame('snapshot', 900, BIDS, [], { depth: 1, seq: 100 }))).toBe('touch');
  expect(ingest.trust(S)).toBe('live');
  expect([1, 2].map(() => send(touch(100, '77.300', '77.310')))).toEqual(['touch', 'gap']);
});

test('B08: a quiet book that went stale lives again when orderbook.1 agrees with it, or with its own next delta', () => {
  send(snapshot(10));
  ingest.distrust(S, 'stale');
  expect(send(touch(90, '77.200', '77.310'))).toBe('touch');
  expect(ingest.trust(S)).toBe('stale');
  send(touch(90, '77.300', '77.310'));
  expect(ingest.trust(S)).toBe('live');
  ingest.distrust(S, 'stale');
  expect(send(delta(11, []))).toBe('delta');
  expect(ingest.trust(S)).toBe('live');
  ingest.distrust(S, 'stale');
  expect(send(delta(13, []))).toBe('gap');
});

test('a book is heard in its own messages and in a touch that agrees with it, a symbol in whatever is told of it', () => {
  const heard = (text: string) => [send(text), ingest.bookHeardAt(S), ingest.lastFrame(S)];
  const trades = JSON.stringify({ topic: 'publicTrade.SOLUSDT', type: 'snapshot', ts: START, data: [] });
  const ticker = JSON.stringify({ topic: 'tickers.SOLUSDT', type: 'delta', data: { symbol: 'SOLUSDT' }, ts: START });
  expect(heard(touch(90, '77.300', '77.310'))).toEqual(['touch', 0, 1]);
  expect(heard(snapshot(10))).toEqual(['snapshot', 2, 2]);
  expect(heard(delta(11, []))).toEqual(['delta', 3, 3]);
  expect(heard(touch(110, '77.300', '77.310'))).toEqual(['touch', 4, 4]);
  // Its topic may be dead: the best price has moved, and the book has not.
  expect(heard(touch(120, '77.320', '77.330'))).toEqual(['touch', 4, 5]);
  expect(heard(trades)).toEqual(['trade', 4, 6]);
  expect(heard(ticker)).toEqual(['ticker', 4, 7]);
  expect(heard(frame('delta', 901, [], [], { depth: 1 }))).toEqual(['dropped', 4, 7]);
  expect(heard(delta(99, []))).toEqual(['gap', 4, 9]);
  expect(heard(touch(110, '77.300', '77.310'))).toEqual(['touch', 4, 10]);
});

test('only a live book becomes stale, and a slot without a symbol never becomes anything', () => {
  ingest.distrust(S, 'stale');
  expect(ingest.trust(S)).toBe('syncing');
  send(snapshot(10));
  ingest.distrust(S, 'suspect');
  ingest.distrust(S, 'stale');
  expect(ingest.trust(S)).toBe('suspect');
  ingest.detach(S);
  ingest.distrust(S, 'syncing');
  expect(ingest.trust(S)).toBe('dead');
  expect(send(snapshot(11))).toBe('dropped');
});

test('a slot given to another symbol knows nothing of the last one', () => {
  send(snapshot(10));
  ingest.expectDepth(S, 200);
  ingest.detach(S);
  ingest.attach(S, { ...SOL, symbol: 'ETHUSDT' }, 50);
  expect(send(snapshot(11, BIDS, ASKS, { symbol: 'ETHUSDT' }))).toBe('dropped');
  ingest.bind(S, 7);
  expect(send(snapshot(11))).toBe('dropped');
  expect(send(delta(11, BIDS, [], { symbol: 'ETHUSDT' }))).toBe('dropped');
  expect([ingest.trust(S), ingest.readSide(S, 0, 9), ingest.slotOf('SOLUSDT')]).toEqual(['syncing', [], undefined]);
  expect([ingest.lastFrame(S), ingest.bookHeardAt(S)]).toEqual([0, 0]);
  expect(send(snapshot(1, BIDS, ASKS, { symbol: 'ETHUSDT', depth: 200 }))).toBe('dropped');
  expect(send(snapshot(1, BIDS, ASKS, { symbol: 'ETHUSDT' }))).toBe('snapshot');
});

const trade = (over: Record<string, unknown> = {}) => ({
  T: START,
  s: 'SOLUSDT',
  S: 'Buy',
  v: '2.5',
  p: '77.310',
  L: 'PlusTick',
  i: 'x',
  BT: false,
  RPI: false,
  seq: 1,
  ...over,
});

test('trades join the changes before their message and the tape; block trades do neither, off-grid ones are counted', () => {
  const changes = new ChangeReader(books, S);
  send(snapshot(10));
  changes.read();
  const data = [
    trade(),
    trade({ S: 'Sell', RPI: true, p: '77.300', v: '1.0', T: START + 150 }),
    trade({ BT: true, v: '9999.0' }),
    trade({ p: '77.305' }),
    trade({ v: '0.05' }),
    trade({ p: '0.000' }),
    trade({ v: '0.0' }),
  ];
  expect(send(JSON.stringify({ topic: 'publicTrade.SOLUSDT', type: 'snapshot', ts: START, data }))).toBe('trade');
  send(delta(11, []));
  expect(changes.read().at(-1)?.entries).toEqual([
    [CHANGE_BUY, 7_731, 25, START],
    [CHANGE_RPI_SELL, 7_730, 10, START + 150],
  ]);
  expect(ingest.counts).toMatchObject({ trades: 2, offGridTrades: 4, fallbacks: 0 });
  const { bought, sold, trades } = readFlow(tape, S, (START + 150) as Ms, 1_000 as Ms);
  expect([bought, sold, trades]).toEqual([7_731 * 25, 7_730 * 10, 2]);
});

test.each([
  ['as the exchange prints it', ''],
  ['for the strict reader', ' '],
])(
  'a trade from far ahead of its own message, %s, trades when it is told, and what comes behind it counts',
  (_name, blank) => {
    const tell = (T: number, sent = `"ts":${START + 100},`): void => {
      const data = JSON.stringify([trade({ T })]);
      send(`{${blank}"topic":"publicTrade.SOLUSDT","type":"snapshot",${sent}"data":${data}}`);
    };
    const minute = Math.floor(START / 60_000);
    widenMinute(tape, S, minute - 1, 8_000, 7_000);
    tell(START + 86_400_000);
    tell(START + 100);
    const facts = [FACT_HIGH, FACT_LOW, FACT_MINUTE].map((fact) => readFact(tape, S, fact));
    expect(facts).toEqual([8_000, 7_000, minute]);
    expect(readFlow(tape, S, (START + 100) as Ms, 1_000 as Ms).trades).toBe(2);
    // Where the message does not say when it was told, the trade's own time is all there is.
    tell(START + 50_000, '');
    expect(readFlow(tape, S, (START + 50_000) as Ms, 1_000 as Ms).trades).toBe(1);
  },
);

const HOUR = 3_600_000;

test.each([
  ['is ahead of its sending', { cts: START + HOUR }, START + 11],
  ['is an hour before the last message, and its sending is not', { cts: START - HOUR }, START + 11],
  ['is an hour before the last message, and so is its sending', { cts: START - HOUR, ts: START - HOUR }, START - HOUR],
  ['stands against a sending of an hour before', { ts: START - HOUR }, START + 11],
  ['stands against a sending of an hour after', { ts: START + HOUR }, START + 11],
  ['is as old as a snapshot may be', { cts: START - 4_000 }, START - 4_000],
])('a message whose time of matching %s has the time that most stamps bear out', (_what, stamps, wanted) => {
  for (const blank of ['', ' ']) {
    send(snapshot(10));
    expect(send(delta(11, [['77.300', '1.0']], [], stamps).replace('{', `{${blank}`))).toBe('delta');
    expect(ingest.sequence(S).cts).toBe(wanted);
  }
});

test('a message that does not tell its time of matching has that of its sending', () => {
  const untimed = (text: string): string => text.replace(/,"cts":\d+/, '');
  expect([send(untimed(snapshot(10))), ingest.sequence(S).cts]).toEqual(['snapshot', START + 10]);
  expect([send(untimed(delta(11, [['77.300', '1.0']]))), ingest.sequence(S).cts]).toEqual(['delta', START + 11]);
  expect([ingest.counts.fallbacks, ingest.counts.unreadable]).toEqual([2, 0]);
});

test.each([
  ['says no time of its sending', ''],
  ['was sent as far ahead', `"ts":${START + 2 * HOUR},`],
])('a trade hours ahead of its book, told by a message that %s, never traded, and is counted', (_what, sent) => {
  const changes = new ChangeReader(books, S);
  send(snapshot(10));
  changes.read();
  const tell = (T: number, ts: string) =>
    send(`{"topic":"publicTrade.SOLUSDT","type":"snapshot",${ts}"data":${JSON.stringify([trade({ T })])}}`);
  expect(tell(START + 2 * HOUR, sent)).toBe('trade');
  expect(ingest.counts).toMatchObject({ trades: 0, aheadTrades: 1 });
  // A quiet book is minutes old, not hours.
  tell(START + HOUR, `"ts":${START + HOUR},`);
  expect(ingest.counts).toMatchObject({ trades: 1, aheadTrades: 1 });
  expect(readFact(tape, S, FACT_MINUTE)).toBe((START + HOUR) / 60_000);
  send(delta(11, []));
  expect(changes.read().at(-1)?.entries).toEqual([[CHANGE_BUY, 7_731, 25, START + HOUR]]);
});

test('only a trade on the grid that is neither block nor RPI took from the visible book', () => {
  const trades = (...data: object[]) =>
    send(JSON.stringify({ topic: 'publicTrade.SOLUSDT', type: 'snapshot', ts: START, data }));
  const ate = (...data: object[]): boolean => (trades(...data), ingest.ate);
  expect([ate(trade()), ate(), ate(trade({ RPI: true })), ate(trade({ BT: true }))]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect([ate(trade({ p: '77.305' })), ate(trade({ RPI: true }), trade())]).toEqual([false, true]);
});

test('a last price has moved where a ticker tells another one than before, not where it tells none, or the first', () => {
  const moved = (data: object): boolean => {
    send(JSON.stringify({ topic: 'tickers.SOLUSDT', type: 'delta', data: { symbol: 'SOLUSDT', ...data }, ts: START }));
    return ingest.moved;
  };
  const told = [{ lastPrice: '77.310' }, { lastPrice: '77.31' }, { lastPrice: '77.32' }, { markPrice: '77' }];
  expect(told.map(moved)).toEqual([false, false, true, false]);
  // A trade that was heard explains it, however late it is told.
  send(JSON.stringify({ topic: 'publicTrade.SOLUSDT', type: 'snapshot', ts: START, data: [trade({ p: '77.330' })] }));
  expect([{ lastPrice: '77.33' }, { lastPrice: '77.34' }].map(moved)).toEqual([false, true]);
});

test('a ticker says only what it carries; a wrong trade or ticker frame accuses no book', () => {
  const ticker = (data: object) => JSON.stringify({ topic: 'tickers.SOLUSDT', type: 'delta', data, cs: 1, ts: START });
  const facts = () => [FACT_CHANGE, FACT_LAST, FACT_MARK, FACT_TURNOVER].map((fact) => readFact(tape, S, fact));
  send(snapshot(10));
  expect(facts()).toEqual([NaN, 0, 0, 0]);
  expect(send(ticker({ symbol: 'SOLUSDT', price24hPcnt: '-0.0125', lastPrice: '77.31', turnover24h: '' }))).toBe(
    'ticker',
  );
  expect(facts()).toEqual([-1.25, 77.31, 0, 0]);
  send(ticker({ symbol: 'SOLUSDT', markPrice: '77.3', turnover24h: '1142257236123.589712' }));
  expect(facts()).toEqual([-1.25, 77.31, 77.3, Number('1142257236123.589712')]);
  expect(ingest.counts.fallbacks).toBe(1);
  expect(send(ticker({ symbol: 'BTCUSDT', lastPrice: '1' }))).toBe('unreadable');
  expect(send('{"topic":"publicTrade.SOLUSDT","data":[{}]}')).toBe('unreadable');
  expect(ingest.trust(S)).toBe('live');
});

test('a change of the day is the percentage that its digits say, whichever reader reads it', () => {
  const told = (text: string, blank = ''): unknown => {
    send(`{${blank}"topic":"tickers.SOLUSDT","type":"delta","data":{"symbol":"SOLUSDT","price24hPcnt":"${text}"}}`);
    return readFact(tape, S, FACT_CHANGE);
  };
  for (let i = 1; i <= 2_000; i++) {
    const text = `0.${String(i).padStart(4, '0')}`;
    const percent = Number((i / 100).toFixed(2));
    expect([told(text), told(`-${text}`), told(text, ' ')], text).toEqual([percent, -percent, percent]);
  }
  expect(['1', '0.1', '-0.05', '0.033333333333333'].map((text) => told(text))).toEqual([100, 10, -5, 3.3333333333333]);
});

test.each(['UNKNOWN', '-', '1E+2', '', null, 77.4])(
  'a ticker whose mark price is %j says the rest of it',
  (markPrice) => {
    const data = { symbol: 'SOLUSDT', lastPrice: '77.31', markPrice };
    expect(send(JSON.stringify({ topic: 'tickers.SOLUSDT', type: 'delta', data, cs: 1, ts: START }))).toBe('ticker');
    expect([FACT_LAST, FACT_MARK].map((fact) => readFact(tape, S, fact))).toEqual([77.31, 0]);
  },
);

test('an answer to a request is control, whatever its shape, and counts as no frame of a symbol', () => {
  for (const text of ['{"op":"ping","ret_msg":"pong","success":true}', '{"op":"x","args":[1e5]}', '{ "op": "x" }'])
    expect([send(text), ingest.slot]).toEqual(['control', -1]);
  expect(ingest.counts).toMatchObject({ fallbacks: 0, dropped: 0, unreadable: 0 });
  expect(send('pong')).toBe('unreadable');
});
