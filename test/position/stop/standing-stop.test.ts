// Where does the stop of a position stand, whoever moves it, and whatever is lost on the way? (I-08, P01 to P03, P08)
import { expect, test } from 'vitest';
import { priceText } from '../../../src/market/instrument.ts';
import type { StopPrice } from '../../../src/market/stop-price.ts';
import type { Tick } from '../../../src/market/units.ts';
import { refusalClassOf } from '../../../src/order/answer.ts';
import { DeskRoom } from '../desk-room.ts';

const SYMBOL = 'SOLUSDT';

test('I-08: a stop that stands nearer than the one we remember, set off by another price, is put right where it stands and not taken back', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const [first, nearer] = [place.stop?.tick ?? 0, ((place.stop?.tick ?? 0) + 4) as Tick];
  room.exchange.humanStop(SYMBOL, { tick: nearer, by: 'last' });
  room.until(() => place.stop?.by === 'mark');
  expect(place.stop).toEqual({ tick: nearer, by: 'mark' });
  expect(room.exchange.sent.filter((request) => request.kind === 'set-stop' && request.stop.tick <= first)).toEqual([]);
});

test('I-08: a stop that vanishes while a tighter one is on its way is restored at the tighter one, which may still arrive', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const first = place.stop?.tick as number;
  room.exchange.faults.accept = ({ kind }) =>
    kind === 'set-stop' && room.stopsAsked().length === 1 ? { late: 2_600 } : 'yes';
  room.earn();
  room.until(() => room.state() === 'amending');
  room.run(2_050);
  room.exchange.humanStop(SYMBOL, undefined);
  room.until(() => room.state() === 'protected');
  room.run(2_000);
  expect(Math.min(...room.stopsAsked())).toBeGreaterThan(first);
  expect(place.stop?.tick).toBe(room.stopsAsked()[0]);
});

test('P01, P03: a stop that vanishes while nobody answers to a tighter one is asked for again at once', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.accept = ({ kind }) => (kind === 'set-stop' && room.stopsAsked().length === 1 ? 'no' : 'yes');
  room.earn();
  room.until(() => room.state() === 'amending');
  room.run(100);
  room.exchange.humanStop(SYMBOL, undefined);
  expect(room.until(() => place.stop !== undefined, 5_000)).toBeLessThanOrEqual(100);
  expect(new Set(room.stopsAsked()).size).toBe(1);
});

test('I-08: where the market has gone through the tighter stop, the former one is restored', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const first = place.stop?.tick as number;
  room.exchange.faults.refuse = (request) =>
    request.kind === 'set-stop' && request.stop.tick > first
      ? { outcome: 'refused', class: 'price', code: 10_001, text: 'StopLoss should be lower' }
      : undefined;
  room.exchange.faults.answerLost = ({ kind }) => kind === 'set-stop' && place.stop !== undefined;
  room.earn();
  room.until(() => room.state() === 'amending');
  room.run(2_050);
  room.exchange.humanStop(SYMBOL, undefined);
  room.until(() => room.state() === 'protected', 5_000);
  expect(place.stop?.tick).toBe(first);
});

/** A breakeven was accepted three times and never seen; the exchange is well again. */
function breakevenGivenUp() {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const first = place.stop as StopPrice;
  room.exchange.faults.ignoreStop = () => true;
  room.earn();
  room.until(() => room.names().includes('position.breakeven_failed'), 3_000);
  expect([room.state(), place.stop]).toEqual(['protected', first]);
  room.exchange.faults = {};
  return { room, place, first, aim: room.stopsAsked()[0] as Tick, from: room.exchange.sent.length };
}

test('I-08: a breakeven given up without an answer may stand: a stop that vanishes later is restored at it, also after a crash', () => {
  for (const meanwhile of [() => undefined, (room: DeskRoom) => room.restart()]) {
    const { room, place, first, aim, from } = breakevenGivenUp();
    meanwhile(room);
    room.exchange.humanStop(SYMBOL, undefined);
    room.until(() => place.stop !== undefined, 3_000);
    expect(room.stopsAsked(from)).toEqual([aim]);
    room.until(() => room.state() === 'protected');
    expect(room.names()).toContain('position.breakeven');
    expect(aim).toBeGreaterThan(first.tick);
  }
});

