// Is a paper order filled as the shown book would have filled it, and told as the exchange tells it?
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { moneyText } from '../../src/market/money.ts';
import { sizeFromDecimal } from '../../src/market/size.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import { refusalClassOf } from '../../src/order/answer.ts';
import { usualContract } from '../../src/paper/contract.ts';
import { Records } from '../../src/paper/records.ts';
import { applyFill, createHolding, entryPrice } from '../../src/paper/holding.ts';
import { createRoom, SOL, type Room } from './room.ts';

const BIDS = [
  [7_730, 50],
  [7_729, 100],
] as const;
const ASKS = [
  [7_731, 13],
  [7_732, 20],
  [7_740, 500],
] as const;

/** A market that shows both. */
function showing(wish?: Parameters<typeof createRoom>[0]): Room {
  const room = createRoom(wish);
  room.show(BIDS, ASKS);
  return room;
}

test('an entry takes the levels from the touch to its cap, pays the taker fee and is born with its stop', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  room.pass(49);
  expect(room.heard()).toEqual([]);
  room.pass(1);
  expect(room.heard()).toEqual([
    'answer accepted',
    'trade 13@7731',
    'order filled',
    'position 13',
    'wallet',
    'stop untriggered',
  ]);
  expect(room.fills()[0]).toMatchObject({ fee: 5_527_665n, feeRate: '0.00055', closedLots: 0, isMaker: false });
  expect(moneyText(room.wallet()?.balance ?? 0n)).toBe('9999.94472335');
  expect(room.position()).toMatchObject({
    lots: 13,
    entryPrice: 7_731_000_000n,
    stop: { tick: 7_653, by: 'mark' },
    leverage: 1_000,
    status: 'normal',
    isOneWay: true,
    isMarginFixed: true,
    isReduceOnly: false,
    updatedMs: room.clock.wall(),
    seq: room.fills()[0]?.seq,
  });
  expect(room.orders()[0]).toMatchObject({
    parentLinkId: '',
    linkId: 'e1',
    side: 'buy',
    isStopLoss: false,
    reduceOnly: false,
    createType: 'CreateByUser',
    trigger: undefined,
  });
  expect(room.orders().at(-1)).toMatchObject({
    parentLinkId: 'e1',
    linkId: '',
    side: 'sell',
    lots: 13,
    isStopLoss: true,
    reduceOnly: true,
    createType: 'CreateByStopLoss',
    trigger: { tick: 7_653, by: 'mark' },
  });
});

test('the margin of a position and where it is lost are the exchange’s to the last digit', () => {
  const room = showing({ contract: { leverageMax: 10_000 } });
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  room.pass(50);
  const { balance = 0n, free = 0n } = room.wallet() ?? {};
  expect(moneyText(balance - free)).toBe('10.10004898');
  expect(moneyText(room.position()?.liquidationPrice ?? 0n)).toBe('69.92864321');
});

test.each([
  [1_015_532_563n, 'accepted'],
  [1_015_532_562n, 'refused'],
])(
  'a wallet of %s units, that pays margin and both fees or lacks one of them, has its entry %s (O12)',
  (balance, outcome) => {
    const room = showing({ balance });
    const entry = room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
    room.pass(50);
    expect(room.answer(entry)?.outcome).toBe(outcome);
  },
);

test('what the cap does not reach is cancelled, and what was filled stands with its stop (O06)', () => {
  const room = showing();
  room.enter({ lots: 100, cap: 7_732, stop: 7_600 });
  room.pass(50);
  expect(room.fills().map(({ tick, lots }) => [tick, lots])).toEqual([
    [7_731, 13],
    [7_732, 20],
  ]);
  expect(room.orders()[0]).toMatchObject({ status: 'cancelled', lots: 100, filledLots: 33 });
  expect(room.orders()[1]).toMatchObject({ status: 'untriggered', lots: 33 });
});

test('nothing within the cap is an accepted order that comes to nothing, and no position (O02)', () => {
  const room = showing();
  room.enter({ lots: 10, cap: 7_730, stop: 7_600 });
  room.pass(50);
  expect(room.heard()).toEqual(['answer accepted', 'order cancelled', 'position 0']);
  expect(room.orders()[0]).toMatchObject({ filledLots: 0, rejectReason: 'EC_NoImmediateQtyToFill' });
});

