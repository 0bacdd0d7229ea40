// Are the figures of a report what the rows say, by a computation that shares nothing with it? And do its forms agree?
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { csvLine } from '../../../src/cli/report/csv.ts';
import { distribution } from '../../../src/cli/report/html.ts';
import { addReportCommand } from '../../../src/cli/report/report.ts';
import { className, lasting, money, percent } from '../../../src/cli/report/format.ts';
import { timeOf } from '../../../src/cli/report/span.ts';
import { bars, curve } from '../../../src/cli/report/svg.ts';
import { table, tradesText, type TradesReport } from '../../../src/cli/report/text.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createRng } from '../../../src/lib/rng.ts';
import { rollUp } from '../../../src/store/write/retention.ts';
import { runMigrate } from '../../../src/cli/migrate.ts';
import type { DensitiesFound } from '../../../src/store/read/report-densities.ts';
import type { Row } from '../../../src/store/rows/rows.ts';
import { withClient } from '../../../src/store/session.ts';
import { atOneMoment } from '../../../src/store/read/one-moment.ts';
import { readTrades } from '../../../src/store/read/report.ts';
import { figuresOf, groupsOf, type Equity, type Group } from '../../../src/store/read/trade-figures.ts';
import { writeRows } from '../../../src/store/write/writer.ts';
import { anotherDatabase, density, session, signal, tempDir, trade } from '../../store/fixtures.ts';
import { startServer, type Server } from '../../store/servers.ts';

const NOW = Date.UTC(2026, 10, 30, 9, 30) as Ms;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let server: Server;
let dir: Awaited<ReturnType<typeof tempDir>>;
/** Of the database that is asked: by default one with a history. */
let connection: pg.ClientConfig;
let ofLittle: pg.ClientConfig;

beforeAll(async () => {
  server = await startServer();
  dir = await tempDir();
  ({ connection } = server);
  await runMigrate(connection, 'up');
  ofLittle = await anotherDatabase({ ...connection, database: 'postgres' }, 'little', connection.database);
  await withClient(connection, (client) => writeRows(client, history(400)));
});
afterAll(async () => {
  await server.remove();
  await dir.remove();
});

let environment: string | undefined;

async function run(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  let out = '';
  let err = '';
  const print = (text: string): void => {
    out += `${text}\n`;
  };
  const context = {
    cwd: dir.path,
    environment,
    print,
    printJson: (value: unknown) => print(JSON.stringify(value)),
    stdout: { write: (text: string) => (out += text) },
  };
  const program = new Command('plotnost').exitOverride().configureOutput({ writeErr: (text) => (err += text) });
  const reach = async () => ({ connection, close: async () => undefined });
  addReportCommand(program, { context, reach, now: () => NOW });
  for (const command of program.commands) {
    for (const one of [command, ...command.commands]) one.copyInheritedSettings(program).exitOverride();
  }
  const code = await program.parseAsync(args, { from: 'user' }).then(
    () => 0,
    (error: unknown) => {
      err += error instanceof Error ? error.message : '';
      return (error as { exitCode: number }).exitCode;
    },
  );
  return { out, err, code };
}

type Told = TradesReport & { readonly equity: Equity; readonly from: string | null; readonly until: string };
const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await run(...args, '--json')).out) as T;

const SYMBOLS = ['DOGEUSDT', 'SOLUSDT', '<b>&"USDT'] as const;
const REASONS = ['stop_loss', 'take_profit_slowdown', 'timeout', 'breakeven_stop'] as const;

/** Decimals that no float holds: two 0.1 and a 0.2 sum up to 0.4 here. */
const cents = (value: number): string => (value / 1_000_000_007).toFixed(12);

