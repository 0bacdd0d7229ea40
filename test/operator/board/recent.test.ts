// Is what has happened told once, with what became of it, and summed up rightly?
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { Happening, TradeTold } from '../../../src/operator/port.ts';
import type { Happened, TradeView } from '../../../src/operator/page/protocol-events.ts';
import { Recent } from '../../../src/operator/board/recent.ts';
import type { AnalysisEvent } from '../../../src/scan/event.ts';
import { Kept } from '../../../src/web/kept.ts';

const SOL = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;
const AT = 1_764_072_000_000 as Ms;

const judged = (change: Partial<AnalysisEvent>, refusal?: string): Happening => ({
  kind: 'analysis',
  atMs: AT,
  instrument: SOL,
  event: { kind: 'signal', signal: 'breakout', side: 1, middle: 15_601, criteria: [], ...change } as AnalysisEvent,
  signalId: 's1',
  refusal,
});

const traded = (change: Partial<TradeTold>): Happening => {
  const prices = { entryPrice: '78', stopLossPrice: '77', fees: '0.2', funding: '0.05' } as const;
  const row = { id: 't1', symbol: 'SOLUSDT', side: 'long', signalType: 'breakout', signalId: 's1', size: '1' } as const;
  return { kind: 'trade', atMs: AT, row: { ...row, ...prices, entryMs: AT, ...change } as TradeTold };
};

describe('a signal', () => {
  test.each([
    ['breakout', 1, 'long'],
    ['breakout', 0, 'short'],
    ['bounce', 0, 'long'],
    ['bounce', 1, 'short'],
  ] as const)('of a %s at side %i goes %s, from the mid in ticks', (signal, side, direction) => {
    const recent = new Recent(AT);
    recent.take(judged({ signal, side }));
    expect(recent.past().signals).toMatchObject([{ kind: signal, direction, outcome: 'offered', mid: 7_800.5 }]);
  });

  test.each([
    [undefined, 'ordered'],
    ['G18 positions', 'refused'],
  ] as const)('that was judged with refusal %s is told once more, as %s, and kept once', (refusal, outcome) => {
    const recent = new Recent(AT);
    recent.take(judged({}));
    expect(recent.fresh()?.signals).toMatchObject([{ outcome: 'offered' }]);
    recent.take({ kind: 'verdict', atMs: AT, symbol: 'SOLUSDT', signalId: 's1', refusal, detail: 'why' });
    expect(recent.fresh()?.signals).toMatchObject([{ id: 's1', outcome, refusal, detail: 'why' }]);
    expect(recent.past().signals).toHaveLength(1);
    expect(recent.fresh()).toBeUndefined();
  });

  test('that nothing came of but a candidate is told as one, and one that was not even offered as refused', () => {
    const recent = new Recent(AT);
    recent.take(judged({ kind: 'candidate' }));
    recent.take(judged({}, 'stale'));
    expect(recent.past().signals.map(({ outcome }) => outcome)).toEqual(['candidate', 'refused']);
  });
});

test('profits add up to what they are: 0.1 and 0.2 USDT to 0.3', () => {
  const recent = new Recent(AT);
  const closed = { exitMs: AT, exitPrice: '80', exitReason: 'timeout' } as const;
  recent.take(traded({ ...closed, id: 'a', profitLoss: '0.1' }));
  recent.take(traded({ ...closed, id: 'b', profitLoss: '0.2' }));
  expect(recent.profit).toBe(0.3);
  recent.take(traded({ ...closed, id: 'a', profitLoss: '-0.00000001' }));
  expect(recent.profit).toBe(0.19999999);
});

test('a trade is kept once, and its profit and its reason are counted once, however often it is told', () => {
  const recent = new Recent(AT);
  recent.take(traded({}));
  expect([recent.profit, recent.tradesClosed.size]).toEqual([0, 0]);
  const closed = { exitMs: AT, exitPrice: '80', exitReason: 'timeout', profitLoss: '1.5' } as const;
  recent.take(traded(closed));
  recent.take(traded({ ...closed, profitLoss: '1.25' }));
  expect(recent.profit).toBe(1.25);
  expect([...recent.tradesClosed]).toEqual([['timeout', 1]]);
  expect(recent.past().trades).toMatchObject([{ id: 't1', profit: 1.25, fees: 0.25, exitPrice: 80 }]);
});

