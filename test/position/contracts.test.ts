// What becomes of what is held where a list leaves its contract out, or its steps change? (X02, P12, B12)
import { expect, test } from 'vitest';
import { DeskRoom } from './desk-room.ts';
import { WiderRoom } from './scenes.ts';

const SYMBOL = 'SOLUSDT';

test('X02: what is held in a contract that the first list after a start has left out stays watched, and is managed as soon as it is listed', () => {
  const room = new WiderRoom().settleDown().enter();
  room.unlisted.add(SYMBOL);
  room.restart();
  room.run(3_000);
  expect(room.names()).toContain('contract.unknown');
  expect([...room.desk.held()]).toEqual([SYMBOL]);
  expect(room.desk.status().blocks).toContain('contract.unknown');
  room.list();
  room.until(() => room.state() === 'protected');
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.state() === 'flat' && room.exchange.place(SYMBOL).lots === 0);
});

test('X02: a contract that was taken off the list after our last trade in it keeps nobody from the others', () => {
  const room = new WiderRoom().settleDown().enter();
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.state() === 'flat' && room.exchange.place(SYMBOL).lots === 0);
  room.unlisted.add(SYMBOL);
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 60_000);
  expect(room.names()).toContain('contract.unknown');
  expect(room.desk.status().blocks).toEqual([]);
});

test('P7, I-10: what a person holds in a contract that no list names counts in the exposure, until he has sold it', () => {
  const room = new WiderRoom({ symbols: [SYMBOL, 'PREUSDT'] });
  room.unlisted.add('PREUSDT');
  room.restart();
  room.settleDown();
  const { places } = room.exchange;
  room.exchange.human('PREUSDT', 600);
  room.run(11_000);
  expect(room.desk.account().exposure).toBe(places.get('PREUSDT')?.entry);
  room.breakout();
  expect(room.verdicts.at(-1)?.refusal).toBe('G17 exposure');
  room.exchange.human('PREUSDT', -600);
  room.run(11_000);
  expect(room.desk.account().exposure).toBe(0n);
  room.enter(SYMBOL, true, 2);
  expect(places.get(SYMBOL)?.lots).toBeGreaterThan(0);
});

test('R07, X02: a position of before the loss of the journal is ours also where the first list has left out its contract', () => {
  const room = new WiderRoom().settleDown().enter();
  room.loseJournal();
  room.unlisted.add(SYMBOL);
  room.restart();
  room.run(5_000);
  room.list();
  room.until(() => room.state() === 'protected', 5_000);
  expect(room.names()).not.toContain('position.foreign');
});

test.each([
  ['finer', '0.005'],
  ['coarser, on which its prices do not lie', '0.02'],
])('B12: an emergency goes on over a change to a %s grid, though nobody can be asked what stands there', (_, tick) => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  place.shown = 0;
  room.command({ kind: 'flatten', id: 'f1' });
  const closes = (): number => room.creates('C').length + room.creates('X').length;
  room.until(() => closes() > 0);
  room.exchange.down.add('rest-1');
  room.exchange.down.add('rest-2');
  room.tellSteps(SYMBOL, tick, '0.1');
  const before = closes();
  room.run(10_000);
  expect(closes()).toBeGreaterThan(before);
  place.shown = Infinity;
  room.until(() => place.lots === 0, 10_000);
});

test('P12: how a trade ended is not told anew where the steps of its contract change afterwards: its stop stood where it stood', () => {
  const room = new DeskRoom().settleDown().enter();
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.isTold());
  const before = [...room.rows.values()];
  room.tellSteps(SYMBOL, '0.5', '0.5');
  expect(before).toMatchObject([{ stopLossPrice: '99.74' }]);
  expect([...room.rows.values()]).toEqual(before);
});

test('P12: where the steps of a contract change what is held is quarantined until two readings agree; what is not held has another grid', () => {
  const room = new DeskRoom({ symbols: [SYMBOL, 'XRPUSDT'] }).settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const change = (symbol: string): void => {
    room.tellSteps(symbol, '0.01', '0.05');
  };
  place.lots *= 2;
  const from = room.exchange.sent.length;
  change('XRPUSDT');
  change(SYMBOL);
  expect([room.state(), room.state('XRPUSDT')]).toEqual(['quarantined', 'flat']);
  expect(room.exchange.sent.slice(from).map(({ kind }) => kind)).toEqual(['read-position']);
  expect(room.told.slice(-2)).toMatchObject([
    { name: 'position.contradiction', level: 'error', fields: { what: 'instrument.grid_mismatch' } },
    { name: 'position.quarantined', level: 'critical' },
  ]);
  expect(room.until(() => room.state() === 'protected', 60_000)).toBeGreaterThan(3_000);
  expect(room.desk.status().positions).toMatchObject([{ symbol: SYMBOL, ours: place.lots, foreign: 0 }]);
});

test('Y05, X02: while something of ours is in a contract that no list names a kill is not over; it ends when that is listed and flat', () => {
  const room = new WiderRoom().settleDown().enter();
  room.unlisted.add(SYMBOL);
  room.restart();
  room.run(3_000);
  room.command({ kind: 'kill', id: 'k1' });
  room.run(10_000);
  expect(room.desk.status().mode).toBe('EMERGENCY');
  room.list();
  room.until(() => room.desk.status().mode === 'HALTED', 20_000);
  expect(room.exchange.place(SYMBOL).lots).toBe(0);
});
