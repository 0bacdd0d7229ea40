// Is an operator shown what the desk knows, and is what nobody knows said to be unknown?
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { sizeFromDecimal, type Size } from '../../src/market/size.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import {
  deskView,
  isFlat,
  positionView,
  viewOfDesk,
  viewOfPosition,
  type DeskView,
} from '../../src/ops/control-view.ts';
import type { DeskStatus, PositionStatus } from '../../src/position/desk-status.ts';
import type { Trade } from '../../src/position/trade/trade.ts';

const SOL = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;
const NOW = { mono: 100_000 as Ms, wall: 1_764_072_100_000 as Ms };

const trade = {
  id: 'd1-test-0-5-E',
  symbol: 'SOLUSDT',
  side: 'short',
  strategy: 'bounce',
  lots: 13 as Lot,
  stop: { tick: 7_850 as Tick, by: 'mark' },
  isBreakeven: true,
  openedMs: 1_764_072_005_000,
  closing: undefined,
} as Trade;

const held: PositionStatus = {
  symbol: 'SOLUSDT',
  state: 'protected',
  ours: -13,
  foreign: 0,
  trade,
  entry: 'filled',
  nakedSince: undefined,
  heldMs: 95_000,
  instrument: SOL,
  average: undefined,
};
const facts = { instrument: SOL, entryPrice: 7_800_500_000n, markTick: 7_760 as Tick, now: NOW };

const idle: DeskStatus = {
  mode: 'ACTIVE',
  latch: undefined,
  isKilled: false,
  blocks: [],
  reconciledAt: 99_000 as Ms,
  positions: [],
  unread: [],
  wallet: undefined,
};

describe('a position', () => {
  test('is told in decimals, with what it earns at the mark', () => {
    const view = viewOfPosition(held, facts);
    expect(positionView.parse(view)).toEqual(view);
    expect(view).toEqual({
      symbol: 'SOLUSDT',
      side: 'short',
      state: 'protected',
      strategy: 'bounce',
      size: '1.3',
      foreignSize: '0.0',
      entryOrder: 'filled',
      entryPrice: '78.005',
      markPrice: '77.60',
      stop: { price: '78.50', by: 'mark', isSeen: true, isBreakeven: true },
      nakedMs: null,
      unrealised: '0.5265',
      openedMs: 1_764_072_005_000,
      ageMs: 95_000,
      closing: null,
    });
  });

  test('that is long is told as long, and earns what the mark is above its entry', () => {
    const long = { ...held, ours: 13, trade: { ...trade, side: 'long' } } as PositionStatus;
    expect(viewOfPosition(long, facts)).toMatchObject({ side: 'long', size: '1.3', unrealised: '-0.5265' });
    const least = viewOfPosition({ ...long, ours: 1, trade: undefined }, facts);
    expect(least).toMatchObject({ side: 'long', size: '0.1', openedMs: null });
    expect(positionView.parse(least)).toEqual(least);
  });

  test('of which a coarser step has left a part of a lot is told to the last digit, and earns what that earns', () => {
    const exact = { ours: sizeFromDecimal('0.74') as Size, foreign: -(sizeFromDecimal('0.06') as Size) };
    const odd = { ...held, ours: 7, foreign: -1, exact, trade: { ...trade, side: 'long' } } as PositionStatus;
    expect(viewOfPosition(odd, facts)).toMatchObject({ size: '0.74', foreignSize: '-0.06', unrealised: '-0.2997' });
    const ordinary = { ...odd, exact: { ...exact, foreign: 0n } };
    expect(viewOfPosition(ordinary, facts)).toMatchObject({ size: '0.74', foreignSize: '0.0' });
  });

  test('without a stop says how long, and does not claim that it stands', () => {
    const naked = { ...held, state: 'unprotected', nakedSince: 98_500 } as PositionStatus;
    expect(viewOfPosition(naked, facts)).toMatchObject({ nakedMs: 1_500, stop: { isSeen: false } });
  });

  test('claims that a stop stands only of what is held, protected or being closed, and not seen without one', () => {
    const isSeen = (change: object): unknown => viewOfPosition({ ...held, ...change }, facts).stop?.isSeen;
    const states = ['flat', 'opening', 'unprotected', 'foreign', 'quarantined'];
    expect(states.map((state) => isSeen({ state }))).toEqual(states.map(() => false));
    expect([isSeen({}), isSeen({ state: 'closing' })]).toEqual([true, true]);
    expect([isSeen({ nakedSince: 98_500 }), isSeen({ ours: 0 })]).toEqual([false, false]);
  });

  test('of which neither entry nor mark is known earns something unknown, not nothing', () => {
    const view = viewOfPosition(held, { ...facts, entryPrice: undefined, markTick: undefined });
    expect(view).toMatchObject({ entryPrice: null, markPrice: null, unrealised: null });
    for (const missing of [{ entryPrice: undefined }, { markTick: undefined }])
      expect(viewOfPosition(held, { ...facts, ...missing }).unrealised).toBeNull();
  });

  test('that is a stranger’s has no side, no strategy and no stop of ours', () => {
    const foreign: PositionStatus = {
      ...held,
      state: 'foreign',
      ours: 0,
      foreign: 7,
      trade: undefined,
      entry: undefined,
      heldMs: undefined,
    };
    expect(viewOfPosition(foreign, facts)).toMatchObject({
      side: null,
      strategy: null,
      stop: null,
      size: '0.0',
      foreignSize: '0.7',
      unrealised: null,
      ageMs: null,
      entryOrder: null,
    });
  });

  test('that is only being opened has the side of its plan and no age', () => {
    const planned = { ...trade, openedMs: 0 as Ms };
    const opening = {
      ...held,
      state: 'opening',
      ours: 0,
      trade: planned,
      entry: 'sent',
      heldMs: undefined,
    } as PositionStatus;
    expect(viewOfPosition(opening, facts)).toMatchObject({
      side: 'short',
      size: '0.0',
      ageMs: null,
      unrealised: null,
      openedMs: null,
      entryOrder: 'sent',
      stop: { isSeen: false },
    });
  });
});

