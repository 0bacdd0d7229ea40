// Which variants does a sweep hold?
import { expect, test } from 'vitest';
import { parseSweep, variantsOf } from '../../src/backtest/sweep.ts';

test('commas part the values of a sweep, but not within a list or a quoted text', () => {
  expect(parseSweep('strategy.max_stop_percent=0.5,1')).toEqual({
    key: 'strategy.max_stop_percent',
    values: ['0.5', '1'],
  });
  expect(parseSweep('market.symbols=[BTCUSDT,ETHUSDT],auto')).toEqual({
    key: 'market.symbols',
    values: ['[BTCUSDT,ETHUSDT]', 'auto'],
  });
  expect(parseSweep('logging.file="a,b", c ')?.values).toEqual(['"a,b"', 'c']);
  expect(['strategy.max_stop_percent', '=1', 'a.b=', 'a.b=1,,2', 'a.b=1,'].map(parseSweep)).toEqual(
    Array.from({ length: 5 }, () => undefined),
  );
});

test('several swept keys give every combination, the last one changing fastest', () => {
  const swept = [
    { key: 'a.b', values: ['1', '2'] },
    { key: 'c.d', values: ['x', 'y'] },
  ];
  expect(variantsOf(swept)).toEqual([
    ['a.b=1', 'c.d=x'],
    ['a.b=1', 'c.d=y'],
    ['a.b=2', 'c.d=x'],
    ['a.b=2', 'c.d=y'],
  ]);
});
