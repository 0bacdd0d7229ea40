// Are the exchange's rows read field by field, in both spellings, and never with an exception?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillFrom } from '../../../src/bybit/gateway/fill-row.ts';
import { orderReportFrom } from '../../../src/bybit/gateway/order-row.ts';
import { positionReportFrom } from '../../../src/bybit/gateway/position-row.ts';
import { timeFrom } from '../../../src/bybit/fields.ts';
import { walletReportFrom } from '../../../src/bybit/gateway/wallet-row.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { sizeFromDecimal } from '../../../src/market/size.ts';
import {
  FILL,
  FILLED_ENTRY,
  POSITION_ASKED,
  POSITION_TOLD,
  WAITING_STOP,
  WALLET_ASKED,
  WALLET_TOLD,
} from '../../simulator/gateway/reference-rows.ts';

type Row = Record<string, unknown>;
const SOL = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const row = (text: string, change: Row = {}): Row => ({ ...(JSON.parse(text) as Row), ...change });
const silent = (): void => {};
const byMark = () => 'mark' as const;
const TIME = 1_786_310_821_507 as Ms;

test('the filled entry of the reference', () => {
  expect(orderReportFrom(row(FILLED_ENTRY), SOL, silent)).toEqual({
    symbol: 'SOLUSDT',
    orderId: 'a4c123b1-612d-4272-8137-1c17149d4395',
    linkId: 'pf-7f3a-0001',
    parentLinkId: '',
    side: 'buy',
    status: 'filled',
    createType: 'CreateByUser',
    cancelType: 'UNKNOWN',
    rejectReason: 'EC_NoError',
    isStopLoss: false,
    reduceOnly: false,
    lots: 13,
    filledLots: 13,
    resting: 0n,
    trigger: undefined,
    updatedMs: 1_786_310_821_504,
  });
});

test('a size of a coin of tiny price is read though it is padded to eight decimals', () => {
  const pepe = createInstrument('1000PEPEUSDT', '0.0000010', '100', 7) as Instrument;
  const change = { symbol: '1000PEPEUSDT', size: '14000000.00000000', avgPrice: '0.00700000', stopLoss: '0.00690000' };
  const report = positionReportFrom(row(POSITION_ASKED, change), pepe, byMark, silent);
  expect(report).toMatchObject({ lots: 140_000, entryPrice: 700_000n, stop: { tick: 6_900, by: 'mark' } });
  const odd = ['.', '00.00000000000000000', '1e5.0', '-1400000'];
  const sizes = odd.map((size) => positionReportFrom(row(POSITION_ASKED, { size }), pepe, byMark, silent));
  expect(sizes).toEqual(odd.map(() => undefined));
});

test('the waiting stop of the reference tells whose protection it is and what sets it off', () => {
  expect(orderReportFrom(row(WAITING_STOP), SOL, silent)).toMatchObject({
    linkId: '',
    parentLinkId: 'pf-7f3a-0001',
    side: 'sell',
    status: 'untriggered',
    isStopLoss: true,
    reduceOnly: true,
    filledLots: 0,
    trigger: { tick: 7_653, by: 'mark' },
  });
});

test.each([
  ['at its limit', { price: '76.50', triggerPrice: '', cumExecQty: '0.3' }, 7_650_000_000n],
  ['at its limit, not at what sets it off', { price: '76.50', triggerPrice: '80.00' }, 9_945_000_000n],
  ['where it has no limit, at what sets it off', { price: '0', triggerPrice: '80.00' }, 10_400_000_000n],
  ['at nothing where it has neither', { price: '0', triggerPrice: '0.00' }, 0n],
])('what rests of an order is worth so much: %s (P7)', (_, fields, resting) => {
  const asked = { qty: '1.3', cumExecQty: '0', ...fields };
  expect(orderReportFrom(row(FILLED_ENTRY, asked), SOL, silent)).toMatchObject({ resting });
});