test('a trade that is told again after five hundred others is counted once all the same', () => {
  const recent = new Recent(AT);
  const closed = { exitMs: AT, exitPrice: '80', exitReason: 'timeout', profitLoss: '1.5' } as const;
  recent.take(traded(closed));
  for (let i = 0; i < 500; i++) recent.take(traded({ ...closed, id: `other${i}`, profitLoss: '0' }));
  recent.take(traded({ ...closed, profitLoss: '1.25' }));
  expect(recent.profit).toBe(1.25);
  expect([...recent.tradesClosed]).toEqual([['timeout', 501]]);
});

test('a trade of a former run, which a restart tells once more, is none that this run has closed', () => {
  const recent = new Recent(AT);
  recent.take(traded({ exitMs: (AT - 1) as Ms, exitPrice: '80', exitReason: 'timeout', profitLoss: '1.5' }));
  expect([recent.profit, recent.tradesClosed.size]).toEqual([0, 0]);
  expect(recent.past().trades).toHaveLength(1);
});

test('what this run has closed before its page was started again counts among its trades, and once', () => {
  const recent = new Recent(AT);
  const closed = { exitMs: AT, exitPrice: '80', exitReason: 'timeout' } as const;
  recent.take(traded({ ...closed, id: 'told', profitLoss: '0.5' }));
  const read = (id: string, exitMs: number, profit: number) =>
    ({ id, exitMs, profit, exitReason: 'timeout' }) as TradeView;
  recent.earlier([read('former', AT - 1, 8), read('mine', AT, 1.5), read('told', AT, 0.25)]);
  expect([recent.profit, ...recent.tradesClosed]).toEqual([2, ['timeout', 2]]);
  recent.take(traded({ ...closed, id: 'mine', profitLoss: '1.25' }));
  expect([recent.profit, ...recent.tradesClosed]).toEqual([1.75, ['timeout', 2]]);
});