test('the same resting size is not taken twice, until the level changes', () => {
  const room = showing();
  room.enter({ lots: 10, cap: 7_732, stop: 7_600 });
  room.pass(50);
  room.enter({ lots: 10, cap: 7_732, stop: 7_600 });
  room.pass(50);
  room.show(BIDS, [[7_731, 14], ...ASKS.slice(1)]);
  room.enter({ lots: 14, cap: 7_731, stop: 7_600 });
  room.pass(50);
  room.show(BIDS, ASKS);
  room.enter({ lots: 20, cap: 7_732, stop: 7_600 });
  room.pass(50);
  expect(room.fills().map(({ tick, lots }) => [tick, lots])).toEqual([
    [7_731, 10],
    [7_731, 3],
    [7_732, 7],
    [7_731, 14],
    [7_731, 13],
    [7_732, 7],
  ]);
});

test('what was taken of a level stays taken while others change', () => {
  const room = showing();
  room.enter({ lots: 20, cap: 7_732, stop: 7_600 });
  room.pass(50);
  room.show([[7_729, 90]], [ASKS[0], [7_732, 21], ...ASKS.slice(2)]);
  const from = room.events.length;
  room.enter({ lots: 30, cap: 7_732, stop: 7_600 });
  room.pass(50);
  expect(room.heard(from).slice(0, 3)).toEqual(['answer accepted', 'trade 21@7732', 'order cancelled']);
});

test('a level that has changed and is back is a new one, though nobody took anything meanwhile', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_731, stop: 7_600 });
  room.pass(50);
  room.show(BIDS, [[7_731, 14], ...ASKS.slice(1)]);
  room.show(BIDS, ASKS);
  room.enter({ lots: 13, cap: 7_731, stop: 7_600 });
  room.pass(50);
  expect(room.fills().map(({ tick, lots }) => [tick, lots])).toEqual([
    [7_731, 13],
    [7_731, 13],
  ]);
});

test('an order meets the book of its arrival, not of its sending', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_600 });
  room.pass(49);
  room.show(BIDS, [[7_735, 40]]);
  room.pass(1);
  expect(room.fills().map(({ tick }) => tick)).toEqual([7_735]);
});

test('a book that is not to be believed fills nothing (I-04)', () => {
  const room = showing();
  room.doubt();
  room.enter({ lots: 13, cap: 7_740, stop: 7_600 });
  room.pass(50);
  expect(room.heard()).toEqual(['answer accepted', 'order cancelled', 'position 0']);
});

test('closing all ends the position, switches its stop off first and brings home profit less both fees', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_640 });
  room.pass(50);
  room.show([[7_650, 500]], [[7_651, 500]]);
  const from = room.events.length;
  room.leave();
  room.pass(50);
  expect(room.heard(from)).toEqual([
    'answer accepted',
    'trade 13@7650',
    'stop deactivated',
    'order filled',
    'position 0',
    'wallet',
  ]);
  expect(room.fills().at(-1)).toMatchObject({ closedLots: 13, fee: 5_469_750n });
  expect(moneyText(room.wallet()?.balance ?? 0n)).toBe('9998.83702585');
  expect(room.wallet()).toMatchObject({ free: room.wallet()?.balance, unrealised: 0n });
  expect(room.position()).toMatchObject({ stop: undefined, entryPrice: 0n, liquidationPrice: undefined });
});

test('a short earns what the price falls, and its close buys', () => {
  const room = showing();
  room.enter({ side: 'sell', lots: 50, cap: 7_700, stop: 7_800 });
  room.pass(50);
  room.show([[7_599, 500]], [[7_600, 500]]);
  room.leave({ side: 'buy' });
  room.pass(50);
  const paid = room.fills().reduce((sum, { fee }) => sum + fee, 0n);
  expect(room.fills().map(({ side }) => side)).toEqual(['sell', 'buy']);
  expect(moneyText((room.wallet()?.balance ?? 0n) + paid)).toBe('10006.5');
});