function history(count: number): Row[] {
  const rng = createRng(11);
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const entryTime = (NOW - 40 * DAY_MS + Math.floor(((i + rng.next()) / count) * 40 * DAY_MS)) as Ms;
    const exitTime = (entryTime + 1_000 + rng.below(1_800_000)) as Ms;
    const symbol = SYMBOLS[rng.below(SYMBOLS.length)] as string;
    const kind = rng.below(2) === 0 ? 'bounce' : 'breakout';
    const signalId = `s-${i}`;
    const outcome = rng.below(10) === 0 ? 0 : rng.below(3_000_000_000) - 1_400_000_000;
    rows.push(
      trade({
        account: rng.below(4) === 0 ? 'mainnet:1' : 'simulator:1',
        tradeId: `t-${i}`,
        symbol,
        side: rng.below(2) === 0 ? 'long' : 'short',
        signalType: kind,
        signalId,
        entryTime,
        exitTime,
        exitReason: REASONS[rng.below(REASONS.length)] as string,
        entryPrice: cents(900_000_000 + rng.below(1_000_000)),
        ...(rng.below(2) === 0 ? { expectedPrice: cents(900_500_000) } : {}),
        exitPrice: '1',
        positionSize: '27.3',
        notional: cents(rng.below(1_000_000_000) * 25),
        profitLoss: cents(outcome),
        fees: cents(rng.below(30_000_000)),
        funding: cents(rng.below(3_000_000) - 1_500_000),
      }),
    );
    if (rng.below(2) === 0) rows.push(signal({ symbol, signalId, kind, time: (entryTime - 40) as Ms, mid: '0.9005' }));
  }
  rows.push(trade({ tradeId: 'open', entryTime: (NOW - 1_000) as Ms }));
  return rows;
}

/** The same by the database alone: its numerics, its order, its window functions. */
const BY_SQL = `
  WITH of AS (
    SELECT *, row_number() OVER (ORDER BY exit_time, account, trade_id) AS place,
           coalesce(expected_price, (SELECT s.mid FROM signals s WHERE s.symbol = t.symbol AND s.signal_id = t.signal_id LIMIT 1)) AS expected
    FROM trades t WHERE exit_time >= $1 AND exit_time < $2 AND CONDITION),
  sums AS (SELECT *, sum(profit_loss) OVER (ORDER BY place) AS equity FROM of),
  falls AS (SELECT *, greatest(0, max(equity) OVER (ORDER BY place)) - equity AS fall FROM sums),
  runs AS (SELECT place - row_number() OVER (ORDER BY place) AS island FROM of WHERE profit_loss < 0)
  SELECT count(*) AS trades, count(*) FILTER (WHERE profit_loss > 0) AS wins,
         count(*) FILTER (WHERE profit_loss < 0) AS losses, count(*) FILTER (WHERE profit_loss = 0) AS even,
         (count(*) FILTER (WHERE profit_loss > 0))::numeric / nullif(count(*), 0) AS "winRate",
         coalesce(sum(profit_loss) FILTER (WHERE profit_loss > 0), 0) / nullif(-sum(profit_loss) FILTER (WHERE profit_loss < 0), 0)
           AS "profitFactor",
         avg(profit_loss) AS expectancy, coalesce(sum(profit_loss), 0) AS "netProfit",
         coalesce(sum(profit_loss) FILTER (WHERE profit_loss > 0), 0) AS "grossWin",
         coalesce(-sum(profit_loss) FILTER (WHERE profit_loss < 0), 0) AS "grossLoss",
         avg(profit_loss) FILTER (WHERE profit_loss > 0) AS "averageWin",
         -avg(profit_loss) FILTER (WHERE profit_loss < 0) AS "averageLoss",
         coalesce(greatest(max(profit_loss), 0), 0) AS "largestWin", coalesce(greatest(-min(profit_loss), 0), 0) AS "largestLoss",
         coalesce(max(fall), 0) AS "maxDrawdown", coalesce(sum(fees), 0) AS fees, coalesce(sum(funding), 0) AS funding,
         coalesce((SELECT max(n) FROM (SELECT count(*) AS n FROM runs GROUP BY island) i), 0) AS "consecutiveLossesMax",
         sum(CASE side WHEN 'long' THEN 1 ELSE -1 END * (entry_price - expected) * position_size) AS slippage,
         count(expected) AS "slippageKnown", coalesce(sum(notional), 0) AS volume,
         avg(extract(epoch FROM exit_time - entry_time) * 1000) AS mean,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM exit_time - entry_time) * 1000) AS median,
         max(extract(epoch FROM exit_time - entry_time) * 1000) AS longest,
         sum(extract(epoch FROM exit_time - entry_time) * 1000) AS total
  FROM falls`;

async function bySql(from: number, until: number, condition = 'true'): Promise<Record<string, number | null>> {
  return withClient(connection, async (client) => {
    const { rows } = await client.query<Record<string, string | null>>(BY_SQL.replace('CONDITION', condition), [
      new Date(from),
      new Date(until),
    ]);
    return Object.fromEntries(
      Object.entries(rows[0] ?? {}).map(([name, value]) => [name, value === null ? null : Number(value)]),
    );
  });
}