test.each(['price', 'param'] as const)(
  'I-08: where the %s of the breakeven that was given up is refused, a stop that vanishes later is restored where it was',
  (refused) => {
    const { room, place, first, aim, from } = breakevenGivenUp();
    room.exchange.faults.refuse = (request) =>
      request.kind === 'set-stop' && request.stop.tick > first.tick
        ? { outcome: 'refused', class: refused, code: 10_001, text: '' }
        : undefined;
    room.exchange.humanStop(SYMBOL, undefined);
    room.until(() => place.stop !== undefined, 3_000);
    room.until(() => room.state() === 'protected');
    expect([place.stop, room.stopsAsked(from)]).toEqual([first, [aim, first.tick]]);
  },
);

test.each(['amending', 'protected'] as const)(
  'I-08: a stop that a person moves nearer than the breakeven aims is kept there, whatever sets it off, while the symbol is %s',
  (state) => {
    const room = new DeskRoom().settleDown().enter();
    const place = room.exchange.place(SYMBOL);
    room.exchange.faults.ignoreStop = () => true;
    room.earn();
    room.until(() => room.stopsAsked().length > 0 && room.state() === state, 3_000);
    const nearer = ((room.stopsAsked()[0] as number) + 10) as Tick;
    const from = room.exchange.sent.length;
    room.exchange.faults = {};
    room.exchange.humanStop(SYMBOL, { tick: nearer, by: 'last' });
    room.until(() => place.stop?.by === 'mark', 3_000);
    room.until(() => room.state() === 'protected');
    expect([place.stop?.tick, ...room.stopsAsked(from)]).toEqual([nearer, nearer]);
  },
);

test('P12: a stop that lies between the ticks of a grid of which no list has told is no stop that is too late: the list is asked for, and the position stays', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const stop = place.stop as StopPrice;
  const [refused, onGrid] = [refusalClassOf(10_001, 'params error: stopLoss invalid'), stop.tick - 3];
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'set-stop' ? { outcome: 'refused', class: refused, code: 10_001, text: '' } : undefined;
  room.exchange.humanStop(SYMBOL, { ...stop, tick: onGrid as Tick });
  room.run(2_000);
  expect(room.doubts).toBeGreaterThan(0);
  expect([room.state(), place.stop?.tick]).toEqual(['unprotected', onGrid]);
});

test('I-08: a crash while the stop is being tightened, and readings of long ago: it is restored at the tighter one', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const first = place.stop?.tick as number;
  room.exchange.faults.lagMs = () => 60_000;
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.faults.answerLost = ({ kind }) => kind === 'set-stop';
  room.earn();
  room.until(() => place.stop?.tick !== first);
  const tighter = place.stop?.tick as number;
  room.restart();
  delete room.exchange.faults.answerLost;
  const from = room.exchange.sent.length;
  room.run(1_500);
  room.exchange.faults = {};
  room.until(() => room.state() === 'protected');
  expect(Math.min(...room.stopsAsked(from))).toBe(tighter);
  expect(place.stop?.tick).toBe(tighter);
});

test('P01: a position that is seen without its stop in a reading which then fails gets it back', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.faults.readHalves = () => true;
  room.exchange.humanStop(SYMBOL, undefined);
  room.run(60_000);
  expect(place.stop).toBeDefined();
});

test('a stop that the exchange moves late, after it had begun to deleverage and thought better of it, is no contradiction', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.accept = ({ kind }) => (kind === 'set-stop' ? { late: 1_500 } : 'yes');
  room.earn();
  room.until(() => room.state() === 'amending');
  const before = room.exchange.place('SOLUSDT').stop?.tick;
  room.exchange.status('SOLUSDT', 'deleveraging');
  room.until(() => room.state() === 'exchange-closing');
  room.move('SOLUSDT', 10_030);
  room.exchange.status('SOLUSDT', 'normal');
  room.until(() => room.state() === 'protected');
  room.until(() => room.names().includes('position.breakeven'));
  expect(room.exchange.place('SOLUSDT').stop?.tick).toBeGreaterThan(before as number);
  expect(room.state()).toBe('protected');
  expect(room.names()).not.toContain('position.illegal_transition');
});