test('a close larger than the position is cut to it, a part leaves a stop of what is left (O20, P16)', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  room.pass(50);
  room.leave({ lots: 4 });
  room.pass(50);
  expect(room.orders().at(-1)).toMatchObject({ isStopLoss: true, status: 'untriggered', lots: 9 });
  room.leave({ lots: 1_000 });
  room.pass(50);
  expect(room.orders().at(-1)).toMatchObject({ status: 'filled', lots: 9, reduceOnly: true });
  expect(room.position()?.lots).toBe(0);
});

test('what only reduces never turns a position round: flat or on its own side it is refused as such (O20, P21)', () => {
  const room = showing();
  const flat = room.leave();
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  const wrong = room.leave({ side: 'buy', lots: 13 });
  room.pass(50);
  for (const id of [flat, wrong]) expect(room.answer(id)).toMatchObject({ class: 'flat-hint', code: 110017 });
  expect(room.position()?.lots).toBe(13);
});

test('a link id is used once, whatever became of its order (O05)', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_700, stop: 7_600 }, 'same');
  const second = room.enter({ lots: 13, cap: 7_740, stop: 7_600 }, 'same');
  room.pass(50);
  expect(room.answer(second)).toMatchObject({ outcome: 'refused', class: 'duplicate', code: 110072 });
  expect(room.fills()).toEqual([]);
});

test('an order that was refused has not used its link id', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_800 }, 'again');
  const second = room.enter({ lots: 13, cap: 7_740, stop: 7_600 }, 'again');
  room.pass(50);
  expect(room.answer(second)).toMatchObject({ outcome: 'accepted' });
});

test.each([
  ['a stop on the wrong side of its order (O09)', { lots: 13, cap: 7_740, stop: 7_740 }, 'price', 10001],
  ['a short’s stop at its own price', { side: 'sell', lots: 13, cap: 7_730, stop: 7_730 }, 'price', 10001],
  ['a market order whose stop is past already', { lots: 13, cap: 7_740, stop: 7_735, type: 'market' }, 'price', 10001],
  ['a part of a lot (O10)', { lots: 0.6, cap: 7_740, stop: 7_600 }, 'param', 10001],
  ['no lots at all (O10)', { lots: 0, cap: 7_740, stop: 7_600 }, 'param', 10001],
  ['more than the wallet bears (O12)', { lots: 20_000, cap: 7_740, stop: 7_600 }, 'funds', 110007],
  ['less than one order must have', { lots: 2, cap: 7_740, stop: 7_600 }, 'limits', 10001],
  ['more than one order may have', { lots: 40_000, cap: 7_740, stop: 7_600 }, 'limits', 10001],
] as const)('refused: %s', (_, wish, reason, code) => {
  const room = showing({ contract: { lotsMin: 5 as never, lotsMaxLimit: 30_000 as never } });
  const id = room.enter(wish);
  room.pass(50);
  const answer = room.answer(id);
  expect(answer).toMatchObject({ outcome: 'refused', class: reason, code });
  // As the words of the real one would be taken.
  expect(answer?.outcome === 'refused' && refusalClassOf(answer.code, answer.text)).toBe(reason);
  expect(room.heard()).toEqual(['answer refused']);
});

test('an order at its limits is within them, and the stop of a limit order is judged by its own price', () => {
  const terms = { lotsMin: 13 as Lot, lotsMaxLimit: 13 as Lot, notionalMin: 10_062_000_000n };
  const room = showing({ contract: terms });
  room.mark(7_731);
  const id = room.enter({ lots: 13, cap: 7_740, stop: 7_735 });
  room.pass(50);
  expect(room.answer(id)).toMatchObject({ outcome: 'accepted' });
});