test('a decimal without the zero before its point, as the size of a stop for a part comes, is the same number (X07)', () => {
  const ofPart = { stopOrderType: 'PartialStopLoss', qty: '.4', cumExecQty: '.1', triggerPrice: '.530' };
  expect(orderReportFrom(row(WAITING_STOP, ofPart), SOL, silent)).toMatchObject({
    lots: 4,
    filledLots: 1,
    trigger: { tick: 53, by: 'mark' },
  });
  const fill = fillFrom(row(FILL, { execQty: '.4', closedSize: '.3', execFee: '-.02' }), SOL, silent);
  expect(fill).toMatchObject({ lots: 4, closedLots: 3, fee: -2_000_000n });
  const held = row(POSITION_TOLD, { size: '.4', markPrice: '.7749', entryPrice: '.77' });
  expect(positionReportFrom(held, SOL, byMark, silent)).toMatchObject({
    lots: 4,
    markTick: 77,
    entryPrice: 77_000_000n,
  });
});

test('a row that names no order, or no side of it, makes no report', () => {
  expect(orderReportFrom(row(FILLED_ENTRY, { orderId: '' }), SOL, silent)).toBeUndefined();
  expect(orderReportFrom(row(FILLED_ENTRY, { side: '' }), SOL, silent)).toBeUndefined();
});

test.each([
  [{ stopOrderType: 'PartialStopLoss' }, { isStopLoss: false }],
  [{ stopOrderType: 'TakeProfit' }, { isStopLoss: false }],
  [{ triggerBy: '' }, { trigger: undefined }],
  [{ triggerPrice: '' }, { trigger: undefined }],
  [{ triggerPrice: '76.534' }, { trigger: { tick: 7_653, by: 'mark' } }],
])('a waiting order with %o is read as %o', (change, read) => {
  expect(orderReportFrom(row(WAITING_STOP, change), SOL, silent)).toMatchObject(read);
});

test('the fill of the reference, exact to the last unit of its fee', () => {
  expect(fillFrom(row(FILL), SOL, silent)).toEqual({
    symbol: 'SOLUSDT',
    execId: '6b3216fd-aeeb-5757-a9fa-e923d5a4fd12',
    orderId: 'a4c123b1-612d-4272-8137-1c17149d4395',
    linkId: 'pf-7f3a-0001',
    kind: 'trade',
    createType: 'CreateByUser',
    side: 'buy',
    tick: 7_731,
    lots: 13,
    closedLots: 0,
    fee: 5_527_665n,
    feeRate: '0.00055',
    isMaker: false,
    timeMs: 1_786_310_821_501,
    seq: 272_903_628_100,
  });
});

test('an execution of an order that had been resting is a maker’s', () => {
  expect(fillFrom(row(FILL, { isMaker: true }), SOL, silent)?.isMaker).toBe(true);
});

test('an execution that has no place in the order of things is before all others', () => {
  expect(fillFrom(row(FILL, { seq: undefined }), SOL, silent)?.seq).toBe(-1);
});

test('a tax on top of the fee is paid too', () => {
  const taxed = row(FILL, { extraFees: [{ feeCoin: 'USDT', feeType: 'Tax', fee: '0.00994979' }] });
  expect(fillFrom(taxed, SOL, silent)?.fee).toBe(5_527_665n + 994_979n);
  // In a coin of its own it is as many of those: the rate says what they are worth.
  const inRupiah = row(FILL, { extraFees: [{ feeCoin: 'IDR', feeType: 'Tax', feeRate: '0.0001', fee: '164.31' }] });
  expect(fillFrom(inRupiah, SOL, silent)?.fee).toBe(5_527_665n + 1_005_030n);
});

test('a fee that the account pays in another coin costs what its rate makes of the value, and is told', () => {
  const told: string[] = [];
  const inMnt = row(FILL, { feeCurrency: 'MNT', execFee: '0.0921', feeRate: '0.000495' });
  const fill = fillFrom(inMnt, SOL, (field, value) => void told.push(`${field} ${value}`));
  expect(fill).toMatchObject({ fee: 4_974_898n, isFeeElsewhere: true });
  expect(told).toEqual(['feeCurrency MNT']);
  for (const feeCurrency of ['', 'USDT', 'USDC']) {
    const own = fillFrom(row(FILL, { feeCurrency, execFee: '0.06' }), SOL, silent);
    expect([own?.fee, own?.isFeeElsewhere]).toEqual([6_000_000n, undefined]);
  }
  // Without what it would be reckoned from it is taken for what is told.
  for (const missing of [{ feeRate: '' }, { execValue: '' }])
    expect(fillFrom({ ...inMnt, ...missing }, SOL, silent)?.fee).toBe(9_210_000n);
});