describe('the desk', () => {
  test('is told with what keeps entries off, and how old its knowledge of the account is', () => {
    const status: DeskStatus = {
      ...idle,
      mode: 'REDUCE_ONLY',
      blocks: ['operator.paused', 'clock'],
      positions: [held, { ...held, ours: 0, foreign: 7, trade: undefined, entry: undefined }],
    };
    const view = viewOfDesk(status, NOW, '');
    expect(deskView.parse(view)).toEqual(view);
    expect(view).toEqual({
      mode: 'REDUCE_ONLY',
      latch: null,
      isKilled: false,
      killReason: null,
      blocks: ['operator.paused', 'clock'],
      reconciledAgoMs: 1_000,
      positions: 1,
      entries: 0,
    });
    const halted = { ...status, latch: 'kill_switch', reconciledAt: undefined };
    expect(viewOfDesk(halted, NOW, 'signal SIGUSR2')).toMatchObject({
      latch: 'kill_switch',
      killReason: 'signal SIGUSR2',
      reconciledAgoMs: null,
    });
  });

  const view = (change: Partial<DeskView>): DeskView => ({
    ...viewOfDesk(idle, NOW, 'kill_switch'),
    isKilled: true,
    mode: 'HALTED',
    latch: 'kill_switch',
    ...change,
  });

  test('is flat after a kill only when the exchange has said so', () => {
    expect(isFlat(view({}))).toBe(true);
    expect(isFlat(view({ mode: 'STOPPED' }))).toBe(true);
    expect(isFlat(view({ mode: 'EMERGENCY' }))).toBe(false);
    // The stream was lost meanwhile: nobody knows.
    expect(isFlat(view({ mode: 'RECONCILING' }))).toBe(false);
    expect(isFlat(view({ positions: 1 }))).toBe(false);
    expect(isFlat(view({ entries: 1 }))).toBe(false);
    expect(isFlat(view({ isKilled: false }))).toBe(false);
  });

  test('counts entries whose end is open, and not those that are over', () => {
    const of = (entry: string): number =>
      viewOfDesk({ ...idle, positions: [{ ...held, ours: 0, entry }] }, NOW, '').entries;
    expect(['sent', 'unknown', 'partial'].map(of)).toEqual([1, 1, 1]);
    expect(['filled', 'rejected', 'cancelled'].map(of)).toEqual([0, 0, 0]);
  });
});
