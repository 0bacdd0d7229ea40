// Rows as the engine writes them, a logger that remembers, and a server for one test file.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock, type Clock } from '../../src/lib/clock.ts';
import type { Log, LogLevel } from '../../src/lib/log.ts';
import { packSide, type Levels } from '../../src/store/rows/packed-book.ts';
import type {
  DensityRow,
  ExecutionRow,
  MarketStatRow,
  OrderbookSnapshotRow,
  SessionRow,
  SignalRow,
  SystemEventRow,
  TradeRow,
} from '../../src/store/rows/rows.ts';
import { withClient } from '../../src/store/session.ts';

/** On a busy machine three seconds are too few for a start, and five for what is to be written at the end: here they are minutes. */
export const patientClock: Clock = {
  ...systemClock,
  after: (delay, run) => systemClock.after((delay < 1_000 ? delay : 100 * delay) as Ms, run),
};

export interface Line {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Record<string, unknown>;
}

/** A logger whose lines can be awaited. */
export function memoryLog(): { log: Log; lines: Line[]; readonly said: (event: string) => Promise<Line> } {
  const lines: Line[] = [];
  const waiting: { event: string; done: (line: Line) => void }[] = [];
  const say = (level: LogLevel) => (fields: object, event: string) => {
    const line = { level, event, fields: fields as Record<string, unknown> };
    lines.push(line);
    for (const wait of waiting.filter((one) => one.event === event)) {
      waiting.splice(waiting.indexOf(wait), 1);
      wait.done(line);
    }
  };
  const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  return { log, lines, said: (event) => new Promise((done) => waiting.push({ event, done })) };
}

export async function tempDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'plotnost-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Beside that of the connection: an empty one, or a copy of `template`. */
export async function anotherDatabase(
  connection: pg.ClientConfig,
  database: string,
  template = 'template1',
): Promise<pg.ClientConfig> {
  await withClient(connection, (client) => client.query(`CREATE DATABASE ${database} TEMPLATE ${template}`));
  return { ...connection, database };
}

/** Resolves once the condition holds; the test's own time limit is the only other way out. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((next) => setTimeout(next, 5));
}

export const NOON = Date.UTC(2026, 10, 25, 12) as Ms;
const later = (ms: number): Ms => (NOON + ms) as Ms;

export function session(over: Partial<SessionRow> = {}): SessionRow {
  return {
    table: 'sessions',
    sessionId: 's1',
    startedAt: NOON,
    environment: 'simulator',
    mode: 'off',
    version: '0.1.0',
    node: 'v24.21.0',
    config: { market: { slots: 64 } },
    ...over,
  };
}

export function density(over: Partial<DensityRow> = {}): DensityRow {
  return {
    table: 'densities',
    time: later(4_000),
    sessionId: 's1',
    lifeId: 'DOGEUSDT-1',
    moment: 'confirmed',
    ordinal: 0,
    symbol: 'DOGEUSDT',
    side: 'bid',
    price: '0.10212',
    lowPrice: '0.10210',
    highPrice: '0.10212',
    notional: 104_550.25,
    volume: '1023798',
    volumePercent: 11.4,
    relativeStrength: 7.25,
    isCluster: true,
    isRound: false,
    state: 'confirmed',
    appearedAt: NOON,
    confirmedAt: later(3_000),
    initialNotional: 98_000,
    peakNotional: 104_550.25,
    eaten: 0,
    pulled: 120.5,
    refilled: 0,
    rpiEaten: 0,
    touches: 1,
    crossed: false,
    criteria: [
      { name: 'notional_usdt', value: 104_550.25, threshold: 50_000, passed: true },
      { name: 'relative', value: 7.25, threshold: 3, passed: true },
      { name: 'share_percent', value: 11.4, threshold: 5, passed: true },
    ],
    ...over,
  };
}

export function signal(over: Partial<SignalRow> = {}): SignalRow {
  return {
    table: 'signals',
    time: later(9_000),
    sessionId: 's1',
    signalId: 'DOGEUSDT-1-bounce-1',
    outcome: 'candidate',
    kind: 'bounce',
    direction: 'long',
    symbol: 'DOGEUSDT',
    lifeId: 'DOGEUSDT-1',
    price: '0.10213',
    mid: '0.102135',
    priority: 0.5,
    relativeStrength: 7.25,
    updateId: 18_521_288,
    exchangeMs: NOON + 8_998,
    receivedMs: NOON + 9_000,
    scannedMs: NOON + 9_000,
    criteria: [
      { name: 'touch_ticks', value: 4, threshold: 12.5, passed: true },
      { name: 'stable_percent', value: 4.1, threshold: 10, passed: true },
      { name: 'time_to_eat_ms', value: 12_400, threshold: 30_000, passed: false },
      { name: 'trend', value: 0, threshold: 0, passed: true },
    ],
    ...over,
  };
}

export function event(ordinal: number, over: Partial<SystemEventRow> = {}): SystemEventRow {
  return {
    table: 'system_events',
    time: later(ordinal),
    sessionId: 's1',
    ordinal,
    eventType: 'feed.resync',
    severity: 'warning',
    symbol: 'DOGEUSDT',
    details: { cause: 'gap', u: 18_521_288 },
    ...over,
  };
}

/** Ticks and lots. */
export function levels(...pairs: readonly (readonly [number, number])[]): Levels {
  return pairs as unknown as Levels;
}

