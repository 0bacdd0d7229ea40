// Does the row of a trade say what the decision behind it expected to pay, and are sessions and lives told whole?
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { Usdt } from '../../../src/market/units.ts';
import type { ExecutionRow as Execution, TradeRow as Told } from '../../../src/position/trade/result.ts';
import { type AnalysisEvent, E_SIGNAL_KIND, EVENT_STRIDE, readEvent } from '../../../src/scan/event.ts';
import { Chronicle } from '../../../src/store/rows/chronicle.ts';
import type { BookMoment } from '../../../src/store/rows/market-rows.ts';
import type { DensityRow, Row, TradeRow } from '../../../src/store/rows/rows.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createVirtualClock } from '../../bybit/virtual-clock.ts';

const DOGE = createInstrument('DOGEUSDT', '0.00001', '1', 5) as Instrument;
const THRESHOLDS = {
  densityThresholdAbs: 50_000,
  densityThresholdRelative: 3,
  densityRoundMultiplier: 1,
  densityThresholdPercent: 5,
};
const SESSION = { sessionId: 's', environment: 'simulator', mode: 'live', version: '', node: '', config: {} };

function signal(life: number): AnalysisEvent {
  const nothing = readEvent(new Float64Array(EVENT_STRIDE), 0);
  // The mid lies between two ticks: 0.102135.
  return { ...nothing, kind: 'signal', signal: 'bounce', life, price: 10_212, middle: 20_427 };
}

function trade(signalId: string): Told {
  return {
    id: 'd1-a-1-17-E',
    symbol: 'DOGEUSDT',
    side: 'long',
    signalType: 'bounce',
    signalId,
    entryMs: 1_000 as Ms,
    entryPrice: '0.10214',
    size: '250',
    notional: '25.535',
    leverage: 10,
    stopLossPrice: '0.10181',
    parameters: {},
    configHash: '9f2c',
    exitMs: undefined,
    exitPrice: undefined,
    fees: '0',
    funding: '0',
    grossProfit: undefined,
    profitLoss: undefined,
    profitLossPercent: undefined,
    stopLossTriggered: false,
    exitReason: undefined,
    isComplete: false,
  };
}

function open(): { chronicle: Chronicle; expected: (signalId: string) => string | undefined } {
  const rows: Row[] = [];
  const chronicle = new Chronicle(SESSION, systemClock, (batch) => void rows.push(...batch));
  return {
    chronicle,
    expected(signalId) {
      chronicle.trade(trade(signalId), 'simulator-1', 1);
      return (rows.at(-1) as TradeRow).expectedPrice;
    },
  };
}

test('a trade upon an offered signal expected the mid of that moment, however often it is told', () => {
  const { chronicle, expected } = open();
  const id = chronicle.signal(signal(1), DOGE, THRESHOLDS);
  expect([expected(id), expected(id)]).toEqual(['0.102135', '0.102135']);
});

test('of a signal that was refused, or that nobody here has offered, nothing was expected', () => {
  const { chronicle, expected } = open();
  expect(expected(chronicle.signal(signal(1), DOGE, THRESHOLDS, 'G34 room'))).toBeUndefined();
  expect(expected('DOGEUSDT-bounce-1-2-3')).toBeUndefined();
});

test('signals that became no trades are forgotten in the end, the oldest first', () => {
  const { chronicle, expected } = open();
  const ids = Array.from({ length: 5_000 }, (_, life) => chronicle.signal(signal(life), DOGE, THRESHOLDS));
  expect(expected(ids[0] as string)).toBeUndefined();
  expect(expected(ids.at(-1) as string)).toBe('0.102135');
});

test('a session has its row from the begin, and the same one with its end and totals at the end', async () => {
  const rows: Row[] = [];
  const clock = createVirtualClock();
  const chronicle = new Chronicle(SESSION, clock, (batch) => void rows.push(...batch));
  const startedAt = clock.wall();
  chronicle.begin();
  await clock.advance(60_000);
  chronicle.end({ signals: 3 });
  const row = { table: 'sessions', ...SESSION, startedAt };
  expect(rows).toEqual([row, { ...row, endedAt: startedAt + 60_000, totals: { signals: 3 } }]);
});

test('a density at a round price is told with the threshold that it was held to, which is higher there', () => {
  const rows: Row[] = [];
  const chronicle = new Chronicle(SESSION, systemClock, (batch) => void rows.push(...batch));
  const event: AnalysisEvent = { ...signal(1), kind: 'label', confirmedMs: 1, relative: 4 };
  for (const round of [false, true])
    chronicle.density({ ...event, round }, DOGE, { ...THRESHOLDS, densityRoundMultiplier: 2 });
  const relative = rows.map((row) => (row as DensityRow).criteria.find(({ name }) => name === 'relative'));
  expect(relative).toEqual([
    { name: 'relative', value: 4, threshold: 3, passed: true },
    { name: 'relative', value: 4, threshold: 6, passed: false },
  ]);
});

test('the moments of one life are counted, from one again for the next that has its place; what was never confirmed has none', () => {
  const rows: Row[] = [];
  const chronicle = new Chronicle(SESSION, systemClock, (batch) => void rows.push(...batch));
  const nothing = { ...readEvent(new Float64Array(EVENT_STRIDE), 0), life: 7, price: 10_212, exchangeMs: 5_000 };
  const tell = (kind: AnalysisEvent['kind'], confirmedMs = 5_000): void =>
    chronicle.density({ ...nothing, kind, state: 'confirmed', label: 'eaten', confirmedMs }, DOGE, THRESHOLDS);
  tell('label', 0);
  for (const kind of ['state', 'erosion', 'erosion', 'label', 'state'] as const) tell(kind);
  const told = rows.map((row) => (row.table === 'densities' ? [row.moment, row.ordinal] : []));
  expect(told).toEqual([
    ['confirmed', 1],
    ['erosion', 2],
    ['erosion', 3],
    ['closed', 4],
    ['confirmed', 1],
  ]);
});

