// Does the page say of a position what it earns, how far its stop is, whether that stands, and why it is still held?
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { ONE_USDT } from '../../../src/market/money.ts';
import { ASK } from '../../../src/market/side.ts';
import { sizeFromDecimal, type Size } from '../../../src/market/size.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import { deskDigest } from '../../../src/operator/board/digest-desk.ts';
import type { Prices } from '../../../src/operator/board/market-views.ts';
import type { DeskDigest } from '../../../src/operator/port.ts';
import { positionView } from '../../../src/operator/board/positions.ts';
import type { PositionView } from '../../../src/operator/page/protocol-status.ts';
import type { DeskAccount, DeskStatus, PositionStatus } from '../../../src/position/desk-status.ts';
import type { Trade } from '../../../src/position/trade/trade.ts';

const SOL = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;
const NOW = { mono: 100_000 as Ms, wall: 1_764_072_100_000 as Ms };
const BOOK: Prices = { mark: 79, mid: 80 };

const trade = {
  id: 'd1-test-0-5-E',
  symbol: 'SOLUSDT',
  side: 'long',
  strategy: 'breakout',
  signalId: 's1',
  lots: 13 as Lot,
  wall: { side: ASK, low: 7_790 as Tick, high: 7_792 as Tick, units: 1_000_000 },
  initialStop: { tick: 7_700 as Tick, by: 'mark' },
  stop: { tick: 7_760 as Tick, by: 'mark' },
  isBreakeven: false,
  leverage: 10,
  rules: { maxHoldingMinutes: 30 },
  openedMs: 1_764_072_005_000,
  closing: undefined,
} as Trade;

const held: PositionStatus = {
  symbol: 'SOLUSDT',
  state: 'protected',
  ours: 13,
  foreign: 0,
  trade,
  entry: 'filled',
  nakedSince: undefined,
  heldMs: 95_000,
  instrument: SOL,
  average: { units: 7_800 * 13, lots: 13 },
};

const account: DeskAccount = {
  blocks: new Map([['operator.paused', { since: 98_000 as Ms, sticky: true }]]),
  dayProfit: -2n * ONE_USDT,
  exposure: 100n * ONE_USDT,
  links: { rest: true, trade: true, private: false },
  ordersSent: 4,
  orderRefusals: { price: 1 },
  journalRecords: 12,
};

function digestOf(position: PositionStatus, more: Partial<DeskStatus> = {}): DeskDigest {
  const status: DeskStatus = {
    mode: 'REDUCE_ONLY',
    latch: undefined,
    isKilled: false,
    blocks: ['operator.paused'],
    reconciledAt: 99_000 as Ms,
    positions: [position],
    unread: [],
    wallet: undefined,
    ...more,
  };
  return deskDigest(status, account, { positionsMax: 10, exposurePercentMax: 5, tooSmall: [] }, NOW);
}

function shown(change: Partial<PositionStatus>, prices = BOOK): PositionView {
  return digestOf({ ...held, ...change } as PositionStatus).positions.map((one) =>
    positionView(one, prices),
  )[0] as PositionView;
}

describe('a long', () => {
  test('earns what the mark is above its entry, and its stop is as far as the mark, which triggers it, is above it', () => {
    expect(shown({})).toMatchObject({
      side: 'long',
      size: '1.3',
      notional: expect.closeTo(102.7, 9) as number,
      entryPrice: '78',
      profit: expect.closeTo(1.3, 9) as number,
      profitPercent: expect.closeTo(100 / 78, 9) as number,
      stop: '77.60',
      stopBy: 'mark',
      stopState: 'confirmed',
      stopDistancePercent: expect.closeTo(140 / 79, 9) as number,
      openedMs: NOW.wall - 95_000,
      expiresMs: NOW.wall - 95_000 + 1_800_000,
      leverage: 10,
      reason: 'broke through the ask density at 77.90 to 77.92; no exit has been met',
      isBreakeven: false,
      signalId: 's1',
    });
    expect(shown({ trade: { ...trade, signalId: '' } as Trade }).signalId, 'found at the exchange').toBeUndefined();
  });

  test.each([
    ['last', BOOK, 3],
    ['index', BOOK, 140 / 79],
    ['mark', { ...BOOK, mark: undefined }, 3],
    ['last', { ...BOOK, mid: undefined }, 140 / 79],
  ] as const)(
    'whose stop is triggered by the %s price is, at prices of %j, %f percent away from it',
    (by, prices, away) => {
      const stop = { tick: 7_760 as Tick, by };
      expect(shown({ trade: { ...trade, stop } as Trade }, prices).stopDistancePercent).toBeCloseTo(away, 9);
    },
  );

  test('of which a coarser step has left a part of a lot is shown to the last digit', () => {
    const exact = { ours: sizeFromDecimal('0.74') as Size, foreign: sizeFromDecimal('0.06') as Size };
    expect(shown({ ours: 7, foreign: 1, exact })).toMatchObject({
      size: '0.74',
      foreignSize: '0.06',
      profit: expect.closeTo(0.74, 9) as number,
    });
    expect(shown({ ours: -7, exact: { ...exact, ours: -exact.ours } }).size).toBe('0.74');
  });

  test('is worth what the middle says where nobody has told the mark, and nothing that anybody knows without both', () => {
    expect(shown({}, { mark: undefined, mid: 80 }).profit).toBeCloseTo(2.6, 9);
    const unknown = {
      notional: undefined,
      profit: undefined,
      profitPercent: undefined,
      stopDistancePercent: undefined,
    };
    expect(shown({}, { mark: undefined, mid: undefined })).toMatchObject(unknown);
  });
});