export function snapshot(over: Partial<OrderbookSnapshotRow> = {}): OrderbookSnapshotRow {
  return {
    table: 'orderbook_snapshots',
    time: later(1_000),
    sessionId: 's1',
    symbol: 'DOGEUSDT',
    packedBids: packSide(levels([10_212, 1_023_798], [10_211, 5_410])),
    packedAsks: packSide(levels([10_213, 8_801])),
    priceStep: '0.00001',
    sizeStep: '1',
    totalBidVolume: '1029208',
    totalAskVolume: '8801',
    midPrice: '0.102125',
    updateId: 18_521_288,
    sequence: 7_961_638_724,
    ...over,
  };
}

export function marketStat(over: Partial<MarketStatRow> = {}): MarketStatRow {
  return {
    table: 'market_stats',
    symbol: 'DOGEUSDT',
    volume24h: '1250000000.5',
    priceChange24hPercent: 4.21,
    currentPrice: '0.10213',
    isActive: true,
    rank: 3,
    updatedAt: NOON,
    ...over,
  };
}

/** A long of 250 DOGE that was bought at 0.10213 and is still open. */
export function trade(over: Partial<TradeRow> = {}): TradeRow {
  return {
    table: 'trades',
    account: 'simulator-1',
    tradeId: 'd1-a-1-17-E',
    revision: 1,
    sessionId: 's1',
    symbol: 'DOGEUSDT',
    side: 'long',
    signalType: 'bounce',
    signalId: 'DOGEUSDT-1-bounce-1',
    entryTime: later(9_050),
    entryPrice: '0.10213',
    positionSize: '250',
    notional: '25.5325',
    leverage: 10,
    stopLossPrice: '0.10181',
    stopLossTriggered: false,
    fees: '0.0140428750',
    funding: '0',
    configHash: '9f2c',
    parametersSnapshot: { maxHoldingMinutes: 30 },
    updatedAt: later(9_060),
    ...over,
  };
}

export function execution(over: Partial<ExecutionRow> = {}): ExecutionRow {
  return {
    table: 'executions',
    account: 'simulator-1',
    execId: 'e-1',
    time: later(9_050),
    sessionId: 's1',
    tradeId: 'd1-a-1-17-E',
    symbol: 'DOGEUSDT',
    orderId: 'o-1',
    linkId: 'd1-a-1-17-E',
    kind: 'trade',
    createType: 'CreateByUser',
    side: 'buy',
    price: '0.10213',
    size: '250',
    closedSize: '0',
    value: '25.5325',
    fee: '0.0140428750',
    feeRate: '0.00055',
    isMaker: false,
    sequence: 7_961_638_724,
    ...over,
  };
}