test('only the moment at which a density is confirmed first is told as that', () => {
  const rows: Row[] = [];
  const chronicle = new Chronicle(SESSION, systemClock, (batch) => void rows.push(...batch));
  const nothing = readEvent(new Float64Array(EVENT_STRIDE), 0);
  const first = { kind: 'state', state: 'confirmed', life: 7, price: 10_212, exchangeMs: 5_000, confirmedMs: 5_000 };
  const changes = [{ confirmedMs: 4_000 }, { state: 'eroding' }, { kind: 'candidate' }];
  for (const change of changes)
    chronicle.density({ ...nothing, ...first, ...change } as AnalysisEvent, DOGE, THRESHOLDS);
  expect(rows).toEqual([]);
});

test('whatever is told has its row, and each candidate and each event a number of its own', () => {
  const rows: Row[] = [];
  const clock = createVirtualClock();
  const chronicle = new Chronicle(SESSION, clock, (batch) => void rows.push(...batch));
  const ids = [1, 2].map(() => chronicle.signal({ ...signal(1), kind: 'candidate' }, DOGE, THRESHOLDS));
  expect(new Set(ids).size).toBe(2);
  expect(rows).toMatchObject(ids.map((signalId) => ({ table: 'signals', signalId })));
  chronicle.happened('feed.resync', 'info', 'DOGEUSDT', { gap: 3 });
  chronicle.happened('mode.changed', 'warning', undefined, {});
  const event = { table: 'system_events', time: clock.wall(), sessionId: 's' };
  expect(rows.splice(0).slice(2)).toEqual([
    { ...event, ordinal: 1, eventType: 'feed.resync', severity: 'info', symbol: 'DOGEUSDT', details: { gap: 3 } },
    { ...event, ordinal: 2, eventType: 'mode.changed', severity: 'warning', details: {} },
  ]);
  chronicle.execution({ execId: 'x', feeRate: '' } as Execution, 'simulator-1');
  const day = { symbol: 'DOGEUSDT', change: 0.146208, turnover: 1 as Usdt, turnoverText: '1', lastPriceText: '2' };
  chronicle.ranking([{ day, rank: 3, watched: true }]);
  const book = { bids: [[10_212, 5]], asks: [[10_213, 6]], u: 1, seq: 2, cts: 7 as Ms } as const;
  chronicle.book(DOGE, book as unknown as BookMoment);
  chronicle.book(DOGE, { ...book, asks: [] } as unknown as BookMoment);
  expect(rows).toMatchObject([
    { table: 'executions', account: 'simulator-1', sessionId: 's', execId: 'x' },
    { table: 'market_stats', symbol: 'DOGEUSDT', priceChange24hPercent: 14.6208, rank: 3, updatedAt: clock.wall() },
    { table: 'orderbook_snapshots', symbol: 'DOGEUSDT', time: 7, totalBidVolume: '5', totalAskVolume: '6' },
  ]);
});

test('a density whose end was told to nobody ends unknown, as it was last stored, and once', async () => {
  const rows: Row[] = [];
  const clock = createVirtualClock();
  const chronicle = new Chronicle(SESSION, clock, (batch) => void rows.push(...batch));
  // No two of its numbers are alike.
  const told = {
    ...readEvent(
      Float64Array.from({ length: EVENT_STRIDE }, (_, field) => (field === E_SIGNAL_KIND ? 0 : field)),
      0,
    ),
    ...({ kind: 'erosion', state: 'eroding', side: 1, cluster: true, round: false, crossed: true } as const),
  };
  chronicle.density(told, DOGE, THRESHOLDS);
  await clock.advance(1_000);
  chronicle.lost(told);
  chronicle.lost(told);
  const time = clock.wall();
  const [stored, end] = rows;
  expect(rows).toHaveLength(2);
  expect(end).toEqual({ ...stored, time, moment: 'closed', label: 'unknown', ordinal: 2, disappearedAt: time });
});

test('of a thousand densities that come and go each ends as it was last stored', () => {
  const rows: DensityRow[] = [];
  const chronicle = new Chronicle(SESSION, createVirtualClock(), (batch) => void rows.push(...(batch as DensityRow[])));
  const nothing = { ...readEvent(new Float64Array(EVENT_STRIDE), 0), state: 'eroding', confirmedMs: 1 } as const;
  const tell = (life: number, kind: 'erosion' | 'label', current: number): void =>
    chronicle.density({ ...nothing, kind, life, price: 1, current, label: 'eaten' } as AnalysisEvent, DOGE, THRESHOLDS);
  const lives = Array.from({ length: 1_000 }, (_, life) => life);
  // Of those before five hundred every second one ends before the others come.
  for (const life of lives.slice(0, 500)) tell(life, 'erosion', life);
  for (const life of lives.slice(0, 500)) tell(life, life % 2 === 0 ? 'label' : 'erosion', 1_000 + life);
  for (const life of lives.slice(500)) tell(life, 'erosion', 1_000 + life);
  const last = new Map(rows.map((row) => [row.lifeId, row]));
  rows.length = 0;
  for (const life of lives) chronicle.lost({ slot: 0, life });
  expect(rows).toHaveLength(750);
  for (const { lifeId, notional } of rows) expect(last.get(lifeId)).toMatchObject({ moment: 'erosion', notional });
});
