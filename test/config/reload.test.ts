// Is what a running engine is said to take over what it takes over?
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { changesBetween } from '../../src/config/reload.ts';

function effective(source: string) {
  const read = parseConfig(source, 'config.yaml', { env: {} });
  if (!read.ok) throw new Error(read.errors.join('\n'));
  return read.effective;
}

test('what is read once, at the start, is said to wait for the next one', () => {
  const now = effective('safety: {max_api_retries: 1, max_orders_per_minute: 9}\nstrategy: {book_range_percent: 2}\n');
  expect(changesBetween(effective(''), now)).toEqual({
    taken: ['strategy.book_range_percent', 'safety.max_orders_per_minute'],
    later: ['safety.max_api_retries'],
  });
});

test('every perpetual is watched as far as the places go that were made at the start, and more are said to wait', () => {
  expect(changesBetween(effective(''), effective('market: {symbols: all}\n'))).toEqual({
    taken: ['market.symbols'],
    later: ['market.slots'],
  });
  expect(changesBetween(effective(''), effective('market: {slots: 64}\n'))).toEqual({ taken: [], later: [] });
});

test('nothing changed is neither', () => {
  expect(changesBetween(effective(''), effective('trading: {}\n'))).toEqual({ taken: [], later: [] });
});