test.each([
  [{ execFee: '' }, { fee: 0n }],
  [{ closedSize: '' }, { closedLots: 0 }],
  [{ closedSize: undefined }, { closedLots: 0 }],
  [{ extraFees: [{ feeType: 'Tax' }, { fee: '' }] }, { fee: 5_527_665n }],
])('an execution with %o is read as %o: what is not told is nothing', (change, read) => {
  expect(fillFrom(row(FILL, change), SOL, silent)).toMatchObject(read);
});

test('funding may be received, and is reckoned at a price between two ticks (P11)', () => {
  const funding = row(FILL, { execType: 'Funding', execPrice: '77.3149', execFee: '-0.0031', createType: '' });
  expect(fillFrom(funding, SOL, silent)).toMatchObject({ kind: 'funding', tick: 7_731, fee: -310_000n });
});

test('a takeover between two ticks keeps its own price; what lies on the grid needs none (P13)', () => {
  const takeover = row(FILL, { execType: 'BustTrade', execPrice: '77.3149' });
  expect(fillFrom(takeover, SOL, silent)).toMatchObject({ tick: 7_731, offGrid: 7_731_490_000n });
  expect(fillFrom(row(FILL), SOL, silent)?.offGrid).toBeUndefined();
  const block = row(FILL, { execType: 'BlockTrade', execPrice: '77.3149' });
  expect(fillFrom(block, SOL, silent)).toMatchObject({ kind: 'trade', offGrid: 7_731_490_000n });
});

test.each([
  ['Trade', 'trade'],
  ['Funding', 'funding'],
  ['BustTrade', 'liquidation'],
  ['AdlTrade', 'adl'],
  ['Delivery', 'settlement'],
  ['Settle', 'settlement'],
  ['BlockTrade', 'trade'],
  ['MovePosition', 'trade'],
  ['FutureSpread', 'trade'],
  ['ForwardSplitSettle', 'settlement'],
  ['ReverseSplitSettle', 'settlement'],
  ['Dividend', 'unknown'],
  ['CorporateAction', 'unknown'],
])('an execution of type %s is %s', (execType, kind) => {
  expect(fillFrom(row(FILL, { execType }), SOL, silent)?.kind).toBe(kind);
});

test.each([
  ['New', 'new'],
  ['PartiallyFilled', 'partly-filled'],
  ['Untriggered', 'untriggered'],
  ['Triggered', 'triggered'],
  ['Filled', 'filled'],
  ['Cancelled', 'cancelled'],
  ['PartiallyFilledCanceled', 'cancelled'],
  ['Rejected', 'rejected'],
  ['Deactivated', 'deactivated'],
  ['Amending', 'unknown'],
])('an order that is %s is %s', (orderStatus, status) => {
  expect(orderReportFrom(row(FILLED_ENTRY, { orderStatus }), SOL, silent)?.status).toBe(status);
});

test.each([
  ['asked for', POSITION_ASKED],
  ['told', POSITION_TOLD],
])('the position of the reference, %s', (_, text) => {
  expect(positionReportFrom(row(text), SOL, byMark, silent)).toEqual({
    symbol: 'SOLUSDT',
    lots: 13,
    entryPrice: 7_731_000_000n,
    entryValue: 10_050_300_000n,
    markTick: 7_731,
    liquidationPrice: 6_992_864_321n,
    stop: { tick: 7_653, by: 'mark' },
    leverage: 1_000,
    status: 'normal',
    isOneWay: true,
    isMarginFixed: true,
    isReduceOnly: false,
    updatedMs: 1_786_310_821_504,
    seq: 272_903_628_100,
  });
});