test('a seller’s margin is reckoned at the touch, a buyer’s at the cap; of what closes none is needed (O12)', () => {
  const room = showing({ balance: 250n * 100_000_000n });
  const [sells, buys] = [
    room.enter({ side: 'sell', lots: 400, cap: 5_000, stop: 8_000 }),
    room.enter({ lots: 400, cap: 5_000, stop: 4_900 }),
  ];
  room.pass(50);
  expect([sells, buys].map((id) => room.answer(id)?.outcome)).toEqual(['refused', 'accepted']);
  room.show([[7_730, 900]], [[7_731, 900]]);
  room.enter({ lots: 250, cap: 7_731, stop: 7_000 });
  room.pass(50);
  const turns = room.enter({ side: 'sell', lots: 300, cap: 7_730, stop: 8_000 });
  room.pass(50);
  expect(room.answer(turns)).toMatchObject({ outcome: 'accepted' });
  expect(room.position()?.lots).toBe(-50);
});

test('an order below the exchange’s least value is refused (O10)', () => {
  const room = showing({ contract: { notionalMin: 20_000_000_000n } });
  const id = room.enter({ lots: 13, cap: 7_740, stop: 7_600 });
  room.pass(50);
  expect(room.answer(id)).toMatchObject({ class: 'limits', code: 110094 });
});

const COARSE = createInstrument('SOLUSDT', '0.020', '0.1', 3) as Instrument;

test('a contract that is on another grid now is traded on it by whoever is flat', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
  room.pass(50);
  room.leave();
  room.pass(50);
  room.setContract(usualContract(COARSE, room.slot));
  room.enter({ lots: 13, cap: 7_732, stop: 7_653 });
  room.pass(50);
  expect(room.fills().at(-1)).toMatchObject({ tick: 7_732, lots: 13, fee: 2n * 5_528_380n });
});

test('an order or a stop that was counted on the grid of before does not become one on that of now, and closes the symbol to nobody (P12)', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
  room.pass(50);
  const asked = [
    room.enter({ lots: 13, cap: 7_731, stop: 7_653 }),
    room.send({ kind: 'set-stop', symbol: room.symbol, slot: room.slot, stop: { tick: 7_700 as Tick, by: 'mark' } }),
  ];
  room.setContract(usualContract(COARSE, room.slot));
  room.show([[3_865, 50]], [[3_866, 50]]);
  room.pass(50);
  expect(asked.map((id) => room.answer(id))).toMatchObject([{ class: 'param' }, { class: 'param' }]);
  expect(room.position()).toMatchObject({ lots: 13, stop: { tick: 3_827 } });
});

test('what is held goes over to a coarser tick with its stop, and is closed on it (P12)', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
  room.pass(50);
  const entryValue = room.position()?.entryValue;
  room.setContract(usualContract(COARSE, room.slot));
  room.send({ kind: 'read-position', symbol: room.symbol });
  room.pass(50);
  expect(room.of('position-read').at(-1)?.reading).toMatchObject({ ok: true, value: { stop: { tick: 3_827 } } });
  room.show([[3_865, 50]], [[3_866, 50]]);
  // 76.53 lies between two of the new ticks.
  expect(room.position()).toMatchObject({ lots: 13, entryValue, stop: { tick: 3_827, by: 'mark' } });
  room.send({ kind: 'read-account', depth: 'deep', sinceMs: 0 });
  room.pass(50);
  const reading = room.events.findLast((event) => event.kind === 'account-read')?.reading;
  expect(reading).toMatchObject({
    ok: true,
    value: {
      positions: [{ lots: 13, entryPrice: 7_731_000_000n }],
      openOrders: [{ trigger: { tick: 3_827 }, lots: 13 }],
      fills: [{ tick: 3_866, offGrid: 7_731_000_000n, lots: 13, exact: undefined }],
    },
  });
  room.leave();
  room.pass(50);
  expect(room.fills().at(-1)).toMatchObject({ tick: 3_865, lots: 13, closedLots: 13 });
  expect(room.position()).toMatchObject({ lots: 0, stop: undefined });
});