test('of several signals and trades each is kept, in the order in which it was last told', () => {
  const recent = new Recent(AT);
  for (const id of ['a', 'b', 'c']) {
    recent.take({ ...judged({}), signalId: id } as Happening);
    recent.take(traded({ id }));
  }
  recent.take({ kind: 'verdict', atMs: AT, symbol: 'SOLUSDT', signalId: 'b', refusal: undefined, detail: '' });
  recent.take({ kind: 'verdict', atMs: AT, symbol: 'SOLUSDT', signalId: 'unknown', refusal: undefined, detail: '' });
  const closed = { exitMs: AT, exitPrice: '80', exitReason: 'timeout' } as const;
  recent.take(traded({ id: 'b', ...closed, profitLoss: '1.5' }));
  recent.take(traded({ id: 'a', ...closed, profitLoss: '-0.25' }));
  const past = recent.past();
  expect(past.signals.map(({ id }) => id)).toEqual(['a', 'c', 'b']);
  expect(past.trades.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  expect([recent.profit, ...recent.tradesClosed]).toEqual([1.25, ['timeout', 2]]);
});

test('what ended, was executed and was said is kept; a density that nobody had confirmed ends unheard', () => {
  const recent = new Recent(AT);
  const label = { kind: 'label', signal: 'none', exchangeMs: 5_000, firstSeenMs: 2_000, label: 'eaten' } as const;
  recent.take(judged({ ...label, label: 'pulled', confirmedMs: 0 }));
  recent.take(judged({ ...label, confirmedMs: 1 }));
  const row = { execId: 'e1', tradeId: 't1', timeMs: AT, symbol: 'SOLUSDT', side: 'buy', price: '78.5', size: '2' };
  recent.take({ kind: 'execution', atMs: AT, row: { ...row, kind: 'trade' } } as Happening);
  const word = { atMs: AT, level: 'warning', name: 'order.late', symbol: 'SOLUSDT', fields: { ms: 7 } } as const;
  recent.take({ kind: 'told', ...word });
  const past = recent.past();
  // Its own times are the exchange's.
  expect(past.endings).toMatchObject([{ label: 'eaten', atMs: AT, firstSeenMs: AT - 3_000 }]);
  expect(past.fills).toMatchObject([{ id: 'e1', atMs: AT, price: 78.5, size: '2' }]);
  expect(past.told).toEqual([word]);
  expect([past.signals, past.log]).toEqual([[], []]);
});

test('of a criterion only a finite number is told', () => {
  const recent = new Recent(AT);
  const criteria = [
    { name: 'time_to_eat_ms', value: Infinity, threshold: 30_000, passed: true },
    { name: 'trend', value: NaN, threshold: NaN, passed: false },
  ];
  recent.take(judged({ criteria }));
  expect(recent.past().signals[0]?.criteria.map(({ value, threshold }) => [value, threshold])).toEqual([
    [null, 30_000],
    [null, null],
  ]);
});

const LONG = 'x'.repeat(2_001);

test.each([
  [
    '{"time":1,"level":"warn","event":"book.gap","symbol":"SOLUSDT","u":7}\n',
    ['warn', 'book.gap', 'SOLUSDT', '{"u":7}'],
  ],
  ['{"time":1,"level":40,"symbol":null}\n', ['info', 'log.line', undefined, '']],
  [`{"event":"e","text":"${LONG}"}\n`, ['info', 'e', undefined, `{"text":"${LONG}`.slice(0, 2_000) + '…']],
  ['out of memory\n', ['info', 'log.line', undefined, 'out of memory']],
  ['null\n', ['info', 'log.line', undefined, 'null']],
  [LONG, ['info', 'log.line', undefined, `${LONG.slice(1)}…`]],
])('a line of the log is told in its parts, and whole where it has none: %.30s', (line, parts) => {
  const recent = new Recent(AT);
  recent.take({ kind: 'log', atMs: AT, line });
  expect(recent.past().log.map(({ level, event, symbol, fields }) => [level, event, symbol, fields])).toEqual([parts]);
});

test('of former runs the newest trades are kept, before those of this run, which are known better already', () => {
  const recent = new Recent(AT);
  recent.take(traded({}));
  const former = Array.from({ length: 600 }, (_, i) => ({ id: `f${i}` }) as TradeView);
  recent.earlier([...former, { id: 't1' } as TradeView]);
  const ids = recent.past().trades.map(({ id }) => id);
  expect(ids).toHaveLength(500);
  expect([ids[0], ids.at(-2), ids.at(-1)]).toEqual(['f101', 'f599', 't1']);
  expect(recent.past().trades.at(-1)?.entryPrice).toBe(78);
});

test('a page that was there before the former trades were read knows the same of them as one that comes after it', () => {
  const recent = new Recent(AT);
  const page = new Kept();
  page.take(recent.past());
  recent.take(traded({}));
  page.take(recent.fresh() as Happened);
  recent.earlier(['f1', 'f2', 't1'].map((id) => ({ id }) as TradeView));
  page.take(recent.fresh() as Happened);
  const later = new Kept();
  later.take(recent.past());
  expect(page.trades.map(({ id }) => id)).toEqual(['f1', 'f2', 't1']);
  expect(page.trades).toEqual(later.trades);
  expect(recent.fresh()).toBeUndefined();
});

test('the curve of the equity has a point where it has changed, half a minute apart at least', () => {
  const recent = new Recent(AT);
  for (const [second, usdt] of [
    [0, 100],
    [10, 101],
    [29, 102],
    [30, 103],
    [90, 103],
    [91, 104],
  ] as const) {
    recent.equity(AT + second * 1_000, usdt);
  }
  expect(recent.past().equity).toEqual([
    [AT, 100],
    [AT + 30_000, 103],
    [AT + 91_000, 104],
  ]);
});

test('of a flood between two looks the newest two hundred are told', () => {
  const recent = new Recent(AT);
  for (let i = 0; i < 350; i++) recent.take({ kind: 'log', atMs: AT, line: JSON.stringify({ event: `e${i}` }) });
  const fresh = recent.fresh()?.log ?? [];
  expect([fresh.length, fresh[0]?.event, fresh.at(-1)?.event]).toEqual([200, 'e150', 'e349']);
  expect(recent.past().log.map(({ event }) => event)).toHaveLength(300);
});

test('the curve of the equity goes on where the calendar is set back: what was dated ahead of it is gone', () => {
  const recent = new Recent(AT);
  const kept = new Kept();
  const at = (second: number, usdt: number): void => {
    recent.equity(AT + second * 1_000, usdt);
    kept.take(recent.fresh() ?? { ...recent.past(), equity: [] });
  };
  at(0, 1_000);
  at(30, 1_001);
  at(3_660, 1_002);
  at(3_690, 1_003);
  at(90, 1_004);
  at(120, 1_005);
  const points = [
    [AT, 1_000],
    [AT + 30_000, 1_001],
    [AT + 90_000, 1_004],
    [AT + 120_000, 1_005],
  ];
  expect(recent.past().equity).toEqual(points);
  expect(kept.equity).toEqual(points);
  recent.equity(AT + 7_200_000, 1_006);
  recent.equity(AT + 150_000, 1_007);
  kept.take(recent.fresh() as Happened);
  expect(kept.equity).toEqual([...points, [AT + 150_000, 1_007]]);
});
