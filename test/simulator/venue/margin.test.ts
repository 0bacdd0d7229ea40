// Does money come out to the last digit? The worked examples of the reference, traded.
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { applyFill, createPosition } from '../../../src/simulator/venue/live-position.ts';
import { breakEvenPrice, liquidationPrice, positionMargin } from '../../../src/simulator/venue/margin.ts';
import { valueOf } from '../../../src/simulator/venue/money.ts';
import { DEFAULT_VARIANTS } from '../../../src/simulator/venue/variants.ts';
import { ALICE, BOB, TradingRoom, usdt } from './trading-room.ts';

const SOL = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const TIER = {
  id: 281,
  limit: usdt('200000'),
  maintenanceBasis: 50,
  initialBasis: 100,
  maxLeverage: 10_000,
  deduction: 0n,
};
const TAKER = 55_000n;

/** Alice is long 1.3 SOL at 77.31 with ten times leverage, bought as a taker. */
function longRoom(): TradingRoom {
  const room = new TradingRoom();
  room.clearBids(7_731);
  room.limit(BOB, 'Sell', '1.3', '77.31');
  room.buy(ALICE, '1.3', {
    orderLinkId: 'pf-7f3a-0001',
    stopLoss: '76.530',
    tpslMode: 'Full',
    slTriggerBy: 'MarkPrice',
  });
  return room;
}

test('1.3 SOL bought at 77.31 costs the fee and ties up the margin of the worked example', () => {
  const room = longRoom();
  const position = room.position(ALICE);
  expect(position).toMatchObject({
    lots: 13,
    entryValue: usdt('100.503'),
    entryPrice: usdt('77.31'),
    leverage: 1_000,
    initialMargin: usdt('10.10004898'),
    liquidationPrice: usdt('69.92864321'),
    breakEvenPrice: usdt('77.39508779'),
    currentRealised: usdt('-0.05527665'),
  });
  expect(room.wallet(ALICE)).toMatchObject({
    balance: usdt('999.94472335'),
    positionMargin: usdt('10.10004898'),
    free: usdt('999.94472335') - usdt('10.10004898'),
  });
  const [execution] = room.venue.executions(ALICE, {});
  expect(execution).toMatchObject({
    value: usdt('100.503'),
    fee: usdt('0.05527665'),
    feeRate: '0.00055',
    closedLots: 0,
  });
});

test('its maintenance margin at a mark of 77.31 is 0.55226398', () => {
  const position = createPosition(SOL);
  applyFill(position, 'Buy', 7_731, 13, usdt('0.05527665'));
  expect(positionMargin(position, [TIER], 7_731, TAKER)).toMatchObject({
    initial: usdt('10.10004898'),
    maintenance: usdt('0.55226398'),
    feeToClose: usdt('0.04974898'),
  });
});

test('closed at 76.50 it has lost 1.16297415, and the wallet says 998.83702585', () => {
  const room = longRoom();
  room.clearBids(7_650);
  room.limit(BOB, 'Buy', '1.3', '76.50');
  room.sell(ALICE, '1.3', { reduceOnly: true });
  const [closed] = room.venue.closedTrades(ALICE, {});
  expect(closed).toMatchObject({
    entryValue: usdt('100.503'),
    exitValue: usdt('99.45'),
    openFee: usdt('0.05527665'),
    closeFee: usdt('0.0546975'),
    pnl: usdt('-1.16297415'),
  });
  expect(room.wallet(ALICE).balance).toBe(usdt('998.83702585'));
  expect(room.venue.executions(ALICE, {})[0]).toMatchObject({ pnl: usdt('-1.053'), closedLots: 13 });
  const changes = room.venue.transactions(ALICE, {}).reduce((sum, { change }) => sum + change, 0n);
  expect(usdt('1000') + changes).toBe(room.wallet(ALICE).balance);
});

test('a short of the same size is lost at 84.61791', () => {
  const position = createPosition(SOL);
  applyFill(position, 'Sell', 7_731, 13, usdt('0.05527665'));
  const price = liquidationPrice(position, [TIER], DEFAULT_VARIANTS, 1_999_999) ?? 0n;
  expect(price / 1_000n).toBe(usdt('84.61791') / 1_000n);
});

test('the older published formula gives 69.96555 and 84.65445', () => {
  const variants = { ...DEFAULT_VARIANTS, liquidationPrice: 'entry-based' } as const;
  const prices = (['Buy', 'Sell'] as const).map((side) => {
    const position = createPosition(SOL);
    applyFill(position, side, 7_731, 13, 0n);
    return liquidationPrice(position, [TIER], variants, 1_999_999);
  });
  expect(prices).toEqual([usdt('69.96555'), usdt('84.65445')]);
});

test('one BTC thousandth at 66473.5 has the maintenance margin of the record', () => {
  const btc = createInstrument('BTCUSDT', '0.10', '0.001', 2) as Instrument;
  const position = createPosition(btc);
  applyFill(position, 'Buy', 664_735, 1, 0n);
  const tier = { ...TIER, maintenanceBasis: 40 };
  // Recorded: 66.47202 · 0.004 + 0.05982615 at a mark of 66472.02; the mark's cents lie between two ticks.
  const { feeToClose, initial } = positionMargin(position, [tier], 664_720, 100_000n);
  expect(feeToClose).toBe(usdt('0.05982615'));
  expect(initial).toBe(usdt('6.64735') + usdt('0.05982615'));
});

test('what is added changes the average price, what is closed does not, and a flip begins anew', () => {
  const position = createPosition(SOL);
  applyFill(position, 'Buy', 7_700, 10, 10n);
  applyFill(position, 'Buy', 7_800, 20, 20n);
  expect(position.entryValue).toBe(valueOf(7_700 * 10 + 7_800 * 20, SOL));
  const reduced = applyFill(position, 'Sell', 7_900, 15, 15n);
  expect(reduced).toMatchObject({ closedLots: 15, openFee: 15n, closeFee: 15n });
  expect(position.entryValue * 2n).toBe(valueOf(7_700 * 10 + 7_800 * 20, SOL));
  const flipped = applyFill(position, 'Sell', 7_600, 20, 20n);
  expect(flipped).toMatchObject({ closedLots: 15, closeFee: 15n });
  expect(position).toMatchObject({ lots: -5, entryValue: valueOf(7_600 * 5, SOL), currentRealised: -5n, openFee: 5n });
});

test('break-even of a short lies below its entry', () => {
  const position = createPosition(SOL);
  applyFill(position, 'Sell', 7_731, 13, usdt('0.05527665'));
  const price = breakEvenPrice(position, TAKER) ?? 0n;
  // (−100.503 + 0.05527665) ÷ (−1.3 · 1.00055)
  expect(price).toBe((usdt('100.44772335') * 1_000_000_000n) / 1_300_715_000n);
});