test.each([
  // [lots of 0.1, what is left in lots of 0.5, and what is settled]
  [13, 2, '0.3'],
  [4, 0, '0.4'],
])(
  'of %i tenths of a coin a step of half of one leaves %i lots, and %s is settled at what it cost',
  (lots, left, rest) => {
    const room = showing();
    room.enter({ lots, cap: 7_731, stop: 7_653 });
    room.pass(50);
    const before = room.wallet()?.balance ?? 0n;
    room.pass(1_000);
    room.setContract(usualContract(createInstrument('SOLUSDT', '0.010', '0.5', 3) as Instrument, room.slot));
    room.show([[7_730, 50]], [[7_731, 50]]);
    const size = sizeFromDecimal(rest);
    expect(room.fills().at(-1)).toMatchObject({
      kind: 'settlement',
      side: 'sell',
      offGrid: 7_731_000_000n,
      exact: { size, closed: size },
      fee: 0n,
    });
    expect(room.position()).toMatchObject({
      lots: left,
      entryValue: BigInt(left * 5) * 773_100_000n,
      updatedMs: room.clock.wall(),
      seq: room.fills()[1]?.seq,
    });
    expect(room.fills()[1]?.seq).toBeGreaterThan(room.fills()[0]?.seq ?? NaN);
    expect(room.position()?.stop?.tick).toBe(left === 0 ? undefined : 7_653);
    room.mark(7_600);
    expect(room.position()?.lots).toBe(0);
    expect((room.wallet()?.balance ?? 0n) < before).toBe(left > 0);
  },
);

test('no run uses the identities of another: rows are stored under them', () => {
  const ids = [0, 1].map((later) => {
    const room = showing({ startMs: 1_786_310_821_507 + later });
    room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
    room.pass(50);
    return [...room.fills().map(({ execId }) => execId), ...room.orders().map(({ orderId }) => orderId)];
  });
  expect(new Set(ids.flat()).size).toBe(2 * 3);
});

test.each([
  ['without a place', undefined],
  ['that has another place than the order names', usualContract(SOL, 1 as Slot)],
])('a contract %s is not traded (O24)', (_, contract) => {
  const room = showing();
  room.setContract(contract);
  const id = room.enter({ lots: 13, cap: 7_740, stop: 7_600 });
  room.pass(50);
  expect(room.answer(id)).toMatchObject({ class: 'symbol-block', code: 110074 });
});

test('what is held of a contract that came back in another place is not traded there, what is flat is', () => {
  const slot = 1 as Slot;
  const answers = [false, true].map((isFlat) => {
    const room = showing();
    room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
    if (isFlat) room.leave();
    room.pass(50);
    room.setContract(usualContract(SOL, slot));
    const stop = { tick: 7_653, by: 'mark' };
    const order = {
      role: 'E',
      linkId: 'e',
      slot,
      symbol: room.symbol,
      side: 'buy',
      lots: 13,
      type: 'limit',
      capTick: 7_740,
      stop,
    };
    const id = room.send({ kind: 'create', order });
    room.pass(50);
    return room.answer(id);
  });
  expect(answers).toMatchObject([{ class: 'symbol-block', code: 110074 }, { outcome: 'accepted' }]);
});

test('a seller whose book nobody knows is refused nothing, and gets nothing', () => {
  const room = showing();
  room.doubt();
  const id = room.enter({ side: 'sell', lots: 13, cap: 7_730, stop: 7_790 });
  room.pass(50);
  expect(room.answer(id)?.outcome).toBe('accepted');
  expect(room.orders().at(-1)).toMatchObject({ status: 'cancelled', filledLots: 0 });
});

test('as much as the contract allows of one kind of order is taken, and not a lot more', () => {
  const room = showing({ contract: { lotsMin: 5 as Lot, lotsMaxLimit: 30 as Lot, lotsMaxMarket: 20 as Lot } });
  const limit = { cap: 7_740, stop: 7_600 };
  const market = { ...limit, type: 'market' } as const;
  const send = [
    () => room.enter({ ...limit, lots: 4 }),
    () => room.enter({ ...limit, lots: 5 }),
    () => room.enter({ ...limit, lots: 31 }),
    () => room.enter({ ...limit, lots: 30 }),
    () => room.enter({ ...market, lots: 21 }),
    () => room.enter({ ...market, lots: 20 }),
    () => room.leave({ lots: 21 }),
    () => room.leave({ lots: 20 }),
    () => room.leave({ lots: 31, cap: 7_730 }),
    () => room.leave({ lots: 30, cap: 7_730 }),
  ];
  const texts = send.map((one) => {
    const id = one();
    room.pass(1_000);
    const answer = room.answer(id);
    return answer?.outcome === 'refused' ? answer.text.split(' ').at(-3) : answer?.outcome;
  });
  const [few, many, taken] = ['minimum', 'maximum', 'accepted'];
  expect(texts).toEqual([few, taken, many, taken, many, taken, many, taken, many, taken]);
});