test.each([
  [{ side: 'Sell' }, { lots: -13 }],
  [
    { side: '', size: '0', avgPrice: '', liqPrice: '', seq: -1 },
    { lots: 0, entryPrice: 0n, seq: -1 },
  ],
  [
    { side: '', size: '0', avgPrice: '0', liqPrice: '' },
    { lots: 0, liquidationPrice: undefined },
  ],
  [{ side: '', size: '' }, { lots: 0 }],
  [{ liqPrice: '0' }, { liquidationPrice: undefined }],
  [{ seq: undefined }, { seq: -1 }],
  [{ stopLoss: '' }, { stop: undefined }],
  [{ stopLoss: '0' }, { stop: undefined }],
  [{ stopLoss: '0.00' }, { stop: undefined }],
  [{ stopLoss: '76.534' }, { stop: { tick: 7_653, by: 'mark' } }],
  [{ positionIdx: 1 }, { isOneWay: false }],
  [{ autoAddMargin: 1 }, { isMarginFixed: false }],
  [{ autoAddMargin: undefined }, { isMarginFixed: true }],
  [{ positionStatus: 'Liq' }, { status: 'liquidating' }],
  [{ positionStatus: 'Adl' }, { status: 'deleveraging' }],
  [{ positionStatus: 'Frozen' }, { status: 'unknown' }],
  [{ isReduceOnly: true }, { isReduceOnly: true }],
  [{ leverage: '12.5' }, { leverage: 1_250 }],
  [{ leverage: '' }, { leverage: 0 }],
  [{ markPrice: '77.3149' }, { markTick: 7_731 }],
  [{ markPrice: '' }, { markTick: undefined }],
])('a position with %o is read as %o', (change, read) => {
  expect(positionReportFrom(row(POSITION_ASKED, change), SOL, byMark, silent)).toMatchObject(read);
});

test.each([
  ['asked for', WALLET_ASKED],
  ['told', WALLET_TOLD],
])('what is free in the wallet of the reference, %s', (_, text) => {
  expect(walletReportFrom(row(text), TIME)).toEqual({
    balance: 99_994_472_335n,
    free: 99_994_472_335n - 1_010_004_898n,
    unrealised: 0n,
    updatedMs: TIME,
  });
});

test('what positions and orders bind, what is locked and a bonus are not free', () => {
  const bound = { totalPositionIM: '1', totalOrderIM: '2', locked: '4', bonus: '8' };
  const coin = [
    { coin: 'BTC', walletBalance: '7' },
    { coin: 'USDT', walletBalance: '100', ...bound },
  ];
  expect(walletReportFrom({ coin }, TIME)).toMatchObject({ balance: 10_000_000_000n, free: 8_500_000_000n });
});

test('a wallet message without USDT, or without its balance, says nothing of USDT', () => {
  expect(walletReportFrom({ coin: [{ coin: 'BTC', walletBalance: '1' }] }, TIME)).toBeUndefined();
  expect(walletReportFrom({ coin: [{ coin: 'USDT', walletBalance: '' }] }, TIME)).toBeUndefined();
  const losing = { coin: 'USDT', walletBalance: '10', unrealisedPnl: '-1.5' };
  expect(walletReportFrom({ coin: [losing] }, TIME)).toMatchObject({ free: 1_000_000_000n, unrealised: -150_000_000n });
});

test.each([
  [{ timeNano: '1786310821507123456', timeSecond: '1786310821' }, 1_786_310_821_507],
  [{ timeSecond: '1786310821' }, 1_786_310_821_000],
  [{ timeNano: '0', timeSecond: '0' }, undefined],
  [{}, undefined],
])('the exchange’s time of %o is %s', (result, time) => {
  expect(timeFrom(result)).toBe(time);
});

