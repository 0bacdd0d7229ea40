// Is a backtest's result what its executions say, the same every time, and honest about what a recording does not tell?
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runBacktest, type BacktestResult } from '../../src/backtest/backtest.ts';
import { contractRow, readListing } from '../../src/backtest/contracts.ts';
import { runSweep } from '../../src/backtest/sweep.ts';
import type { Config } from '../../src/config/schema.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { ListedInstrument } from '../../src/universe/listing.ts';
import { configOf } from '../config-of.ts';
import { bookFrame, REAL, REAL_INSTRUMENTS } from '../record/recorded.ts';
import { writeMarket } from './market-file.ts';
import { byTrade, exactly, netOf, type Plain } from './oracle.ts';

let directory: string;
let market: string;
let traded: BacktestResult;

const configWith = (...set: string[]): Config => configOf(['trading.position_size_usd=70', ...set]);

const trade = (file: string, ...set: string[]): Promise<BacktestResult> =>
  runBacktest({ files: [file], config: configWith(...set), instruments: undefined, verify: false }, () => undefined);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plotnost-backtest-'));
  market = path.join(directory, 'market.jsonl.gz');
  await writeMarket(market, { seed: 5, symbols: 8, seconds: 50 });
  traded = await trade(market);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Every trade against plain arithmetic on its executions, and all of them against the wallet. */
function expectReconciled({ trades, executions, balance }: BacktestResult): void {
  const plain = byTrade(executions);
  expect([...plain.keys()].sort()).toEqual(trades.map(({ id }) => id).sort());
  let sum = 0n;
  for (const { id, side, size, profitLoss, fees, funding, grossProfit, exitReason } of trades) {
    const own = plain.get(id) as Plain;
    expect([id, own.bought, own.sold]).toEqual([id, exactly(size), exactly(size)]);
    expect([id, exactly(profitLoss ?? '0')]).toEqual([id, netOf(own)]);
    expect([id, exactly(fees) + exactly(funding)]).toEqual([id, own.fees]);
    expect([id, exactly(grossProfit ?? '0')]).toEqual([id, own.value]);
    expect(['long', 'short']).toContain(side);
    expect(exitReason).toBeDefined();
    sum += netOf(own);
  }
  expect(exactly(balance.end) - exactly(balance.start)).toBe(sum);
}

test('each trade brought what its executions say, and the wallet holds their sum', () => {
  expect(traded.trades.length).toBeGreaterThan(5);
  expect(traded.openAtEnd).toEqual([]);
  expect(new Set(traded.trades.map(({ exitReason }) => exitReason)).size).toBeGreaterThan(2);
  expectReconciled(traded);
});

test('every signal is accounted for: it became an order, with what it expected to pay, or a reason says why not', () => {
  const { signals, entries, refused, replay, trades } = traded;
  expect(signals).toBe(replay.signals.breakout + replay.signals.bounce);
  expect(entries + Object.values(refused).reduce((sum, count) => sum + count, 0)).toBe(signals);
  expect(trades.length).toBeLessThanOrEqual(entries);
  expect(traded.told).not.toHaveProperty('clock.gap');
  // A decision is half a spread away from the best price that can be had.
  expect(traded.figures.slippageKnown).toBe(trades.length);
  expect(traded.figures.slippage).toBeGreaterThan(0);
});

test('no trade outlives the recording: what was open is closed at its last book, and says so', () => {
  const last = Math.max(...traded.trades.map(({ exitMs }) => exitMs as number));
  const ended = traded.trades.filter(({ exitReason }) => exitReason === 'shutdown');
  expect(ended.length).toBeGreaterThan(0);
  for (const { exitMs } of ended) expect(last - (exitMs as number)).toBeLessThan(1_000);
});

test('a position is left with the frame that says so, not with the next second of the clock', () => {
  const left = traded.trades.filter(({ exitReason }) => exitReason !== 'shutdown');
  // The recording begins with a full second, and an order is under way for 80 ms at most.
  expect(left.filter(({ exitMs }) => (exitMs as number) % 1_000 > 80).length).toBeGreaterThan(0);
});