test('P08: a stop that a person has moved nearer is kept, and is the one to which a looser or a missing one goes back', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  const ours = place.stop?.tick as Tick;
  const moved = { tick: (ours + 2) as Tick, by: 'mark' } as const;
  for (const stop of [moved, { tick: ours, by: 'mark' } as const, undefined]) {
    room.exchange.humanStop('SOLUSDT', stop);
    room.run(2_000);
    expect([room.state(), place.stop]).toEqual(['protected', moved]);
  }
  expect(room.stopsAsked()).toEqual([moved.tick, moved.tick]);
  const told = room.told.filter(({ name }) => name === 'position.sl_changed_externally');
  const price = (tick: Tick): string => priceText(tick, place.instrument);
  expect(told.map(({ fields }) => fields)).toEqual([{ from: price(ours), to: price(moved.tick) }]);
});

test('P01, P03: a stop is set once and read back, whatever the stream leaves out, and that it was missing calls somebody', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'position' ? undefined : 0);
  const ours = place.stop?.tick;
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(12_000);
  expect([room.state(), room.stopsAsked()]).toEqual(['protected', [ours]]);
  const told = room.told.filter(({ name }) => name === 'position.unprotected');
  expect(told.map(({ level }) => level)).toEqual(['critical']);
  room.earn();
  room.run(1_000);
  expect(room.names()).toContain('position.breakeven');
  expect(room.stopsAsked()).toEqual([ours, place.stop?.tick]);
});

test('P02: a stop that the exchange refuses for its price is too late: what it guarded is closed at once, and not after three tries', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'set-stop' ? { outcome: 'refused', class: 'price', code: 10_001, text: 'StopLoss' } : undefined;
  room.exchange.humanStop('SOLUSDT', undefined);
  room.until(() => place.lots === 0, 100);
  expect(room.stopsAsked()).toHaveLength(1);
  room.until(() => room.isTold(), 5_000);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['stop_loss_failed']);
});

test.each([
  ['last', { bid: 9_900, ask: 9_902 }],
  ['mark', { mark: 9_900 }],
] as const)('P02: a missing stop that the %s price would have set off is not set again, it is closed', (by, fallen) => {
  const room = new DeskRoom({ exit: { stopLossTrigger: by } });
  room.rules = { ...room.rules, entry: { ...room.rules.entry, stopLossTrigger: by } };
  room.settleDown();
  room.enter();
  const place = room.exchange.place('SOLUSDT');
  Object.assign(place, fallen);
  room.exchange.humanStop('SOLUSDT', undefined);
  room.until(() => place.lots === 0, 100);
  expect(room.stopsAsked()).toEqual([]);
});

test('P03: a breakeven that is answered and never seen is given up after three tries, and not begun again; the old stop stays', () => {
  const room = new DeskRoom().settleDown().enter();
  const before = room.exchange.place('SOLUSDT').stop;
  room.exchange.faults.ignoreStop = () => true;
  room.earn();
  room.until(() => room.names().includes('position.breakeven_failed'), 3_000);
  expect([room.state(), room.exchange.place('SOLUSDT').stop]).toEqual(['protected', before]);
  room.exchange.faults = {};
  for (let bid = 10_080; bid < 10_088; bid++) room.move('SOLUSDT', bid);
  expect(new Set(room.stopsAsked()).size).toBe(1);
  expect(room.stopsAsked()).toHaveLength(3);
});

test('P03: a breakeven that the exchange refuses for its price is not asked for again; the old stop stays', () => {
  const room = new DeskRoom().settleDown().enter();
  const before = room.exchange.place('SOLUSDT').stop;
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'set-stop' ? { outcome: 'refused', class: 'price', code: 10001, text: '' } : undefined;
  room.earn();
  room.until(() => room.names().includes('position.breakeven_failed'), 1_000);
  expect(room.stopsAsked()).toHaveLength(1);
  expect([room.state(), room.exchange.place('SOLUSDT').stop]).toEqual(['protected', before]);
});

test('P01: a stop that could not leave for a second is set as soon as it can, and its position is not closed for want of one', () => {
  const room = new DeskRoom().settleDown().enter();
  const { down } = room.exchange;
  for (const host of ['rest-1', 'rest-2'] as const) down.add(host);
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(1_200);
  expect(room.stopsAsked().length).toBeLessThan(10);
  down.clear();
  room.until(() => room.state() === 'protected', 1_000);
  room.run(5_000);
  expect([...room.creates('C'), ...room.creates('X')]).toEqual([]);
});
