// Which trade has paid what was paid? (P11, P13)
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { StopPrice } from '../../src/market/stop-price.ts';
import type { Fill } from '../../src/order/words.ts';
import { holdingOf } from '../../src/position/trade/holding.ts';
import { DeskRoom } from './desk-room.ts';
import { enterUnseen } from './scenes.ts';

const SYMBOL = 'SOLUSDT';

/** What the trade that is protected now has paid for funding, as its row says once it is closed. */
function fundingTold(room: DeskRoom): string[] {
  room.until(() => room.state() === 'protected', 10_000);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.isTold(), 10_000);
  return [...room.rows.values()].map(({ funding }) => funding);
}

test('P13: what is opened and settled by the exchange in the same moment is opened first, in whatever order it is told', () => {
  const room = new DeskRoom().settleDown().enter();
  const [opened] = room.exchange.place(SYMBOL).fills;
  if (opened === undefined) throw new Error('nothing was executed');
  const settled: Fill = {
    ...opened,
    execId: `a${opened.execId}`,
    linkId: '',
    kind: 'settlement',
    side: 'sell',
    closedLots: opened.lots,
  };
  const originOf = ({ linkId }: Fill) => (linkId === '' ? 'exchange' : 'entry');
  const instrument = createInstrument(SYMBOL, '0.01', '0.1') as Instrument;
  for (const fills of [
    [opened, settled],
    [settled, opened],
  ])
    expect(holdingOf(fills, undefined, 0, originOf, instrument)).toMatchObject({ ours: 0, foreign: 0, size: 0 });
});

test('P11: what was paid while we were away, for what was opened just before, is paid by that trade', () => {
  const room = new DeskRoom();
  enterUnseen(room);
  room.exchange.fund(SYMBOL, 7_000_000n);
  room.exchange.faults = {};
  room.restart();
  expect(fundingTold(room)).toEqual(['0.07']);
});

test('P11: a payment that was booked just before a crash, and not written down, completes the trade after it', () => {
  const room = new DeskRoom().settleDown().enter();
  const { fills } = room.exchange.place(SYMBOL);
  room.exchange.faults.streamDelay = (event) =>
    event.kind === 'fill' && event.fill.kind === 'funding' ? undefined : 0;
  room.exchange.fund(SYMBOL, 7_000_000n);
  const [paid] = fills.splice(-1);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.isTold(), 10_000);
  fills.push(paid as Fill);
  room.restart();
  room.run(10_000);
  expect([...room.rows.values()].map(({ funding }) => funding)).toEqual(['0.07']);
});

test('P11: a payment while we were away is paid by the trade of which only the execution was written down', () => {
  const room = new DeskRoom().settleDown();
  room.breakout();
  const written = (): number => room.records.findIndex(({ kind }) => kind === 'EXEC');
  room.until(() => written() >= 0);
  room.records.length = written() + 1;
  room.exchange.faults.streamDelay = (event) =>
    event.kind === 'fill' && event.fill.kind === 'funding' ? undefined : 0;
  room.exchange.fund(SYMBOL, 7_000_000n);
  room.restart();
  expect(fundingTold(room)).toEqual(['0.07']);
});

test('P11: a payment made while nobody knew yet that the entry was filled is paid by its trade, though it is read after the end', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults = { streamDelay: () => undefined, answerLost: () => true };
  room.breakout();
  room.run(500);
  room.exchange.fund(SYMBOL, 7_000_000n);
  const payment = place.fills.pop() as Fill;
  room.run(500);
  room.exchange.move(SYMBOL, (place.stop as StopPrice).tick - 5);
  room.until(() => room.isTold(), 60_000);
  place.fills.push(payment);
  room.run(120_000);
  expect([...room.rows.values()].map(({ funding }) => funding)).toEqual(['0.07']);
});

test('P11, R19: what was paid for a position whose journal is lost is paid by its trade and lost today, though its symbol is watched only later', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.fund(SYMBOL, 7_000_000n);
  room.run(1_000);
  const { dayProfit } = room.desk.account();
  const { rules } = room;
  room.loseJournal();
  Object.assign(room, { rules: undefined });
  room.restart();
  room.run(2_000);
  Object.assign(room, { rules });
  room.until(() => room.state() === 'protected');
  expect(room.desk.account().dayProfit).toBe(dayProfit);
  expect(fundingTold(room).at(-1)).toBe('0.07');
});