test('half a lot is no quantity', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  room.pass(50);
  const ids = [room.enter({ lots: 20.5, cap: 7_740, stop: 7_653 }), room.leave({ lots: 1.5 }), room.leave({ lots: 0 })];
  room.pass(50);
  for (const id of ids) expect(room.answer(id)).toMatchObject({ class: 'param', text: 'Qty invalid' });
});

test.each([
  ['buy', 7_731, 'StopLoss:7731 set for Buy position should lower than base_price:7731??mark'],
  ['sell', 7_730, 'StopLoss:7730 set for Sell position should greater than base_price:7730??mark'],
] as const)('a %s whose stop lies at its own price is told so as the exchange tells it (P02)', (side, cap, text) => {
  const room = showing();
  const id = room.enter({ side, lots: 13, cap, stop: cap });
  room.pass(50);
  expect(room.answer(id)).toMatchObject({ outcome: 'refused', text });
});

test('a market order goes to its bound and no farther (O28)', () => {
  const room = showing();
  room.mark(7_731);
  room.enter({ lots: 100, cap: 7_732, stop: 7_600, type: 'market' });
  room.pass(50);
  expect(room.position()?.lots).toBe(33);
});

test('an entry against the position reduces it first and stands on the other side with its own stop', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  room.pass(50);
  const from = room.events.length;
  room.enter({ side: 'sell', lots: 20, cap: 7_730, stop: 7_790 });
  room.pass(50);
  expect(room.heard(from)).toEqual([
    'answer accepted',
    'trade 20@7730',
    'stop deactivated',
    'order filled',
    'position -7',
    'wallet',
    'stop untriggered',
  ]);
  expect(room.position()).toMatchObject({ lots: -7, entryPrice: 7_730_000_000n, stop: { tick: 7_790 } });
});

test('an entry that adds nothing to a position brings it no stop of its own: the old one stands, of what is left', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  room.pass(50);
  const from = room.events.length;
  room.enter({ lots: 5, cap: 7_730, stop: 7_700 });
  room.pass(50);
  expect(room.heard(from)).toEqual(['answer accepted', 'order cancelled', 'position 13']);
  room.enter({ side: 'sell', lots: 5, cap: 7_730, stop: 7_790 });
  room.pass(50);
  expect(room.orders().at(-1)).toMatchObject({ isStopLoss: true, side: 'sell', lots: 8, trigger: { tick: 7_653 } });
  expect(room.position()).toMatchObject({ lots: 8, stop: { tick: 7_653 } });
});

test.each([
  ['long', 'buy', 7_600, 7_791, '0.78'],
  ['short', 'sell', 7_900, 7_791, '-0.793'],
] as const)('what a %s has gained by the mark is told with the wallet', (_, side, stop, mark, gained) => {
  const room = showing();
  room.mark(7_731);
  room.enter({ side, lots: 13, cap: side === 'buy' ? 7_731 : 7_730, stop });
  room.pass(50);
  room.mark(mark);
  room.send({ kind: 'read-account', depth: 'deep', sinceMs: 0 });
  room.pass(50);
  const [read] = room.of('account-read');
  expect(read?.reading.ok === true && moneyText(read.reading.value.wallet?.unrealised ?? 0n)).toBe(gained);
});

test('a coin that is traded by the hundred has its price for one', () => {
  const pepe = createInstrument('1000PEPEUSDT', '0.0000010', '100', 7) as Instrument;
  const held = createHolding(usualContract(pepe, 0 as Slot), 1_000);
  applyFill(held, 'buy', 7_000 as Tick, 30 as Lot);
  applyFill(held, 'buy', 7_100 as Tick, 30 as Lot);
  expect(moneyText(entryPrice(held))).toBe('0.00705');
});