const rounded = (value: number | null): number | null =>
  value === null ? null : Number((Math.round(value * 1e12) / 1e12).toPrecision(11));

/** Figures as the command tells them beside those of SQL: equal to the eleventh digit. */
function agree(told: object, expected: Record<string, number | null>): void {
  const { timeInPositionMs, ...figures } = told as Record<string, unknown>;
  const flat = { ...figures, ...(timeInPositionMs as object | null) } as Record<string, number | null>;
  const names = Object.keys(expected);
  const of = (from: Record<string, number | null>): unknown => names.map((name) => [name, rounded(from[name] ?? null)]);
  expect(of(flat)).toEqual(of(expected));
}

describe('where little is stored', () => {
  beforeEach(async () => {
    connection = ofLittle;
    await withClient(connection, (client) => client.query('TRUNCATE trades, sessions, signals, rollup_pending'));
  });
  afterEach(() => {
    ({ connection } = server);
  });

  test('before anything is stored it says what to do', async () => {
    connection = await anotherDatabase(connection, 'untouched');
    expect(await run('report')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing is stored yet') as string,
    });
  });

  test('before anything is traded it says so', async () => {
    expect((await run('report', 'week')).out).toBe(
      'No trade ended 2026-11-23 09:30 to 2026-11-30 09:30 UTC. 0 positions are open now.\n',
    );
    expect(await json<Told>('report')).toMatchObject({
      trades: 0,
      winRate: null,
      profitFactor: null,
      maxDrawdown: 0,
      equity: [],
    });
    expect((await run('report', 'densities')).out).toContain('No density was confirmed');
  });

  test('all that a command asks is of one moment, whatever is written meanwhile, and it writes nothing itself', async () => {
    const later = trade({ tradeId: 'meanwhile' });
    const seen = await atOneMoment(connection, async (client) => {
      const count = async () => (await client.query('SELECT FROM trades')).rowCount;
      const before = await count();
      await withClient(connection, (other) => writeRows(other, [later]));
      return [before, await count()];
    });
    expect(seen).toEqual([0, 0]);
    const writes = atOneMoment(connection, (client) => client.query('DELETE FROM trades'));
    await expect(writes).rejects.toThrow('read-only');
  });

  test.each([
    ['the simulated exchange of a run', 'simulator:own'],
    ['paper', 'mainnet:paper'],
  ])('what was left open on %s is open no more when that run has ended', async (_, account) => {
    const open = { account };
    const told = async (...rows: Row[]): Promise<string> => {
      await withClient(connection, (client) => writeRows(client, rows));
      return (await run('report', 'week')).out;
    };
    const begun = { startedAt: (NOW - HOUR_MS) as Ms };
    const left = trade({ ...open, tradeId: 'left', sessionId: 'own-1' });
    expect(await told(session({ sessionId: 'own-1', ...begun }), left)).toContain('1 position is open now.');
    expect(await told(session({ sessionId: 'own-1', ...begun, endedAt: NOW }))).toContain('0 positions are open now.');
    expect(await told(trade({ ...open, tradeId: 'left', account: 'mainnet:1' }))).toContain('1 position is open now.');
    // A run that was killed has no end of its own.
    const killed = trade({ ...open, tradeId: 'killed', sessionId: 'own-2' });
    expect(await told(session({ sessionId: 'own-2', startedAt: (NOW - 1) as Ms }), killed)).toContain(
      '2 positions are open now.',
    );
    expect(await told(session({ sessionId: 'own-3', startedAt: NOW }))).toContain('1 position is open now.');
  });

  test('what a trade expected to pay is the mid of its own signal, as that was told last before it', async () => {
    const entryTime = (NOW - HOUR_MS) as Ms;
    const mids = [
      ['mine', 50, '7'],
      ['mine', 10, '8'],
      // Other sessions may have given the same id.
      ['mine', 61, '5'],
      ['mine', -61, '9'],
      ['another', 5, '6'],
    ] as const;
    const rows = mids.map(([signalId, ago, mid]) => signal({ signalId, time: (entryTime - ago * 1_000) as Ms, mid }));
    const one = trade({ signalId: 'mine', entryTime, exitTime: NOW, exitReason: 'timeout', profitLoss: '1' });
    const { expectedPrice: _, ...bare } = one;
    await withClient(connection, (client) => writeRows(client, [...rows, bare]));
    const { trades } = await readTrades(connection, { until: (NOW + 1) as Ms });
    expect(trades.map(({ expectedPrice }) => expectedPrice)).toEqual(['8']);
  });
});

