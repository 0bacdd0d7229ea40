// Does a rehearsal go the whole way of an order, by every door, and leave nothing behind?
import { expect, test, vi } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { rehearse, Rehearsal } from '../../src/engine/rehearsal.ts';
import { Agenda } from '../../src/simulator/agenda.ts';
import { configOf } from '../config-of.ts';

const live = (...set: readonly string[]): Config => configOf(['trading.mode=live', ...set]);

interface Sent {
  readonly op: string;
  readonly args: [Readonly<Record<string, string>>];
}

/** Rehearsed so many times: all texts that came out. */
function texts(config: Config, count: number): Sent[] {
  const rehearsal = new Rehearsal(config);
  return Array.from({ length: count }, () => {
    rehearsal.enter();
    return JSON.parse(rehearsal.leave() ?? '{}') as Sent;
  });
}

test.each([
  ['as shipped', live()],
  ['at market', live('trading.entry_order=market')],
  ['at another leverage', live('trading.leverage=3')],
  ['at the largest leverage', live('trading.leverage=100', 'strategy.max_stop_percent=0.8')],
])('each becomes the text of an order, over many desks: %s', (_, config) => {
  const sent = texts(config, 300);
  expect(sent.map(({ op }) => op)).toEqual(Array.from({ length: 300 }, () => 'order.create'));
  const type = config.trading.entryOrder === 'market' ? 'Market' : 'Limit';
  const ways = sent.map(({ args: [{ side, orderType, stopLoss }] }) => `${side} ${orderType} ${stopLoss}`);
  expect(new Set(ways).size).toBe(4);
  expect(ways.every((way) => way.includes(type))).toBe(true);
  expect(sent.every(({ args: [{ symbol }] }) => symbol === 'REHEARSALUSDT')).toBe(true);
});

test('it goes the whole way for days on end', () => {
  expect(texts(live(), 50 * 64).filter(({ op }) => op !== 'order.create')).toEqual([]);
});

test('it holds no timer, no socket and no file', () => {
  const before = process.getActiveResourcesInfo();
  texts(live(), 100);
  expect(process.getActiveResourcesInfo()).toEqual(before);
});

test('what was entered leaves once: ahead of the bytes, or with the next one', () => {
  const rehearsal = new Rehearsal(live());
  expect(rehearsal.leave()).toBeUndefined();
  rehearsal.enter();
  expect(rehearsal.leave()).toContain('order.create');
  expect(rehearsal.leave()).toBeUndefined();
});

test('it is gone again while time goes on, until it is cancelled', () => {
  const clock = new Agenda(0);
  const rehearsals = rehearse(live(), clock, (error) => {
    throw error;
  });
  for (let i = 0; i < 4; i++) {
    clock.elapse((clock.monotonic() + 1_000) as Ms);
    rehearsals.aheadOfBytes();
    rehearsals.aheadOfBytes();
  }
  expect(clock.dueMs).toBeLessThan(Infinity);
  rehearsals.cancel();
  expect(clock.dueMs).toBe(Infinity);
});

test('one that fails, among the first or later, is the last, is told once, and stops nothing else', () => {
  const clock = new Agenda(0);
  const failures: unknown[] = [];
  const rehearsals = rehearse(live(), clock, (error) => failures.push(error));
  const enter = vi.spyOn(Rehearsal.prototype, 'enter').mockImplementation(() => {
    throw new Error('a bug of a rehearsal');
  });
  for (let i = 0; i < 4; i++) {
    clock.elapse((clock.monotonic() + 1_000) as Ms);
    rehearsals.aheadOfBytes();
  }
  expect(failures).toEqual([new Error('a bug of a rehearsal')]);
  expect(clock.dueMs).toBe(Infinity);
  rehearse(live(), clock, (error) => failures.push(error));
  enter.mockRestore();
  expect(failures).toHaveLength(2);
  expect(clock.dueMs).toBe(Infinity);
});
