// Does a stop go off at its price and at no other, and what becomes of the position then?
import { expect, test } from 'vitest';
import { moneyText } from '../../src/market/money.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { usualContract } from '../../src/paper/contract.ts';
import { createRoom, SOL, type EntryWish, type Room } from './room.ts';

const BIDS = [
  [7_730, 50],
  [7_729, 100],
] as const;
const ASKS = [[7_731, 500]] as const;

function holding(wish: Partial<EntryWish> = {}, options: Parameters<typeof createRoom>[0] = {}): Room {
  const room = createRoom(options);
  room.show(BIDS, ASKS);
  room.mark(7_731);
  room.print(7_731);
  room.enter({ lots: 13, cap: 7_731, stop: 7_653, ...wish });
  room.pass(50);
  return room;
}

test('a stop by the mark goes off with the mark, whatever is printed, and sells down the book (P23)', () => {
  const room = holding({ lots: 100 });
  const from = room.events.length;
  room.print(7_600);
  room.mark(7_654);
  expect(room.heard(from)).toEqual([]);
  room.mark(7_653);
  expect(room.heard(from)).toEqual([
    'stop triggered',
    'trade 50@7730',
    'trade 50@7729',
    'stop filled',
    'position 0',
    'wallet',
  ]);
  expect(room.fills().at(-1)).toMatchObject({ createType: 'CreateByStopLoss', linkId: '', closedLots: 50 });
  expect(room.orders().at(-1)?.orderId).toBe(room.orders()[1]?.orderId);
});

test('a stop by the last price goes off with a single print, however the mark stands (P23)', () => {
  const room = holding({ by: 'last' });
  const from = room.events.length;
  room.mark(7_600);
  expect(room.heard(from)).toEqual([]);
  room.print(7_653);
  expect(room.heard(from)[0]).toBe('stop triggered');
});

test('a short’s stop waits above', () => {
  const room = holding({ side: 'sell', cap: 7_730, stop: 7_800 });
  expect(room.orders().at(-1)).toMatchObject({ isStopLoss: true, side: 'buy', lots: 13 });
  const from = room.events.length;
  room.mark(7_799);
  expect(room.heard(from)).toEqual([]);
  room.mark(7_800);
  expect(room.heard(from)[0]).toBe('stop triggered');
  expect(room.fills().at(-1)).toMatchObject({ side: 'buy', tick: 7_731 });
});

test.each([
  ['short', 'highest', { side: 'sell', cap: 7_730, stop: 7_800 }, 7_799, [7_790, 7_800, 7_780]],
  ['long', 'lowest', {}, 7_654, [7_660, 7_653, 7_670]],
] as const)(
  'a %s’s stop by the last price goes off with the %s of the prints that came together',
  (_, __, wish, near, prints) => {
    const room = holding({ ...wish, by: 'last' });
    const from = room.events.length;
    room.print(near);
    expect(room.heard(from)).toEqual([]);
    room.print(...prints);
    expect(room.heard(from)[0]).toBe('stop triggered');
  },
);

test('where nothing was printed yet the ticker’s last price sets a stop off, and without one the middle of the book is its base', () => {
  const room = createRoom();
  room.show(BIDS, ASKS);
  room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
  room.pass(50);
  const [past, good] = [room.moveStop(7_731, 'last'), room.moveStop(7_700, 'last')];
  room.pass(50);
  expect([past, good].map((id) => room.answer(id)?.outcome)).toEqual(['refused', 'accepted']);
  const from = room.events.length;
  room.last(7_701);
  expect(room.heard(from)).toEqual([]);
  room.last(7_700);
  expect(room.heard(from)[0]).toBe('stop triggered');
});

test('a stop by the last price may not lie beyond the last print, wherever mark and book stand', () => {
  const room = holding({ stop: 7_500 });
  room.print(7_600);
  const [past, good] = [room.moveStop(7_620, 'last'), room.moveStop(7_590, 'last')];
  room.pass(50);
  expect([past, good].map((id) => room.answer(id)?.outcome)).toEqual(['refused', 'accepted']);
});

test('of a symbol that has been away every print is new', () => {
  const room = holding({ by: 'last' });
  for (let i = 0; i < 5; i++) room.print(7_700);
  room.return();
  const from = room.events.length;
  room.print(7_653);
  expect(room.heard(from)[0]).toBe('stop triggered');
});

test('prints from before a stop was set do not set it off', () => {
  const room = createRoom();
  room.show(BIDS, ASKS);
  room.print(7_600);
  room.print(7_731);
  room.enter({ lots: 13, cap: 7_731, stop: 7_653, by: 'last' });
  room.pass(50);
  room.print(7_731);
  expect(room.position()?.lots).toBe(13);
});

test('where no ticker ever told the mark, the middle of the book stands for it', () => {
  const room = createRoom();
  room.show(BIDS, ASKS);
  room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
  room.pass(50);
  room.show([[7_653, 20]], [[7_655, 20]]);
  expect(room.position()?.lots).toBe(13);
  room.show([[7_652, 20]], [[7_654, 20]]);
  expect(room.fills().at(-1)).toMatchObject({ tick: 7_652, createType: 'CreateByStopLoss' });
});