test('every figure of every period equals that of the database, and so does each group', async () => {
  const periods = { day: 1, week: 7, month: 30, all: 100 };
  for (const [period, days] of Object.entries(periods)) {
    const told = await json<Told>('report', period);
    expect(told.trades).toBeGreaterThan(2);
    expect(told.open).toBe(1);
    agree(told, await bySql(NOW - days * DAY_MS, NOW));
    if (period !== 'month') continue;
    const columns = {
      symbol: 'symbol',
      strategy: 'signal_type',
      'exit-reason': 'exit_reason',
      hour: `to_char(entry_time AT TIME ZONE 'UTC', 'HH24')`,
      account: 'account',
    };
    for (const [grouping, column] of Object.entries(columns)) {
      const groups = told.by[grouping as keyof typeof columns] as readonly Group[];
      expect(groups.reduce((sum, group) => sum + group.trades, 0)).toBe(told.trades);
      for (const group of grouping === 'hour' ? groups.slice(0, 2) : groups) {
        agree(group, await bySql(NOW - days * DAY_MS, NOW, `${column} = '${group.key}'`));
      }
    }
  }
});

test('the curve ends at the result, and its deepest fall is the drawdown', async () => {
  const { equity, netProfit, maxDrawdown, trades } = await json<Told>('report', 'month');
  expect(equity).toHaveLength(trades);
  expect(equity.at(-1)?.[1]).toBeCloseTo(netProfit, 12);
  let peak = 0;
  const falls = equity.map(([, sum]) => (peak = Math.max(peak, sum)) - sum);
  expect(Math.max(...falls)).toBeCloseTo(maxDrawdown, 10);
  expect(equity.map(([at]) => at)).toEqual(equity.map(([at]) => at).toSorted((a, b) => a - b));
});

test('one account, one span, one grouping', async () => {
  const since = new Date(NOW - 3 * DAY_MS).toISOString();
  const told = await json<Told>(
    'report',
    '--since',
    since,
    '--until',
    '2d',
    '--account',
    'mainnet',
    '--by',
    'symbol,hour',
  );
  expect(Object.keys(told.by)).toEqual(['symbol', 'hour']);
  expect([told.from, told.until]).toEqual([since, new Date(NOW - 2 * DAY_MS).toISOString()]);
  agree(told, await bySql(NOW - 3 * DAY_MS, NOW - 2 * DAY_MS, `account = 'mainnet:1'`));
  const ends = (await json<Told>('report')).equity.map(([at]) => at);
  const [from, until] = [ends[3], ends[7]].map((at) => new Date(at as Ms).toISOString()) as [string, string];
  const between = ends.filter((at) => at >= (ends[3] as Ms) && at < (ends[7] as Ms));
  expect((await json<Told>('report', '--since', from, '--until', until)).trades).toBe(between.length);
  expect(await run('report', 'year')).toMatchObject({ code: 1, err: expect.stringContaining('day, week') as string });
  expect(await run('report', '--by', 'moon')).toMatchObject({ code: 1 });
  expect(await run('report', '--since', '2d', '--until', '2d')).toMatchObject({ code: 64, out: '' });
  expect(await run('report', '--since', '23:59')).toMatchObject({
    code: 64,
    err: '--since: 2026-11-30T23:59:00.000Z is still to come: give the day as well, or how long ago it was, like 15h',
  });
  expect(await run('report', '--since', 'noon')).toMatchObject({
    code: 1,
    err: expect.stringContaining('15m') as string,
  });
});

