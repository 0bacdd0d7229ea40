// Can a person read what is told of a position? Prices and sizes are told as the exchange writes them, not in ticks and lots.
import { expect, test } from 'vitest';
import { priceText, sizeText } from '../../src/market/instrument.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { DeskRoom } from './desk-room.ts';

const SYMBOL = 'SOLUSDT';

test('from its entry to its close a position is told in prices and sizes of the exchange', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const { instrument } = place;
  const price = (tick: number | undefined): string => priceText(tick as Tick, instrument);
  const size = sizeText(place.lots as Lot, instrument);
  const stop = price(place.stop?.tick);
  const { entryPrice } = [...room.rows.values()][0] ?? {};
  const fields = (name: string): unknown => room.told.find((one) => one.name === name)?.fields;
  expect(fields('entry.sent')).toMatchObject({ size, stop, cap: expect.stringMatching(/^\d+\.\d+$/) as unknown });
  expect(fields('position.opened')).toMatchObject({ side: 'long', size, entryPrice });
  expect(fields('position.protected')).toEqual({ stop });
  room.earn();
  room.until(() => room.names().includes('position.breakeven'));
  expect(fields('stop.set')).toMatchObject({ stop: price(place.stop?.tick), why: 'tighten' });
  expect(fields('position.breakeven')).toEqual({ stop: price(place.stop?.tick) });
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c' });
  room.until(() => room.state() === 'flat');
  expect(fields('close.sent')).toMatchObject({ size: 'all' });
  expect(fields('close.sent')).not.toHaveProperty('limit');
});

test('O07: of a position whose entry is told to be filled before its executions are, no size is told, for it is not 0.0', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' || kind === 'position' ? 50 : 0);
  room.enter();
  const opened = room.told.find(({ name }) => name === 'position.opened');
  expect(opened?.fields).toMatchObject({ side: 'long', strategy: 'breakout' });
  expect(opened?.fields).not.toHaveProperty('size');
});

test('of an entry that the exchange accepted and then rejected, or that found nothing to take, it is told why nothing came of it', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place(SYMBOL);
  const told = (name: string): unknown[] => room.told.filter((one) => one.name === name).map(({ fields }) => fields);
  const sent = (): string[] => room.creates('E').map(({ order }) => order.linkId);
  room.exchange.faults.rejects = () => true;
  room.breakout();
  room.until(() => sent().length === 1 && room.state() === 'flat', 1_000);
  expect(told('order.rejected')).toEqual([{ linkId: sent()[0], class: 'reported', why: 'EC_Others' }]);
  expect(room.desk.account().orderRefusals).toEqual({ reported: 1 });
  delete room.exchange.faults.rejects;
  place.shown = 0;
  room.run(400_000);
  room.breakout(SYMBOL, 2);
  room.until(() => sent().length === 2 && room.state() === 'flat', 1_000);
  expect(told('entry.unfilled')).toEqual([{ linkId: sent()[1], why: 'EC_NoImmediateQtyToFill' }]);
  expect(told('order.rejected')).toHaveLength(1);
});