test('what only the journal knows to be open is told, so that nobody takes it for flat', () => {
  expect(digestOf(held, { positions: [], unread: ['LINKUSDT'] })).toMatchObject({
    positions: [],
    unread: ['LINKUSDT'],
  });
});

test('a short earns what the mark is below its entry, and its stop lies above', () => {
  const short = { ...trade, side: 'short', stop: { tick: 8_200 as Tick, by: 'mark' } } as Trade;
  const view = shown({ ours: -13, trade: short });
  expect(view).toMatchObject({ side: 'short', size: '1.3' });
  expect(view.profit).toBeCloseTo(-1.3, 9);
  expect(view.stopDistancePercent).toBeCloseTo(300 / 79, 9);
});

test.each([
  ['protected', {}, 'confirmed'],
  ['opening', { ours: 0 }, 'pending'],
  ['amending', {}, 'pending'],
  ['unprotected', {}, 'pending'],
  ['unprotected', { nakedSince: 98_500 as Ms }, 'missing'],
  ['protected', { nakedSince: 98_500 as Ms }, 'missing'],
  ['foreign', { ours: 0, foreign: 7, trade: undefined }, 'missing'],
] as const)('the stop of one that is %s with %j is told as %s', (state, change, told) => {
  expect(shown({ state, ...change }).stopState).toBe(told);
});

test('it is told since when no stop was seen, in the time of the calendar', () => {
  expect(shown({ nakedSince: 98_500 as Ms }).nakedSinceMs).toBe(NOW.wall - 1_500);
});

test('one that is only being opened earns nothing yet, and what is ours without a plan has no stop to be far from', () => {
  const opening = { state: 'opening', ours: 0, entry: 'sent', average: undefined, heldMs: undefined } as const;
  expect(shown(opening)).toMatchObject({
    side: 'long',
    profit: undefined,
    profitPercent: undefined,
    openedMs: undefined,
    expiresMs: undefined,
    entryOrder: 'sent',
    reason: 'the entry is under way',
  });
  expect(shown({ state: 'unprotected', trade: undefined, average: undefined })).toMatchObject({
    side: 'long',
    stopState: 'missing',
    stopDistancePercent: undefined,
  });
});

test.each([
  [{ closing: 'stop_loss_failed' }, 'leaving: stop loss failed'],
  [{ isBreakeven: true, wall: undefined }, 'breakout: no exit has been met; the stop is at break-even'],
  [{ strategy: 'recovered' }, 'found at the exchange: held by its stop alone'],
  [
    { strategy: 'bounce', wall: { side: ASK, low: 7_790 as Tick, high: 7_790 as Tick, units: 1 } },
    'bounces off the ask density at 77.90, which still rests',
  ],
] as const)('a trade that is %j is held for the reason: %s', (change, reason) => {
  expect(shown({ trade: { ...trade, ...change } as Trade }).reason).toBe(reason);
});

test('of a stranger’s nothing of ours is told', () => {
  const view = shown({ state: 'foreign', ours: 0, foreign: 7, trade: undefined, entry: undefined, heldMs: undefined });
  const ours = { side: undefined, stop: undefined, strategy: undefined, profit: undefined, openedMs: undefined };
  expect(view).toMatchObject({ ...ours, foreignSize: '0.7', reason: 'not ours: it is not touched' });
});

test('the account is told by its equity, with the exposure that is left to it, and a block with its age', () => {
  const wallet = { balance: 1_000n * ONE_USDT, unrealised: 20n * ONE_USDT, free: 900n * ONE_USDT, updatedMs: NOW.wall };
  expect(digestOf(held, { wallet })).toMatchObject({
    account: { equity: '1020', free: '900', dayProfit: '-2', exposure: '100', exposureMax: '51' },
    blocks: [{ reason: 'operator.paused', sinceMs: NOW.wall - 2_000, sticky: true }],
    reconciledMs: NOW.wall - 1_000,
  });
  expect(digestOf(held, { reconciledAt: undefined })).toMatchObject({ account: undefined, reconciledMs: undefined });
});