test('where a side of the book is empty too there is no middle, and nothing that was shown before stands for it', () => {
  const room = createRoom();
  room.show(BIDS, ASKS);
  room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
  room.pass(50);
  for (const [bids, asks] of [
    [[], ASKS],
    [[[7_600, 20]], []],
  ] as const)
    room.show(bids, asks);
  room.send({ kind: 'read-position', symbol: room.symbol });
  room.send({ kind: 'read-account', depth: 'deep', sinceMs: 0 });
  room.pass(50);
  expect(room.of('position-read').at(-1)?.reading).toMatchObject({
    ok: true,
    value: { lots: 13, markTick: undefined },
  });
  expect(room.of('account-read').at(-1)?.reading).toMatchObject({ ok: true, value: { wallet: { unrealised: 0n } } });
});

test('a stop whose book nobody knows waits for it, and goes off even if the price is back by then', () => {
  const room = holding();
  const from = room.events.length;
  room.doubt();
  room.mark(7_650);
  room.mark(7_731);
  expect(room.heard(from)).toEqual([]);
  room.show(BIDS, ASKS);
  expect(room.heard(from)[0]).toBe('stop triggered');
});

test('a stop that was reached while nobody knew its book is not saved by being moved', () => {
  const room = holding();
  room.doubt();
  room.mark(7_650);
  room.mark(7_731);
  const moved = room.moveStop(7_600);
  room.pass(50);
  expect(room.answer(moved)).toMatchObject({ outcome: 'accepted' });
  room.show(BIDS, ASKS);
  expect(room.position()?.lots).toBe(0);
});

test('a stop that finds too few buyers leaves the rest without protection, and says so (P01)', () => {
  const room = holding({ lots: 400 });
  room.mark(7_653);
  expect(room.orders().at(-1)).toMatchObject({ isStopLoss: true, status: 'cancelled', lots: 400, filledLots: 150 });
  expect(room.position()).toMatchObject({ lots: 250, stop: undefined });
  const from = room.events.length;
  room.mark(7_500);
  expect(room.heard(from)).toEqual([]);
  room.mark(7_653);
  room.send({ kind: 'read-account', depth: 'light' });
  room.pass(50);
  expect(room.of('account-read').at(-1)?.reading).toMatchObject({ ok: true, value: { openOrders: [] } });
  const again = room.moveStop(7_640);
  room.pass(50);
  expect(room.answer(again)).toMatchObject({ outcome: 'accepted' });
  expect(room.position()).toMatchObject({ lots: 250, stop: { tick: 7_640, by: 'mark' } });
});

test('moving the stop edits it in place: answer, order, position', () => {
  const room = holding();
  const from = room.events.length;
  room.moveStop(7_700);
  room.pass(50);
  expect(room.heard(from)).toEqual(['answer accepted', 'stop untriggered', 'position 13']);
  expect(room.orders().at(-1)?.orderId).toBe(room.orders()[1]?.orderId);
  room.mark(7_700);
  expect(room.position()?.lots).toBe(0);
});

test('the same stop again is no change, one that is past is refused, and a flat position has none (P02, P03, P04)', () => {
  const room = holding();
  const same = room.moveStop(7_653);
  const past = room.moveStop(7_731);
  room.pass(50);
  const other = room.moveStop(7_653, 'last');
  room.pass(50);
  expect(room.answer(other)).toMatchObject({ outcome: 'accepted' });
  room.leave();
  const late = room.moveStop(7_600);
  const never = room.send({ kind: 'set-stop', symbol: 'XRPUSDT', slot: 1, stop: { tick: 7_600, by: 'mark' } });
  room.pass(50);
  expect(room.answer(never)).toMatchObject({ class: 'flat-hint', code: 10001 });
  expect(room.answer(same)).toMatchObject({ class: 'ok-noop', code: 34040 });
  expect(room.answer(past)).toMatchObject({ class: 'price', code: 10001 });
  expect(room.answer(late)).toMatchObject({ class: 'flat-hint', code: 10001 });
});

test('a position that closes takes its stop with it: later prices do nothing', () => {
  const room = holding();
  room.leave();
  room.pass(50);
  const from = room.events.length;
  room.mark(7_000);
  expect(room.heard(from)).toEqual([]);
});

test('a mark that eats the margin ends the position at the price of bankruptcy: the margin is lost, and no more (P06)', () => {
  const room = holding({ lots: 500, stop: 7_100 }, { contract: { leverageMax: 10_000 } });
  const before = room.wallet();
  room.doubt();
  room.mark(6_992);
  expect(room.heard().slice(-4)).toEqual(['liquidation 500@6958', 'stop deactivated', 'position 0', 'wallet']);
  const { balance: held = 0n, free = 0n } = before ?? {};
  const lost = held - (room.wallet()?.balance ?? 0n);
  expect(lost <= held - free).toBe(true);
  expect(moneyText(lost)).toBe('388.41345');
});