test('a day that the calendar does not have is no time', async () => {
  for (const day of ['2026-02-30', '2026-11-31T10:00', '2026-11-31T10:00+02:00', '2026-13-01'])
    expect(await run('report', '--since', day)).toMatchObject({ code: 1, out: '' });
  expect((await json<Told>('report', '--since', '2024-02-29')).from).toBe('2024-02-29T00:00:00.000Z');
  expect((await json<Told>('report', '--since', '2026-11-29T01:00+02:00')).from).toBe('2026-11-28T23:00:00.000Z');
  expect((await json<Told>('report', 'day', '--since', '2026-11-27')).from).toBe('2026-11-27T00:00:00.000Z');
  expect((await json<Told>('report', '--since', '08:00')).from).toBe('2026-11-30T08:00:00.000Z');
  expect(['90s', '15m', '3h', '2d', '-1.5h'].map((ago) => (NOW - timeOf(ago, NOW)) / 1_000)).toEqual([
    90, 900, 10_800, 172_800, 5_400,
  ]);
  expect(timeOf('2026-11-29 08:00:30', NOW)).toBe(Date.UTC(2026, 10, 29, 8, 0, 30));
  expect(timeOf(`${NOW / 1_000}s`, NOW)).toBe(0);
  expect(() => timeOf(`${NOW / 1_000 + 1}s`, NOW)).toThrow('before 1970');
});

test('a report of an environment is of the accounts of that one, unless it names others', async () => {
  const all = await json<Told>('report');
  environment = 'mainnet';
  const [ours, named] = [await json<Told>('report'), await json<Told>('report', '--account', 'simulator')];
  environment = undefined;
  agree(ours, await bySql(0, NOW, `account = 'mainnet:1'`));
  expect([ours.account, named.account]).toEqual(['mainnet:', 'simulator']);
  expect(ours.trades + named.trades).toBe(all.trades);
});

test('a report of some accounts says so in every form, also where they have traded nothing', async () => {
  expect((await run('report', 'week', '--account', 'mainet')).out).toBe(
    'No trade of accounts mainet… ended 2026-11-23 09:30 to 2026-11-30 09:30 UTC. ' +
      '0 positions of accounts mainet… are open now.\n',
  );
  expect((await run('report', '--account', 'mainnet')).out).toMatch(/^Trades of accounts mainnet… that ended/);
  const [one, all] = [await json<Told>('report', '--account', 'mainnet'), await json<Told>('report')];
  expect([one.account, all.account]).toEqual(['mainnet', null]);
  expect(['account' in one.by, 'account' in all.by]).toEqual([false, true]);
  await run('report', '--account', 'mainnet', '--html', 'mainnet.html');
  expect(readFileSync(join(dir.path, 'mainnet.html'), 'utf8')).toContain('Trades of accounts mainnet… that ended');
});

test('a report that adds up several accounts, as paper beside real money, names them, by whatever it is told', async () => {
  const together = 'Of 2 accounts together: mainnet:1, simulator:1.';
  expect((await run('report', '--by', 'symbol')).out).toMatch(new RegExp(`^Trades that ended .*\n${together}\n`));
  expect((await run('report', '--account', 'mainnet')).out).not.toContain('together');
  expect((await json<Told>('report', '--by', 'hour')).accounts).toEqual(['mainnet:1', 'simulator:1']);
  await run('report', '--by', 'hour', '--html', 'both.html');
  expect(readFileSync(join(dir.path, 'both.html'), 'utf8')).toContain(together);
});