test('the same file and settings give the same trades, alone and in a sweep, and luck is drawn from the seed', async () => {
  const options = (...set: string[]) => ({
    files: [market],
    config: configWith(...set),
    instruments: undefined,
    verify: false,
  });
  const seen: number[] = [];
  const [same, unlucky] = await runSweep([options(), options('simulator.seed=9')], {
    threads: 2,
    onProgress: (bytes) => seen.push(bytes),
  });
  expect(same?.tradesSha256).toBe(traded.tradesSha256);
  expect(same?.figures).toEqual(traded.figures);
  expect(unlucky?.tradesSha256).not.toBe(traded.tradesSha256);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('the local high and low reach back over so many hours as the strategy says: to that of four there is room, that of a quarter is too near', async () => {
  const of = (line: string): boolean => ['"plotnost"', '"XRPUSDT', '.XRPUSDT'].some((words) => line.includes(words));
  const lines = gunzipSync(await readFile(market))
    .toString()
    .split('\n')
    .filter(of);
  const alone = path.join(directory, 'alone.jsonl');
  await writeFile(alone, lines.join('\n'));
  const within = async (hours: number): Promise<[number, unknown]> => {
    const { trades, refused } = await trade(alone, `strategy.tp_local_extrema_hours=${hours}`);
    return [trades.length, refused];
  };
  expect([await within(4), await within(0.25)]).toEqual([
    [1, {}],
    [0, { 'G34 room': 1 }],
  ]);
});

test('where neither mark, funding nor grid is told the result reconciles too, and says what was taken instead', async () => {
  // Without candles there is no room before the first minute is over.
  const bare = path.join(directory, 'bare.jsonl.gz');
  await writeMarket(bare, { seed: 5, symbols: 3, seconds: 100, tickers: false, instruments: false });
  const result = await trade(bare, 'strategy.trend_min_change_percent=0.1');
  expect(result.assumptions.join('\n')).toMatch(/order limits of .*\n.*derived.*\nno mark price.*\nno funding rate/);
  expect(result.trades.length).toBeGreaterThan(0);
  expectReconciled(result);
});

test('a guess at a grid that proves too coarse is run once more on the finer one, and is told as a guess still', async () => {
  const coarse = path.join(directory, 'coarse.jsonl');
  const frames = [
    bookFrame('snapshot', 1, [['99.5', '1']], [['100.0', '1']]),
    bookFrame('delta', 2, [['99.46', '3']], []),
  ];
  await writeFile(coarse, frames.join('\n'));
  const { assumptions, replay } = await trade(coarse);
  expect(replay.instruments).toEqual({ SOLUSDT: { source: 'derived', tickSize: '0.02', qtyStep: '1', refined: 1 } });
  expect(assumptions).toContain('tick and lot of SOLUSDT are derived from what was printed');
});

test('an archive whose guess proved too coarse keeps its books also where a recording behind it names a coarser tick for its own time', async () => {
  const files = [path.join(directory, 'archive.jsonl'), path.join(directory, 'named.jsonl')] as const;
  const whole = (u: number): string => bookFrame('snapshot', u, [['99.5', '1']], [['100.0', '1']]);
  await writeFile(files[0], [whole(1), bookFrame('delta', 2, [['99.46', '3']], [])].join('\n'));
  const row = { symbol: 'SOLUSDT', tickSize: '0.5', qtyStep: '1', priceScale: 2 };
  const head = { plotnost: 'recording', version: 1, environment: 'simulator', instruments: [row] };
  const frame = { t: 1_733_011_300_000, c: 1, f: whole(50) };
  await writeFile(files[1], [head, frame].map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { replay } = await runBacktest(
    { files, config: configWith(), instruments: undefined, verify: false },
    () => {},
  );
  expect(replay).toMatchObject({
    deltas: 1,
    gaps: 0,
    instruments: { SOLUSDT: { source: 'recording', tickSize: '0.50' } },
  });
});

test('between two recordings lie hours: nothing is held over them, and trading goes on with the next, also where that one tells no mark price', async () => {
  const next = path.join(directory, 'next.jsonl.gz');
  const startMs = (traded.trades.at(-1)?.exitMs as number) + 5 * 3_600_000;
  await writeMarket(next, { seed: 5, symbols: 4, seconds: 40, startMs, tickers: false });
  const options = { files: [market, next], config: configWith(), instruments: undefined, verify: false };
  const result = await runBacktest(options, () => undefined);
  const left = result.trades.filter(({ exitReason }) => exitReason === 'emergency_connection_loss');
  expect(left.length).toBeGreaterThan(0);
  for (const { exitMs } of left) expect(exitMs).toBeLessThan(startMs - 4 * 3_600_000);
  expect(result.trades.filter(({ entryMs }) => entryMs > startMs).length).toBeGreaterThan(0);
  expect(result.assumptions.at(-3)).toMatch(/^no mark price of (?:[A-Z]+USDT(?:, )?){4}: /);
  expect(result.assumptions.at(-1)).toMatch(/^nothing was recorded for over 30 s, once:/);
  expectReconciled(result);
});

test('what is still being closed when a silence ends holds trading up until it is closed, and no longer', async () => {
  const next = path.join(directory, 'soon.jsonl.gz');
  // The first recording ends after 50 s; 30 s later its positions are given up, and 50 ms after that they are closed.
  const startMs = 1_786_310_820_000 + 50_000 + 30_030;
  await writeMarket(next, { seed: 5, symbols: 6, seconds: 70, startMs });
  const options = { files: [market, next], config: configWith(), instruments: undefined, verify: false };
  const { trades } = await runBacktest(options, () => undefined);
  const left = trades.filter(({ exitReason }) => exitReason === 'emergency_connection_loss');
  expect(left.filter(({ exitMs }) => exitMs !== undefined && exitMs > startMs).length).toBeGreaterThan(0);
  expect(trades.filter(({ entryMs }) => entryMs > startMs).length).toBeGreaterThan(0);
});

test('a recording that lies back behind the one before it is doubted, for nothing of it can be traded, beside what the settings forbid', async () => {
  const files = [path.join(directory, 'later.jsonl.gz'), path.join(directory, 'earlier.jsonl.gz')] as const;
  await writeMarket(files[0], { seed: 5, symbols: 2, seconds: 3 });
  await writeMarket(files[1], { seed: 6, symbols: 2, seconds: 1 });
  const config = configWith('safety.emergency_close_all=false', 'trading.position_size_usd=2');
  const options = { files, config, instruments: undefined, verify: false };
  const { doubts } = await runBacktest(options, () => undefined);
  const lies = 'the recordings are not in the order of their times: what lies back is refused as stale';
  expect(doubts).toEqual([
    expect.stringMatching(/^trading\.position_size_usd: no watched symbol can be traded with 2 USDT: /),
    'safety.emergency_close_all: false: a lost connection alerts and ends entries, and closes nothing',
    lies,
  ]);
  expect(traded.doubts).not.toContain(lies);
});

test('a position whose book breaks before the end is told as open, and no exit is made up for it', async () => {
  const text = gunzipSync(await readFile(market))
    .toString('latin1')
    .split('\n');
  const broken = path.join(directory, 'broken.jsonl.gz');
  // The recording ends where something is held, and each symbol's last delta names an update that is far ahead.
  const held = traded.trades.find(({ exitReason }) => exitReason !== 'shutdown');
  const endMs = held?.entryMs as number;
  const lines: string[] = [];
  const lastOf = new Map<string, { line: string; t: number }>();
  for (const line of text) {
    const { t, f } = line === '' ? {} : (JSON.parse(line) as { t?: number; f?: string });
    if (t !== undefined && t > endMs + 200) break;
    lines.push(line);
    const topic = /"topic":"(orderbook\.200\.[^"]+)","type":"delta"/.exec(f ?? '')?.[1];
    if (topic !== undefined && t !== undefined) lastOf.set(topic, { line, t });
  }
  for (const { line } of lastOf.values()) {
    const { c, f } = JSON.parse(line) as { c: number; f: string };
    lines.push(JSON.stringify({ t: endMs + 200, c, f: f.replace(/"u":\d+/, '"u":99999999') }));
  }
  await writeFile(broken, gzipSync(Buffer.from(`${lines.join('\n')}\n`, 'latin1')));
  const result = await trade(broken);
  expect(result.openAtEnd.map(({ id }) => id)).toContain(held?.id);
  const row = result.trades.find(({ id }) => id === held?.id);
  expect(row).toMatchObject({ exitMs: undefined, exitReason: undefined, profitLoss: undefined });
  expect(result.figures.trades).toBe(result.trades.length - result.openAtEnd.length);
});

test('a ticker torn in the recording is counted, and trading goes on', async () => {
  const lines = gunzipSync(await readFile(market))
    .toString('latin1')
    .split('\n');
  const at = lines.findLastIndex((line) => line.includes('tickers.'));
  const { t, c, f } = JSON.parse(lines[at] as string) as { t: number; c: number; f: string };
  lines.splice(at, 0, JSON.stringify({ t, c, f: f.slice(0, -20) }));
  const torn = path.join(directory, 'torn.jsonl.gz');
  await writeFile(torn, gzipSync(Buffer.from(lines.join('\n'), 'latin1')));
  const { replay, tradesSha256 } = await trade(torn);
  expect([replay.unreadable, tradesSha256]).toEqual([1, traded.tradesSha256]);
});

test('order limits that were listed for another grid are not those of a contract', async () => {
  const listing = await readListing(REAL_INSTRUMENTS);
  const listed = listing.get('DOGEUSDT') as ListedInstrument;
  expect(contractRow(listed.instrument, listing)).toEqual({ row: listed, isUsual: false });
  const finer = createInstrument('DOGEUSDT', '0.00001', '0.1') as Instrument;
  const { row, isUsual } = contractRow(finer, listing);
  expect([isUsual, row.instrument, row.terms?.lotsMin]).toEqual([true, finer, 1]);
});

test('on frames of the real exchange the list of instruments tells what orders keep to', async () => {
  const options = { files: [REAL], config: configWith(), instruments: REAL_INSTRUMENTS, verify: true };
  const result = await runBacktest(options, () => undefined);
  expect(result.replay.verify?.differences).toBe(0);
  expect(result.assumptions).toHaveLength(1);
  expect(result.replay.instruments).toMatchObject({ BTCUSDT: { source: 'file' }, DOGEUSDT: { source: 'file' } });
  expectReconciled(result);
});