test.each([
  [5, -8, { tick: 7_790, by: 'mark' }, 8],
  [13, 0, undefined, undefined],
])('an entry that only takes %i off a short brings no stop: that of the rest stays', (taken, left, stop, size) => {
  const room = showing();
  room.enter({ side: 'sell', lots: 13, cap: 7_730, stop: 7_790 });
  room.pass(50);
  room.enter({ lots: taken, cap: 7_731, stop: 7_653 });
  room.pass(50);
  expect(room.position()).toMatchObject({ lots: left, stop });
  const waiting = room.orders().filter(({ status }) => status === 'untriggered');
  expect(waiting.slice(1).map(({ lots }) => lots)).toEqual(size === undefined ? [] : [size]);
});

test('adding to a position averages its price and moves its one stop in place (O23)', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
  room.pass(50);
  room.enter({ lots: 13, cap: 7_732, stop: 7_660 });
  room.pass(50);
  const stops = room.orders().filter(({ isStopLoss }) => isStopLoss);
  expect(new Set(stops.map(({ orderId }) => orderId)).size).toBe(1);
  expect(stops.at(-1)).toMatchObject({ lots: 26, trigger: { tick: 7_660 } });
  expect(room.position()).toMatchObject({ lots: 26, entryPrice: 7_731_500_000n });
});

test('whoever asks is told what the exchange knows: the order, the position, the account', () => {
  const room = showing();
  room.enter({ lots: 33, cap: 7_740, stop: 7_653 }, 'mine');
  room.pass(50);
  room.send({ kind: 'look-up', symbol: room.symbol, linkId: 'mine' });
  room.send({ kind: 'look-up', symbol: room.symbol, linkId: 'nobodys' });
  room.send({ kind: 'read-position', symbol: room.symbol });
  room.send({ kind: 'read-position', symbol: 'XRPUSDT' });
  room.send({ kind: 'read-account', depth: 'light' });
  room.send({ kind: 'read-account', depth: 'deep', sinceMs: 0 });
  room.pass(50);
  expect(room.of('looked-up').map(({ reading }) => reading)).toEqual([
    { ok: true, value: { orders: [room.orders()[0]], fills: room.fills() } },
    { ok: true, value: { orders: [], fills: [] } },
  ]);
  const ids = (['looked-up', 'position-read', 'account-read'] as const).flatMap((kind) => room.of(kind));
  expect(ids.map(({ requestId, path }) => [requestId, path])).toEqual(
    [2, 3, 4, 5, 6, 7].map((id) => [id, 'trade-socket']),
  );
  expect(room.of('position-read').map(({ reading }) => reading)).toMatchObject([
    { ok: true, value: room.position() },
    { ok: true, value: { symbol: 'XRPUSDT', lots: 0, seq: -1 } },
  ]);
  const [light, deep] = room.of('account-read').map(({ reading }) => (reading.ok ? reading.value : undefined));
  const stop = room.orders().at(-1);
  expect(light).toMatchObject({ positions: [{ lots: 33 }], openOrders: [stop], fills: undefined, wallet: undefined });
  expect(deep).toMatchObject({ fills: room.fills(), wallet: { balance: room.wallet()?.balance } });
  room.leave();
  room.send({ kind: 'read-account', depth: 'light' });
  room.pass(50);
  const after = room.of('account-read').at(-1)?.reading;
  expect(after).toMatchObject({ ok: true, value: { positions: [], openOrders: [] } });
  const [opening, closing] = [false, true].map((closes) =>
    room.fills().filter((fill) => fill.closedLots > 0 === closes),
  );
  room.send({ kind: 'look-up', symbol: room.symbol, linkId: 'mine' });
  room.send({ kind: 'read-account', depth: 'deep', sinceMs: closing?.[0]?.timeMs });
  room.pass(50);
  expect(room.of('looked-up').at(-1)?.reading).toMatchObject({ ok: true, value: { fills: opening } });
  expect(room.of('account-read').at(-1)?.reading).toMatchObject({ ok: true, value: { fills: closing } });
});