test('a short is taken over where its margin is gone, and not above it (P06)', () => {
  const terms = { leverage: 700, contract: { leverageMax: 10_000 } };
  const room = holding({ side: 'sell', lots: 40, cap: 7_730, stop: 8_400 }, terms);
  const { balance: held = 0n, free = 0n } = room.wallet() ?? {};
  room.doubt();
  room.mark(8_791);
  expect(room.heard().slice(-4)).toEqual(['liquidation 40@8834', 'stop deactivated', 'position 0', 'wallet']);
  expect(held - (room.wallet()?.balance ?? 0n) <= held - free).toBe(true);
});

test.each([
  ['buy', 7_700, 6_900, 7_001, 7_000],
  ['sell', 7_070, 7_800, 7_699, 7_700],
] as const)(
  'at the very price of liquidation one lot of a %s at %i is taken over, a tick before it is not',
  (side, tick, stop, before, at) => {
    const room = createRoom();
    room.show([[side === 'buy' ? tick - 1 : tick, 50]], [[side === 'buy' ? tick : tick + 1, 50]]);
    room.enter({ side, lots: 1, cap: tick, stop });
    room.pass(50);
    room.mark(before);
    expect(room.position()).toMatchObject({ lots: side === 'buy' ? 1 : -1, stop: { tick: stop } });
    room.mark(at);
    expect(room.position()?.lots).toBe(0);
  },
);

test('a long that is paid for whole is taken over at no price', () => {
  const room = holding({}, { leverage: 100 });
  expect(room.position()).toMatchObject({ lots: 13, liquidationPrice: undefined });
});

test('funding is paid at its hour by who holds a position then, at the mark (P11)', () => {
  const hour = 3_600_000 as Ms;
  const room = holding({}, { contract: { fundingMs: hour, fundingRate: 10_000n } });
  const from = room.events.length;
  const toNext = hour - (room.clock.wall() % hour);
  room.pass(toNext - 1);
  expect(room.heard(from)).toEqual([]);
  room.pass(1);
  expect(room.heard(from)).toEqual(['funding 13@7731', 'wallet']);
  expect(room.fills().at(-1)).toMatchObject({ fee: 1_005_030n, feeRate: '0.0001', closedLots: 0, side: 'buy' });
  expect(moneyText(room.wallet()?.balance ?? 0n)).toBe('9999.93467305');
  room.pass(hour);
  expect(room.heard(from)).toHaveLength(4);
  room.leave();
  room.pass(2 * hour);
  expect(room.fills().filter(({ kind }) => kind === 'funding')).toHaveLength(2);
  expect(room.fills().map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test('nothing is due any more of a paper exchange that has closed, whatever it holds: the process can end', async () => {
  const room = holding();
  await room.gateway.close();
  expect(room.clock.dueMs).toBe(Infinity);
});

test('of a position whose symbol has lost its place nothing is known: what is shown there then sets no stop off', () => {
  const room = holding({ by: 'last' });
  const from = room.events.length;
  room.setContract(undefined);
  room.show([[7_600, 50]], [[7_601, 50]]);
  room.print(7_600);
  room.mark(6_000);
  expect(room.heard(from)).toEqual([]);
});

test('a short receives what a long pays', () => {
  const room = holding({ side: 'sell', cap: 7_730, stop: 7_800 });
  room.pass(28_800_000);
  expect(room.fills().at(-1)).toMatchObject({ kind: 'funding', side: 'sell', lots: 13, fee: -1_005_030n });
});

test('funding is at the rate of its hour, and at the last one known of a symbol that has lost its place', () => {
  const hour = 3_600_000 as Ms;
  const room = holding({}, { contract: { fundingMs: hour } });
  room.setContract({ ...usualContract(SOL, room.slot), fundingMs: hour, fundingRate: 20_000n });
  room.pass(hour);
  room.setContract(undefined);
  room.pass(hour);
  const paid = room.fills().filter(({ kind }) => kind === 'funding');
  expect(paid.map(({ feeRate }) => feeRate)).toEqual(['0.0002', '0.0002']);
});

test('where the hours of funding become more while a position is held, it pays at each of the new ones', () => {
  const hour = 3_600_000 as Ms;
  const room = holding({}, { startMs: 8 * hour - 60_000 });
  room.pass(60_000);
  room.setContract({ ...usualContract(SOL, room.slot), fundingMs: hour });
  room.pass(2 * hour);
  expect(room.fills().filter(({ kind }) => kind === 'funding')).toHaveLength(3);
});

test('an hour at which nobody knows the price is no funding, and no end of anything', () => {
  const room = createRoom();
  room.show(BIDS, ASKS);
  room.enter({ lots: 13, cap: 7_731, stop: 7_653 });
  room.pass(50);
  room.doubt();
  room.pass(28_800_000);
  expect(room.fills().map(({ kind }) => kind)).toEqual(['trade']);
  expect(room.position()?.lots).toBe(13);
});
