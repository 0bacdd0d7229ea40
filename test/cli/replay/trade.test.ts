// Does the command line say what a backtest brought, why it brought no more, and what is wrong with its flags?
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SweepReport } from '../../../src/cli/replay/sweep.ts';
import type { TradeReport } from '../../../src/cli/replay/trade.ts';
import { tradeText } from '../../../src/cli/replay/trade-text.ts';
import type { DecimalText } from '../../../src/store/rows/rows.ts';
import { writeMarket } from '../../backtest/market-file.ts';
import { bookFrame, REAL, REAL_INSTRUMENTS } from '../../record/recorded.ts';
import { runCli } from './replay-room.ts';

let directory: string;
let market: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plotnost-replay-trade-'));
  market = path.join(directory, 'market.jsonl.gz');
  await writeMarket(market, { seed: 5, symbols: 4, seconds: 60 });
});

afterAll(() => rm(directory, { recursive: true, force: true }));

test('a recording traded on a terminal shows its trades, their sum, how they ended and what was refused', async () => {
  const { code, out } = await runCli(['replay', market, '--trade']);
  expect(code).toBe(0);
  expect(out).toMatch(/entry \(UTC\) +symbol +side/);
  expect(out).toMatch(/[A-Z]+USDT +(?:long|short) +(?:bounce|breakout)/);
  expect(out).toMatch(/result after fees and funding +-?[\d.]+ USDT/);
  expect(out).toMatch(/exit reason +trades +win rate +net/);
  expect(out).toMatch(/refused +G\d\d /);
  expect(out).toMatch(/trades hash +[0-9a-f]{64}/);
});

test('prices of the cheapest coins and of the dearest are plain decimals', async () => {
  const { out } = await runCli(['replay', market, '--trade', '--json']);
  const report = JSON.parse(out) as TradeReport;
  const [trade] = report.trades;
  if (trade === undefined) throw new Error('no trade');
  const entryPrice = '0.000000123457' as DecimalText;
  const text = tradeText({
    ...report,
    trades: [{ ...trade, entryPrice, exitPrice: '65114.236842105263' as DecimalText }],
  });
  expect(text).toMatch(/ 0\.000000123457 .* 65114\.2368 /);
});

test('a recording without a trade says at which criteria and gates signals ended', async () => {
  const args = ['replay', REAL, '--trade', '--instruments', REAL_INSTRUMENTS];
  const { code, out } = await runCli(args);
  expect(code).toBe(0);
  expect(out).toMatch(/candidates +breakout \d+, bounce \d+; signals 0/);
  expect(out).toMatch(/criteria that failed: bounce touch_ticks \d+/);
  expect(out).toMatch(/entries +0 of 0 signals/);
  expect(out).toMatch(/doubtful +trading.position_size_usd: 1 of 2 watched symbols need more/);
});

test('of a recording with nothing but the touch it is said that there was no book to trade in', async () => {
  const touch = path.join(directory, 'touch.jsonl');
  await writeFile(touch, bookFrame('snapshot', 1, [['99.40', '1']], [['99.50', '1']], 'orderbook.1.SOLUSDT'));
  const { out } = await runCli(['replay', touch, '--trade']);
  expect(out).toMatch(/taken +no book of SOLUSDT, or only its touch: nothing was seen or traded there/);
});

test('a sweep tells of each variant what was set and what came of it', async () => {
  const { code, out } = await runCli(['replay', REAL, '--json', '--sweep', 'strategy.max_holding_minutes=1,5']);
  const { variants } = JSON.parse(out) as SweepReport;
  expect(code).toBe(0);
  expect(variants.map(({ set }) => set)).toEqual([
    { 'strategy.max_holding_minutes': '1' },
    { 'strategy.max_holding_minutes': '5' },
  ]);
  for (const variant of variants) expect(variant).toMatchObject({ entries: 0, figures: { trades: 0 } });
});

test('a sweep table names its keys and marks variants that the daemon would doubt', async () => {
  const { out } = await runCli(['replay', REAL, '--sweep', 'strategy.density_threshold_abs=1000,20000']);
  expect(out).toMatch(/2 variants in [\d.]+ s on \d threads?/);
  expect(out).toMatch(/density_threshold_abs +trades +win rate +net +factor +drawdown +exit reasons/);
  expect(out).toMatch(/\n +1000 +0 +– /);
  expect(out).toMatch(/\* doubtful: trading.position_size_usd/);
  const one = await runCli(['replay', REAL, '--sweep', 'strategy.density_threshold_abs=1000']);
  expect(one.out).toMatch(/^1 variant in /m);
});

test.each([
  [
    ['--trade', '--set', 'strategy.max_stop_percnt=1'],
    '--set strategy.max_stop_percnt: unknown key: did you mean max_stop_percent?',
  ],
  [
    ['--sweep', 'strategy.max_stop_percnt=1,2'],
    '--sweep strategy.max_stop_percnt: unknown key: did you mean max_stop_percent?',
  ],
  [
    ['--sweep', 'strategy.max_stop_percent=1,x'],
    '--sweep strategy.max_stop_percent=x: must be a number within 0.05 … 5 % of price, not "x"',
  ],
  [['--sweep', 'strategy.max_stop_percent'], 'must be section.key=value,value'],
  [['--sweep', 'a.b=1', '--sweep', 'a.b=2'], '--sweep a.b: given twice'],
  [['--trade', '--dump-book', 'all'], '--dump-book: not together with --trade or --sweep'],
  [['--trade', '--analysis', 'pool'], '--analysis pool: not together with --trade or --sweep'],
  [['--trade', '--as-recorded'], '--as-recorded: not together with --trade or --sweep'],
  [
    ['--sweep', 'simulator.seed=1,2', '--verify'],
    '--verify: not together with --sweep: all variants see the same books',
  ],
])('%j is refused with its remedy before anything is run', async (flags, message) => {
  const { code, err, out } = await runCli(['replay', REAL, ...flags]);
  expect([code, out]).toEqual([64, '']);
  expect(err).toContain(message);
});

test.each([['--trade'], ['--sweep', 'strategy.max_stop_percent=1,1.1']])(
  'fees that leave no room for a stop are refused of %s %s, whatever mode the daemon would trade in',
  async (...flags) => {
    const costly = ['--set', 'paper.taker_fee_percent=0.45', '--set', 'trading.mode=off'];
    const { code, err, out } = await runCli(['replay', REAL, ...flags, ...costly]);
    expect([code, out]).toEqual([64, '']);
    expect(err).toContain('strategy.max_cost_to_stop_ratio: fees of 0.9 %');
  },
);

test('a missing file is a wrong flag, and of one that is no recording there is no report', async () => {
  const missing = await runCli(['replay', path.join(directory, 'none.gz'), '--sweep', 'simulator.seed=1,2']);
  expect([missing.code, missing.out]).toEqual([64, '']);
  const foreign = await runCli(['replay', REAL_INSTRUMENTS, '--trade']);
  expect([foreign.code, foreign.out]).toEqual([65, '']);
});
