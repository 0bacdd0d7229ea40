// Is what a person holds beside us left alone? (P7, P07)
import { expect, test } from 'vitest';
import { sizeText } from '../../src/market/instrument.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { StopPrice } from '../../src/market/stop-price.ts';
import type { Lot } from '../../src/market/units.ts';
import type { OrderReport } from '../../src/order/words.ts';
import { DeskRoom } from './desk-room.ts';
import { WiderRoom } from './scenes.ts';

const SYMBOL = 'SOLUSDT';

/** A person's, far from the market. */
const RESTING: OrderReport = {
  symbol: 'ETHUSDT',
  orderId: 'h1',
  linkId: 'mine-1',
  parentLinkId: '',
  side: 'buy',
  status: 'new',
  createType: 'CreateByUser',
  cancelType: 'UNKNOWN',
  rejectReason: 'EC_NoError',
  isStopLoss: false,
  reduceOnly: false,
  lots: 10 as Lot,
  filledLots: 0 as Lot,
  resting: 0n,
  trigger: undefined,
  updatedMs: 0 as Ms,
};

test('P7: what a person still holds where our trade has ended, with the stop that came with our entry, is not taken for ours at the next start', () => {
  const room = new WiderRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  room.exchange.human(SYMBOL, 5);
  room.run(5_000);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.rows.size === 1 && [...room.rows.values()][0]?.exitReason === 'manual', 30_000);
  expect(place.lots).toBe(5);
  expect(place.stopOrder).toMatchObject({ lots: 5, parentLinkId: room.creates('E')[0]?.order.linkId });
  const sent = room.creates().length;
  room.restart();
  room.settleDown();
  room.run(15_000);
  expect(room.desk.status().positions.map(({ ours, foreign }) => ({ ours, foreign }))).toEqual([
    { ours: 0, foreign: 5 },
  ]);
  expect(room.creates()).toHaveLength(sent);
});

test('P7, P01: a person’s lots, found where our entry was filled and has ended unseen, are not closed for want of a stop', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults = { streamDelay: () => undefined, answerLost: ({ kind }) => kind === 'create' };
  room.breakout();
  room.run(500);
  room.exchange.move(SYMBOL, (place.stop as StopPrice).tick - 5);
  room.run(100);
  room.exchange.human(SYMBOL, 3);
  room.exchange.faults.streamDelay = () => 0;
  room.until(() => room.isTold(), 60_000);
  room.run(5_000);
  expect([room.creates('X').length, place.lots]).toEqual([0, 3]);
});

test('P7: what a person has bought while our entry was on its way, which then found nothing, is left alone', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? { late: 400 } : 'yes');
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' ? 6_000 : 0);
  place.shown = 0;
  room.breakout();
  room.run(50);
  room.exchange.human('SOLUSDT', 5);
  room.until(() => room.names().includes('position.disowned'), 1_000);
  room.run(30_000);
  expect([place.lots, place.stop, room.state()]).toEqual([5, undefined, 'foreign']);
  expect(room.exchange.sent.map(({ kind }) => kind)).not.toContain('set-stop');
  expect([room.creates('C'), room.creates('X')]).toEqual([[], []]);
});

test('P07: what a person adds to ours is told once and stays his; while it stands nothing is entered there', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  const ours = place.lots;
  room.exchange.human('SOLUSDT', 3);
  room.run(30_000);
  const told = room.told.filter(({ name }) => name === 'position.foreign_surplus');
  expect(told).toMatchObject([{ level: 'error', fields: { size: sizeText(3 as Lot, place.instrument) } }]);
  room.breakout('SOLUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G13 intent');
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(30_000);
  expect([ours > 3, place.lots, room.state()]).toEqual([true, 3, 'foreign']);
  room.breakout('SOLUSDT', 3);
  expect(room.verdicts.at(-1)?.refusal).toBe('G18 positions');
});

test('I-12: where more is told to be filled than was ordered nothing is done by the strategy any more, and an operator can close it', () => {
  const room = new DeskRoom().settleDown().enter();
  const [entry] = room.creates('E');
  const told = room.exchange.place('SOLUSDT').orders.get(entry?.order.linkId ?? '') as OrderReport;
  room.take({
    kind: 'gateway',
    event: { kind: 'order', report: { ...told, filledLots: (told.lots + 1) as Lot } },
  });
  expect(room.state()).toBe('quarantined');
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.until(() => room.state() === 'flat', 5_000);
});

test('P7, I-10: what a person’s resting orders would open counts in the exposure until they are gone, what only reduces does not, and none is touched', () => {
  const room = new DeskRoom().settleDown();
  const { others } = room.exchange;
  const far: OrderReport = { ...RESTING, resting: 1_000_000_000_000n };
  others.push(far, { ...RESTING, orderId: 'h2', reduceOnly: true, resting: 10_000_000_000n });
  room.run(11_000);
  expect(room.desk.account().exposure).toBe(1_000_000_000_000n);
  room.breakout();
  expect(room.verdicts.at(-1)?.refusal).toBe('G17 exposure');
  others.length = 0;
  room.run(11_000);
  expect(room.desk.account().exposure).toBe(0n);
  room.enter(SYMBOL, true, 2);
  expect(room.exchange.place(SYMBOL).lots).toBeGreaterThan(0);
  expect(room.exchange.sent.map(({ kind }) => kind)).not.toContain('cancel');
});