test('of weeks of trading the newest orders and fills are remembered', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  room.pass(50);
  const records = new Records();
  const [order, fill] = [room.orders()[0], room.fills()[0]];
  if (order === undefined || fill === undefined) throw new Error('unreachable: it has just been filled');
  const named = (i: number) => ({ orderId: `o${i}`, linkId: `l${i}` });
  for (let i = 0; i <= 50_000; i++) records.keep({ ...order, ...named(i) });
  expect([0, 1, 50_000].map((i) => records.knows(`l${i}`))).toEqual([false, true, true]);
  expect(records.ofLink('l1').orders).toMatchObject([named(1)]);
  for (let i = 0; i <= 100_000; i++) records.keepFill({ ...fill, ...named(i) });
  expect(records.fillsSince(0 as Ms).map(({ orderId }) => orderId)).toEqual(
    Array.from({ length: 50_000 }, (_, i) => `o${i + 50_001}`),
  );
});

test('a cancel always comes too late, and never touches a stop (O21, O22)', () => {
  const room = showing();
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 }, 'mine');
  const ids = ['mine', ''].map((linkId) => room.send({ kind: 'cancel', symbol: room.symbol, linkId }));
  room.pass(50);
  for (const id of ids) expect(room.answer(id)).toMatchObject({ class: 'gone', code: 110001 });
  expect(room.position()?.stop).toEqual({ tick: 7_653, by: 'mark' });
});

test('leverage changes the margin only; the same again is no harm (O13)', () => {
  const room = showing();
  const set = (leverage: number) => room.send({ kind: 'set-leverage', symbol: SOL.symbol, leverage });
  const answers = [set(500), set(500), set(90), set(9_900)];
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  room.pass(50);
  expect(answers.map((id) => room.answer(id))).toMatchObject([
    { outcome: 'accepted' },
    { class: 'ok-noop', code: 110043 },
    { class: 'param' },
    { class: 'param' },
  ]);
  const { balance = 0n, free = 0n } = room.wallet() ?? {};
  expect(room.position()?.leverage).toBe(500);
  expect(moneyText(balance - free)).toBe('20.14482132');
});

test('leverage is set from one to what the contract allows, of a contract that has a place', () => {
  const room = createRoom();
  const set = (leverage: number) => room.send({ kind: 'set-leverage', symbol: SOL.symbol, leverage });
  const answers = [set(100), set(5_000), set(99), set(5_001)];
  room.pass(50);
  expect(answers.map((id) => room.answer(id)?.outcome)).toEqual(['accepted', 'accepted', 'refused', 'refused']);
  expect(room.position()?.leverage).toBe(5_000);
  room.setContract(undefined);
  const late = set(1_000);
  room.pass(50);
  expect(room.answer(late)).toMatchObject({ class: 'symbol-block' });
});

test('less leverage needs more margin than before, and where the wallet lacks it stays as it is (O12)', () => {
  const room = showing({ balance: 100n * 100_000_000n });
  room.enter({ lots: 33, cap: 7_740, stop: 7_600 });
  room.pass(50);
  const set = (leverage: number) => room.send({ kind: 'set-leverage', symbol: SOL.symbol, leverage });
  const [poor, rich] = [set(200), set(300)];
  room.pass(50);
  expect(room.answer(poor)).toMatchObject({ class: 'funds', code: 110007 });
  expect(room.answer(rich)).toMatchObject({ outcome: 'accepted' });
  expect(room.position()).toMatchObject({ lots: 33, leverage: 300 });
});

test('a close at the edge of the band takes what is inside it, and the rest stays open with its stop (O18, O19)', () => {
  const room = createRoom();
  room.show([[7_730, 5], ...BIDS.slice(1)], ASKS);
  room.enter({ lots: 13, cap: 7_740, stop: 7_653 });
  room.pass(50);
  room.leave({ cap: 7_730 });
  room.pass(50);
  expect(room.orders().at(-2)).toMatchObject({ status: 'cancelled', lots: 13, filledLots: 5 });
  expect(room.orders().at(-1)).toMatchObject({ isStopLoss: true, status: 'untriggered', lots: 8 });
  expect(room.position()).toMatchObject({ lots: 8, stop: { tick: 7_653, by: 'mark' } });
});
