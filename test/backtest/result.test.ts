// Is what a backtest counts what happened, and does its hash know two results apart?
import { expect, test } from 'vitest';
import { TradeTally, type TradesResult } from '../../src/backtest/result.ts';
import type { ExecutionRow, TradeRow } from '../../src/position/trade/result.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';

const OPEN = { symbol: 'SOLUSDT', side: 'long', size: '1', entryPrice: '78', signalType: 'breakout' } as const;

function row(id: string, exitMs?: number, profitLoss = '1', symbol = 'SOLUSDT'): TradeRow {
  const ended = exitMs === undefined ? {} : { exitMs, exitReason: 'timeout', profitLoss };
  const rest = { id, symbol, entryMs: 1_000, notional: '78', fees: '0.1', funding: '0' };
  return { ...OPEN, ...rest, ...ended } as unknown as TradeRow;
}

function resultOf(...rows: TradeRow[]): TradesResult {
  const tally = new TradeTally();
  for (const one of rows) tally.trade(one);
  return tally.end();
}

test('of a trade that is told again the later row stands, and one that has not ended is told as open', () => {
  const { trades, openAtEnd, figures } = resultOf(row('a'), row('b'), row('a', 2_000, '-3'));
  expect(trades.map(({ id, profitLoss }) => [id, profitLoss])).toEqual([
    ['a', '-3'],
    ['b', undefined],
  ]);
  expect(openAtEnd).toEqual([{ id: 'b', symbol: 'SOLUSDT', side: 'long', size: '1', entryPrice: '78' }]);
  expect(figures).toMatchObject({ trades: 1, netProfit: -3 });
});

test('a drawdown is of the trades in the order of their ends, whichever began first', () => {
  const inOrder = resultOf(row('a', 2_000, '5'), row('b', 3_000, '-4'), row('c', 4_000, '-4'), row('d', 5_000, '5'));
  const asTold = resultOf(row('c', 5_000, '5'), row('d', 3_000, '-4'), row('b', 2_000, '5'), row('a', 4_000, '-4'));
  expect(inOrder.figures.maxDrawdown).toBe(8);
  expect(asTold.figures).toEqual(inOrder.figures);
  const together = resultOf(row('c', 2_000, '-4'), row('a', 2_000, '-4'), row('b', 2_000, '5'));
  expect(together.figures.maxDrawdown, 'of one moment in the order of their names, as a report has them').toBe(4);
});

test('an entry slipped by what it cost more than the mid at its decision, a short one by what it brought less', () => {
  const tally = new TradeTally();
  tally.offered('long', '77.95', undefined, '');
  tally.offered('short', '78.5', undefined, '');
  tally.trade({ ...row('a', 2_000), signalId: 'long', size: '3' });
  tally.trade({ ...row('b', 3_000, '1', 'XRPUSDT'), signalId: 'short', side: 'short' });
  const { figures, bySymbol } = tally.end();
  expect(figures).toMatchObject({ slippage: 0.65, slippageKnown: 2 });
  expect(bySymbol.map(({ key, slippage }) => [key, slippage])).toEqual([
    ['SOLUSDT', 0.15],
    ['XRPUSDT', 0.5],
  ]);
});

test('every trade is in the group of its symbol and of the reason of its exit', () => {
  const { bySymbol, byExitReason } = resultOf(row('a', 2_000, '5'), row('b', 3_000, '7', 'XRPUSDT'), row('c', 4_000));
  expect(bySymbol.map(({ key, trades, netProfit }) => [key, trades, netProfit])).toEqual([
    ['XRPUSDT', 1, 7],
    ['SOLUSDT', 2, 6],
  ]);
  expect(byExitReason.map(({ key, trades }) => [key, trades])).toEqual([['timeout', 3]]);
});

test('what was refused, what was missing and what the desk warned of are counted, the most frequent first', () => {
  const tally = new TradeTally();
  tally.offered('a', '78', undefined, '');
  tally.offered('b', '78', 'G29 disk', '');
  for (const detail of ['2 of 2', '3 of 3', '']) tally.offered('c', '78', 'G18 positions', detail);
  tally.offered('d', '78', 'G01 mode', 'HALTED');
  const missed = (signal: string, ...criteria: [name: string, passed: boolean][]): void =>
    tally.candidate({
      signal,
      criteria: criteria.map(([name, passed]) => ({ name, passed })),
    } as unknown as AnalysisEvent);
  missed('breakout', ['trend', true], ['eaten_percent', false]);
  missed('bounce', ['trend', false], ['touch_ticks', false]);
  missed('bounce', ['trend', true], ['touch_ticks', false]);
  for (const level of ['info', 'warning', 'error', 'critical'] as const) tally.told(`a ${level}`, level);
  const { signals, entries, refused, refusedFor, missing, told } = tally.end();
  expect([signals, entries]).toEqual([6, 1]);
  expect(Object.entries(refused)).toEqual([
    ['G18 positions', 3],
    ['G01 mode', 1],
    ['G29 disk', 1],
  ]);
  expect(refusedFor).toEqual({ 'G18 positions': '3 of 3', 'G01 mode': 'HALTED' });
  expect(Object.entries(missing)).toEqual([
    ['bounce touch_ticks', 2],
    ['bounce trend', 1],
    ['breakout eaten_percent', 1],
  ]);
  expect(told).toEqual({ 'a critical': 1, 'a error': 1, 'a warning': 1 });
});

test('two results have one hash where all trades and executions are equal, and only there', () => {
  const hashOf = (trades: readonly TradeRow[], executions: readonly string[]): string => {
    const tally = new TradeTally();
    for (const one of trades) tally.trade(one);
    for (const execId of executions) tally.execution({ execId } as ExecutionRow);
    return tally.end().tradesSha256;
  };
  const one = hashOf([row('a', 2_000)], ['e1', 'e2']);
  expect(hashOf([row('a', 2_000)], ['e1', 'e2'])).toBe(one);
  const others = [
    hashOf([row('a', 2_001)], ['e1', 'e2']),
    hashOf([row('a', 2_000)], ['e1']),
    hashOf([], ['e1', 'e2']),
    hashOf([row('a', 2_000)], ['e1', 'e3']),
  ];
  expect(new Set([one, ...others]).size).toBe(5);
});