test('what is no number makes no report', () => {
  expect(orderReportFrom(row(FILLED_ENTRY, { qty: '1e1' }), SOL, silent)).toBeUndefined();
  expect(orderReportFrom(row(FILLED_ENTRY, { cumExecQty: '1e1' }), SOL, silent)).toBeUndefined();
  expect(orderReportFrom(row(FILLED_ENTRY, { cumExecQty: '' }), SOL, silent)).toMatchObject({ filledLots: 0 });
  for (const change of [
    { execFee: 'free' },
    { execPrice: '' },
    { execPrice: '7e1' },
    { execQty: '1e1' },
    { closedSize: '-1' },
    { execId: '' },
    { side: '' },
  ])
    expect(fillFrom(row(FILL, change), SOL, silent)).toBeUndefined();
  expect(positionReportFrom(row(POSITION_TOLD, { size: '1e1' }), SOL, byMark, silent)).toBeUndefined();
  expect(positionReportFrom(row(POSITION_TOLD, { side: '' }), SOL, byMark, silent)).toBeUndefined();
});

test.each(['', undefined])(
  'a long position whose row has %o for its size is not flat: the row cannot be read (P3)',
  (size) => {
    expect(positionReportFrom(row(POSITION_ASKED, { size }), SOL, byMark, silent)).toBeUndefined();
    expect(positionReportFrom(row(POSITION_TOLD, { size }), SOL, byMark, silent)).toBeUndefined();
  },
);

test('an execution between the ticks, as of a grid that has just changed, is told with its price (B12)', () => {
  const { tick, offGrid } = fillFrom(row(FILL, { execPrice: '77.316' }), SOL, silent) ?? {};
  expect([tick, offGrid]).toEqual([7_732, 7_731_600_000n]);
});

test('what is closed of a position of before a coarser step is told with its size: an execution of it is not lost, nor is its stop (P12)', () => {
  const fill = fillFrom(row(FILL, { execQty: '1.35', closedSize: '1.35' }), SOL, silent);
  const size = sizeFromDecimal('1.35');
  expect(fill).toMatchObject({ lots: 14, closedLots: 14, exact: { size, closed: size } });
  expect(orderReportFrom(row(WAITING_STOP, { qty: '1.35' }), SOL, silent)).toMatchObject({ lots: 14 });
  const sold = positionReportFrom(row(POSITION_ASKED, { side: 'Sell', size: '0.01' }), SOL, byMark, silent);
  expect(sold).toMatchObject({ lots: -1, exact: -(sizeFromDecimal('0.01') as bigint) });
});

test('words that we do not know are told, each with its field (X07)', () => {
  const odd: string[] = [];
  const tell = (field: string, value: string): void => void odd.push(`${field}=${value}`);
  orderReportFrom(row(FILLED_ENTRY, { orderStatus: 'Amending' }), SOL, tell);
  fillFrom(row(FILL, { execType: 'Gift' }), SOL, tell);
  positionReportFrom(row(POSITION_TOLD, { positionStatus: 'Frozen' }), SOL, byMark, tell);
  expect(odd).toEqual(['orderStatus=Amending', 'execType=Gift', 'positionStatus=Frozen']);
});

test('a name that every object has is no status', () => {
  expect(orderReportFrom(row(FILLED_ENTRY, { orderStatus: 'constructor' }), SOL, silent)?.status).toBe('unknown');
});

test('whatever a field holds or lacks, reading a row throws nothing (X07)', () => {
  const rows = [FILLED_ENTRY, WAITING_STOP, FILL, POSITION_TOLD, POSITION_ASKED, WALLET_TOLD].map((text) => row(text));
  const strange = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.constantFrom('', '-0', '0x10', '1e5', 'NaN'));
  const changed = fc
    .constantFrom(...rows)
    .chain((whole) =>
      fc.record(
        Object.fromEntries(
          Object.entries(whole).map(([name, value]) => [
            name,
            fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, strange),
          ]),
        ),
      ),
    );
  fc.assert(
    fc.property(fc.oneof(changed, fc.jsonValue()), (any) => {
      for (const read of [orderReportFrom, fillFrom]) read(any, SOL, silent);
      positionReportFrom(any, SOL, byMark, silent);
      walletReportFrom(any, TIME);
    }),
    { numRuns: 500 },
  );
});
