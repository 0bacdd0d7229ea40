// Does a place in memory belong to one symbol at a time?
import { expect, test } from 'vitest';
import { Slots } from '../../src/universe/slots.ts';

test('places are handed out once each, and none when all are taken', () => {
  const slots = new Slots(3);
  expect(['A', 'B', 'C'].map((symbol) => slots.take(symbol))).toEqual([0, 1, 2]);
  expect(slots.take('D')).toBeUndefined();
  slots.release(1 as never);
  expect(slots.take('D'), 'who found none has the next that is released').toBe(1);
});

test('a released place waits behind all others before it is used again', () => {
  const slots = new Slots(3);
  const first = slots.take('A');
  slots.release(first as never);
  expect([slots.take('B'), slots.take('C'), slots.take('D')]).toEqual([1, 2, 0]);
});

test('taking twice or releasing twice is a bug and says so', () => {
  const slots = new Slots(2);
  const slot = slots.take('A') as never;
  expect(() => slots.take('A')).toThrow('A has a slot already');
  slots.release(slot);
  expect(() => slots.release(slot)).toThrow('free already');
});