test('hours come in their order, symbols and ways out by what they brought', async () => {
  const { by } = await json<Told>('report', 'month');
  const hours = (by.hour ?? []).map(({ key }) => key);
  expect(hours).toEqual(Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0')));
  const byHour = (await run('report', 'month', '--by', 'hour')).out.split('By hour of entry, UTC\n')[1] ?? '';
  expect([...byHour.matchAll(/^ {2}(\d\d) /gm)].map(([, hour]) => hour)).toEqual(hours);
  for (const groups of [by.symbol, by['exit-reason'], by.strategy]) {
    const brought = (groups ?? []).map(({ netProfit }) => netProfit);
    expect(brought.length).toBeGreaterThan(1);
    expect(brought).toEqual(brought.toSorted((a, b) => b - a));
  }
});

test('text, table for spreadsheets and JSON tell the same numbers', async () => {
  const told = await json<Told>('report', 'week');
  const { out } = await run('report', 'week');
  expect(out).toContain(`${told.trades}: ${told.wins} won, ${told.losses} lost, ${told.even} even`);
  for (const title of ['By symbol', 'By strategy', 'By exit reason', 'By hour of entry, UTC', 'By account']) {
    expect(out).toContain(title);
  }
  const csv = (await run('report', 'week', '--csv')).out.split('\r\n');
  const [head, all] = csv.map((line) => line.split(',')) as [string[], string[]];
  const {
    timeInPositionMs: time,
    account: _account,
    accounts: _accounts,
    open: _open,
    by: _by,
    equity: _equity,
    from: _from,
    until: _until,
    ...figures
  } = told;
  const times = {
    meanTimeInPositionMs: time?.mean,
    medianTimeInPositionMs: time?.median,
    totalTimeInPositionMs: time?.total,
  };
  const cells = Object.fromEntries(head.map((name, i) => [name, all[i]]));
  const expected = Object.entries({ by: 'all', key: '', ...figures, ...times }).map(([name, value]) => [
    name,
    String(value),
  ]);
  expect(cells).toEqual(Object.fromEntries(expected));
  expect(csv.find((line) => line.startsWith('symbol,"<b>&""USDT"'))).toBeDefined();
  expect(csvLine(['=1+1', '-x', -5, 'a,b', null])).toBe(`'=1+1,'-x,-5,"a,b",`);
});

test('what rounds to nothing is written without a sign', () => {
  expect([-0.00001, -0, 0, 0.00001].map(money)).toEqual(['0.0000', '0.00', '0.00', '0.0000']);
});

test('in a table numbers stand one under the other, and words begin under their title', () => {
  expect([0.058, 0, -1_204.25].map(money)).toEqual(['0.0580', '0.00', '-1 204.25']);
  expect([59_400, 200_000, 7_500_000].map(lasting)).toEqual(['59.4 s', '3 min 20 s', '2 h 5 min']);
  expect([percent(0.125), className(100_000), className(1_000_000)]).toEqual(['12.5 %', '100k – 250k', '1M and more']);
  const rows = [0.058, -0.1234, 12].map((value, i) => ['x', 'y'.repeat(i + 1), money(value)]);
  expect(table(['kind', 'reason', 'net'], rows, ['reason'])).toEqual([
    '  kind  reason      net',
    '  x     y        0.0580',
    '  x     yy      -0.1234',
    '  x     yyy       12.00',
  ]);
});

test('the page opens without a network: no script, nothing fetched, names of coins are text', async () => {
  const { out } = await run('report', 'month', '--html', 'report.html');
  expect(out.trim()).toBe(join(dir.path, 'report.html'));
  const page = readFileSync(join(dir.path, 'report.html'), 'utf8');
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).not.toMatch(/https?:|<script|<link|<img|url\(|@import|src=|href=/);
  expect(page).not.toContain('<b>&"USDT');
  expect(page).toContain('&lt;b&gt;&amp;&quot;USDT');
  expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(6);
  expect(page.match(/<(section|svg|table|div|title|text)\b/g)?.length).toBe(
    page.match(/<\/(section|svg|table|div|title|text)>/g)?.length,
  );
  expect(page).not.toMatch(/NaN|Infinity|undefined|null/);
  // On a phone a plot is moved sideways, as a table is, and not made so small that nobody can read it.
  expect(page).toContain('svg { min-width: 880px; }');
  expect(page.match(/<div class="wide"><svg /g)).toHaveLength(page.match(/<svg /g)?.length ?? 0);
  // What cost money is no gain to the eye, wherever it is drawn.
  const results = [...page.matchAll(/<rect class="(\w+)".*?<title>\d+ trades from (-?)[^<]*<\/title>/g)];
  expect(results.length).toBeGreaterThan(0);
  for (const [, tone, minus] of results) expect(tone).toBe(minus === '-' ? 'bad' : 'good');
  const groups = [...page.matchAll(/<rect class="(\w+)"[^>]*><title>[^<]+?: (-?)[\d .]+ USDT, \d+ trades/g)];
  expect(new Set(groups.map(([, tone, minus]) => `${tone}${minus}`))).toEqual(new Set(['bad-', 'good']));
  const { netProfit } = await json<Told>('report', 'month', '--html', 'report.html');
  expect(page).toContain(`<b class="${netProfit < 0 ? 'bad' : 'good'}">${money(netProfit)}</b>`);
  const refused = await run('report', '--html', 'no/such/folder.html');
  expect(refused.code).toBe(64);
  expect(refused.err).toMatch(
    /^--html \S+folder\.html: cannot be written \(ENOENT\): name a file in a folder that is there$/m,
  );
});

test('of more groups than a terminal shows the best and the worst are told, and how many lie between them', () => {
  const rest = { signalType: 'bounce', exitReason: 'timeout', account: 'x', side: 'long', entryPrice: '1' } as const;
  const sums = { expectedPrice: null, positionSize: '1', notional: '1', fees: '0', funding: '0' };
  const at = { entryTime: 0 as Ms, exitTime: 1 as Ms };
  const trades = Array.from({ length: 30 }, (_, i) => {
    return { ...rest, ...sums, ...at, tradeId: `${i}`, symbol: `S${i}`, profitLoss: `${15 - i}` };
  });
  const report = {
    account: null,
    accounts: ['x'],
    ...figuresOf(trades),
    open: 0,
    by: { symbol: groupsOf(trades, 'symbol') },
  };
  const text = tradesText(report, { from: undefined, until: NOW });
  const shown = [...text.matchAll(/^ {2}S(\d+) /gm)].map(([, i]) => Number(i));
  expect(shown).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
  expect(text).toContain('the best and the worst; 6 between them');
});

test('what came in is drawn upwards, what was lost downwards, and a fall is measured from the peak before it', () => {
  const drawn = curve('', [
    [0 as Ms, 10],
    [1_000 as Ms, -10],
    [2_000 as Ms, 0],
  ]);
  expect(drawn).toContain('class="line" points="72,143 72,143 72,143 72,12 510,12 510,274 948,274 948,143"');
  expect(drawn).toMatch(/class="fall" points="[^"]* 948,12 948,12 510,12 510,12 72,12 72,143 72,143 72,143"/);
  const both = bars(
    '',
    [5, -5].map((value) => ({ name: '', value, about: '' })),
  );
  expect(
    [...both.matchAll(/<rect [^>]*y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)].map(([, ...at]) => at),
  ).toEqual([
    ['12', '91.0'],
    ['103', '91.0'],
  ]);
  const counts = distribution(['-10', '1', '10'].map((profitLoss) => ({ profitLoss }))).map(({ value }) => value);
  expect(counts.flatMap((value, bin) => (value === 0 ? [] : [bin]))).toEqual([0, 13, 23]);
});

test('densities: births, labels, lives and hit rates equal those of the rows, rolled up or not', async () => {
  const rng = createRng(5);
  const labels = ['eaten', 'pulled', 'moved', 'absorbed', 'out_of_view', 'unknown', 'held'] as const;
  const rows: Row[] = [];
  for (let i = 0; i < 400; i++) {
    const appearedAt = (NOW - Math.floor(rng.next() * 5 * DAY_MS) - HOUR_MS) as Ms;
    const life = {
      lifeId: `l-${i}`,
      symbol: SYMBOLS[rng.below(2)] as string,
      appearedAt,
      peakNotional: rng.below(1_500_000),
    };
    const end = (appearedAt + 3_500 + rng.below(600_000)) as Ms;
    rows.push(density({ ...life, time: (appearedAt + 3_000) as Ms }));
    const label = labels[rng.below(7)] as (typeof labels)[number];
    const outcome = { touches: rng.below(2), crossed: rng.below(2) === 0, eaten: rng.below(50_000) };
    rows.push(density({ ...life, ...outcome, time: end, disappearedAt: end, moment: 'closed', ordinal: 1, label }));
  }
  await withClient(connection, (client) => writeRows(client, rows));
  const before = await json<DensitiesFound>('report', 'densities', 'all');
  expect(JSON.parse((await run('report', '--json', 'densities')).out)).toEqual(before);
  await withClient(connection, async (client) => {
    const { rows: found } = await client.query<Record<string, number>>(
      `SELECT count(*) FILTER (WHERE moment = 'confirmed')::int AS births, count(*) FILTER (WHERE moment = 'closed')::int AS ended,
              count(*) FILTER (WHERE label = 'absorbed')::int AS absorbed,
              avg(extract(epoch FROM disappeared_at - appeared_at) * 1000)::float8 AS life,
              (sum(eaten) FILTER (WHERE moment = 'closed'))::float8 AS eaten,
              count(*) FILTER (WHERE touches > 0 AND NOT crossed AND moment = 'closed')::int AS held,
              count(*) FILTER (WHERE label = 'eaten' AND crossed)::int AS crossed
       FROM densities WHERE peak_notional >= 250000 AND peak_notional < 500000`,
    );
    const [sql] = found;
    const own = before.classes.find(({ sizeFrom }) => sizeFrom === 250_000);
    expect(own).toMatchObject({ births: sql?.['births'], ended: sql?.['ended'], eaten: sql?.['eaten'] });
    expect(own?.labels['absorbed']).toBe(sql?.['absorbed']);
    expect(own?.lifeMsMean).toBeCloseTo(sql?.['life'] as number, 6);
    expect([own?.bounce.hits, own?.breakout.hits]).toEqual([sql?.['held'], sql?.['crossed']]);
    expect(await rollUp(client, NOW)).toBeGreaterThan(50);
  });
  expect(await json<DensitiesFound>('report', 'densities', 'all')).toEqual(before);
  expect(before.all.births).toBe(400);
  const late = before.hours.slice(10);
  const since = new Date((late[0]?.hour as Ms) + HOUR_MS / 2).toISOString();
  const { all } = await json<DensitiesFound>('report', 'densities', '--since', since);
  expect(all.births).toBe(late.reduce((sum, { births: born }) => sum + born, 0));
  const until = new Date(late[0]?.hour as Ms).toISOString();
  const { all: early } = await json<DensitiesFound>('report', 'densities', 'all', '--until', until);
  expect(early.births).toBe(before.all.births - all.births);
  const { out } = await run('report', 'densities', 'week');
  expect(out).toMatch(/Hit rates[^]*250k – 500k[^]*Looked at[^]*By symbol/);
  const [head = [], ...lines] = (await run('report', 'densities', '--csv')).out
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  expect(new Set(lines.map((line) => line.length))).toEqual(new Set([head.length]));
  const { lifeMsMean, births, ended, peak, eaten, pulled, refilled, bounce, breakout } = before.all;
  const sums = { lifeMsMean, births, ended, peak, eatenUsdt: eaten, pulledUsdt: pulled, refilledUsdt: refilled };
  const rates = { bounceWalls: bounce.walls, bounceWonRate: bounce.wonRate, breakoutHits: breakout.hits };
  const told = Object.entries({ ...before.all.labels, ...sums, ...rates }).map(([name, value]) => [name, value ?? '']);
  expect(told.map(([name]) => [name, lines[0]?.[head.indexOf(String(name))]])).toEqual(
    told.map(([name, value]) => [name, String(value)]),
  );
  await run('report', 'densities', '--html', 'densities.html');
  const page = readFileSync(join(dir.path, 'densities.html'), 'utf8');
  expect(page).not.toMatch(/https?:|<script|NaN|undefined/);
  const hours = new Set(before.hours.map(({ hour }) => new Date(hour).toISOString().slice(11, 16)));
  expect(new Set([...page.matchAll(/born from (..:..) UTC on/g)].map(([, hour]) => hour))).toEqual(hours);
});

test('a report of years counts more candidates than there are numbers of 32 bits', async () => {
  const hours = [NOW - 2 * HOUR_MS, NOW - 3 * HOUR_MS].map((ms) => new Date(ms).toISOString());
  await withClient(connection, (client) =>
    client.query(
      `INSERT INTO signal_hours (hour, symbol, kind, direction, outcome, reason, told)
       SELECT hour::timestamptz, 'SOLUSDT', 'bounce', 'long', 'candidate', 'of years', 1500000000 FROM unnest($1::text[]) AS hour`,
      [hours],
    ),
  );
  const { signals } = await json<DensitiesFound>('report', 'densities', 'all');
  expect(signals.find(({ reason }) => reason === 'of years')?.told).toBe(3_000_000_000);
  // Hours of the span alone: from the whole one in which it begins until before its end.
  for (const span of [
    ['--since', hours[0] as string],
    ['--until', hours[0] as string],
  ]) {
    const found = await json<DensitiesFound>('report', 'densities', ...span);
    expect(found.signals.find(({ reason }) => reason === 'of years')?.told).toBe(1_500_000_000);
  }
});

test.each([
  ['before the report', ['report', '--json', 'densities', '--csv']],
  ['behind it', ['report', 'densities', '--csv', '--json']],
])('a table and JSON at once are wrong usage, wherever --json stands: %s', async (_, words) => {
  const { out, err, code } = await run(...words);
  expect([out, code]).toEqual(['', 64]);
  expect(err).toContain('--json');
});
