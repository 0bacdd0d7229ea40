// Do the hourly sums say what the rows say, however late rows come and whoever sums them?
import type pg from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import { KEEP_DAYS, rollUp } from '../../src/store/write/retention.ts';
import type { DensityRow, Row, SignalRow, TradeRow } from '../../src/store/rows/rows.ts';
import { connectClient } from '../../src/store/session.ts';
import { writeRows } from '../../src/store/write/writer.ts';
import { NOON, density, signal, trade } from './fixtures.ts';
import { SERVERS, startTables, type Server } from './servers.ts';

const HOUR_MS = 3_600_000;
const at = (hours: number, ms = 0): Ms => (NOON + hours * HOUR_MS + ms) as Ms;

const LABELS = ['eaten', 'pulled', 'moved', 'absorbed', 'out_of_view', 'unknown', 'held'] as const;

/** Lives, signals and trades over six hours, from a seed. */
function market(
  seed: number,
  lives: number,
): { rows: Row[]; ends: DensityRow[]; told: SignalRow[]; trades: TradeRow[] } {
  const rng = createRng(seed);
  const rows: Row[] = [];
  const ends: DensityRow[] = [];
  const told: SignalRow[] = [];
  const trades: TradeRow[] = [];
  for (let i = 0; i < lives; i++) {
    const appearedAt = at(0, rng.below(5 * HOUR_MS));
    const life = {
      lifeId: `life-${i}`,
      symbol: rng.below(2) === 0 ? 'DOGEUSDT' : 'SOLUSDT',
      side: rng.below(2) === 0 ? 'bid' : 'ask',
      appearedAt,
    } as const;
    const peak = 50_000 + rng.below(1_200_000);
    rows.push(density({ ...life, time: (appearedAt + 3_000) as Ms, peakNotional: peak }));
    rows.push(
      density({ ...life, time: (appearedAt + 4_000) as Ms, peakNotional: peak, moment: 'erosion', ordinal: 1 }),
    );
    const disappearedAt = (appearedAt + 5_000 + rng.below(HOUR_MS)) as Ms;
    const end = density({
      ...life,
      time: disappearedAt,
      disappearedAt,
      moment: 'closed',
      ordinal: 2,
      state: 'gone',
      label: LABELS[rng.below(LABELS.length)] as (typeof LABELS)[number],
      peakNotional: peak,
      eaten: rng.below(peak) / 4,
      pulled: rng.below(peak) / 4,
      refilled: rng.below(peak) / 4,
      touches: rng.below(3),
      crossed: rng.below(2) === 0,
    });
    ends.push(end);
    rows.push(end);
    const offered = rng.below(3) === 0;
    const looked = signal({
      signalId: `signal-${i}`,
      lifeId: life.lifeId,
      symbol: life.symbol,
      time: (appearedAt + 4_500) as Ms,
      kind: rng.below(2) === 0 ? 'bounce' : 'breakout',
      outcome: offered ? 'signal' : 'candidate',
      ...(offered || rng.below(2) === 0 ? {} : { reason: 'cooldown' }),
    });
    told.push(looked);
    rows.push(looked);
    if (!offered) continue;
    const deal = trade({
      tradeId: `trade-${i}`,
      signalId: looked.signalId,
      signalType: looked.kind,
      symbol: life.symbol,
      entryTime: (appearedAt + 4_700) as Ms,
      exitTime: (appearedAt + 4_700 + rng.below(HOUR_MS)) as Ms,
      exitReason: 'timeout',
      profitLoss: String(rng.below(200) - 100),
    });
    trades.push(deal);
    rows.push(deal);
  }
  return { rows, ends, told, trades };
}

const sizeFrom = (usdt: number): number => [1_000_000, 500_000, 250_000, 100_000].find((from) => usdt >= from) ?? 0;

describe.each(SERVERS)('on $name', (which) => {
  let server: Server;
  let client: pg.Client;

  beforeAll(async () => {
    const tables = await startTables(which);
    ({ server, client } = tables);
    return tables.remove;
  });
  beforeEach(() => client.query('TRUNCATE densities, signals, trades, density_hours, signal_hours, rollup_pending'));

  const hourly = async (): Promise<unknown[]> =>
    (await client.query('SELECT * FROM densities_hourly ORDER BY hour, symbol, side, size_from')).rows;
  const told = async (): Promise<unknown[]> =>
    (await client.query('SELECT * FROM signals_hourly ORDER BY hour, symbol, kind, direction, outcome, reason')).rows;

  test('the sums are those of the lives, counted by hand', async () => {
    const { rows, ends, told: looked, trades } = market(7, 300);
    await writeRows(client, rows);
    await rollUp(client, at(7));
    const kinds = ['bounce', 'breakout'] as const;
    const summed = [
      'births',
      'ended',
      ...LABELS.map((label) => `${label}_lives`),
      'life_ms',
      'peak',
      'eaten',
      'pulled',
      'refilled',
      'touched',
      'touched_held',
      'eaten_crossed',
      ...kinds.flatMap((kind) => [`${kind}_trades`, `${kind}_won`]),
    ];
    const sums = await client.query<Record<string, string>>(
      `SELECT size_from, ${summed.map((name) => `sum(${name}) AS ${name}`).join(', ')}
       FROM density_hours GROUP BY size_from ORDER BY size_from`,
    );
    const lifeOf = new Map(looked.map((one) => [one.signalId, one.lifeId]));
    const peakOf = new Map(ends.map((one) => [one.lifeId, Number(one.peakNotional)]));
    const expected = [0, 100_000, 250_000, 500_000, 1_000_000].map((from) => {
      const own = ends.filter((one) => sizeFrom(Number(one.peakNotional)) === from);
      const count = (holds: (one: DensityRow) => boolean): number => own.filter(holds).length;
      const deals = trades.filter((one) => sizeFrom(peakOf.get(lifeOf.get(one.signalId ?? '') ?? '') ?? 0) === from);
      const sum = (of: (one: DensityRow) => number): number => own.reduce((total, one) => total + of(one), 0);
      return {
        size_from: from,
        births: own.length,
        ended: own.length,
        ...Object.fromEntries(LABELS.map((label) => [`${label}_lives`, count((one) => one.label === label)])),
        life_ms: sum((one) => (one.disappearedAt ?? 0) - one.appearedAt),
        peak: sum((one) => Number(one.peakNotional)),
        eaten: sum((one) => Number(one.eaten)),
        pulled: sum((one) => Number(one.pulled)),
        refilled: sum((one) => Number(one.refilled)),
        touched: count((one) => one.touches > 0),
        touched_held: count((one) => one.touches > 0 && !one.crossed),
        eaten_crossed: count((one) => one.label === 'eaten' && one.crossed),
        ...Object.fromEntries(
          kinds.flatMap((kind) => {
            const ofKind = deals.filter((one) => one.signalType === kind);
            const won = ofKind.filter((one) => Number(one.profitLoss) > 0);
            return [[`${kind}_trades`, ofKind.length] as const, [`${kind}_won`, won.length] as const];
          }),
        ),
      };
    });
    const numbers = (row: Record<string, unknown>): unknown =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
    expect(sums.rows.map(numbers)).toEqual(expected);
    const { rows: candidates } = await client.query(
      `SELECT sum(told)::int AS told FROM signal_hours WHERE reason = 'cooldown'`,
    );
    expect(candidates).toEqual([{ told: looked.filter((one) => one.reason === 'cooldown').length }]);
  });

  test('before, while and after hours are rolled up the reader sees the same', async () => {
    await writeRows(client, market(8, 120).rows);
    const raw = [await hourly(), await told()];
    expect(raw[0]).not.toEqual([]);
    expect(await rollUp(client, at(3))).toBe(3);
    expect([await hourly(), await told()]).toEqual(raw);
    await rollUp(client, at(8));
    expect((await client.query('SELECT * FROM rollup_pending')).rows).toEqual([]);
    expect([await hourly(), await told()]).toEqual(raw);
  });

  test('rows that come after their hour was summed are in the next answer, and in the next sums', async () => {
    const { rows } = market(9, 120);
    const late = rows.filter((_, i) => i % 3 === 0);
    await writeRows(
      client,
      rows.filter((_, i) => i % 3 !== 0),
    );
    await rollUp(client, at(8));
    await writeRows(client, late);
    const seen = await hourly();
    await client.query('TRUNCATE density_hours, signal_hours');
    await client.query(`INSERT INTO rollup_pending (hour) SELECT hour_of(time) FROM densities UNION SELECT hour_of(time) FROM
                        signals UNION SELECT hour_of(exit_time) FROM trades ON CONFLICT DO NOTHING`);
    expect(await hourly()).toEqual(seen);
    await rollUp(client, at(8));
    expect(await hourly()).toEqual(seen);
  });

  test('an hour in which the engine only looked is summed up like any other', async () => {
    await writeRows(client, [signal({ time: at(0, 8_000) })]);
    const seen = await told();
    expect(seen).toHaveLength(1);
    expect(await rollUp(client, at(4))).toBe(1);
    expect(await told()).toEqual(seen);
    await writeRows(client, [signal({ time: at(0, 9_000), signalId: 'signal-late' })]);
    await rollUp(client, at(4));
    expect((await told())[0]).toMatchObject({ told: '2' });
  });

  test('a trade whose end is told anew leaves the hour in which it ended before', async () => {
    const deal = trade({ exitTime: at(1, 5), exitReason: 'timeout', profitLoss: '1', signalId: 'signal-x' });
    await writeRows(client, [
      density({ time: at(0, 10), lifeId: 'life-x' }),
      signal({ time: at(0, 8_000), lifeId: 'life-x', signalId: 'signal-x' }),
      deal,
    ]);
    await rollUp(client, at(4));
    await writeRows(client, [{ ...deal, revision: 2, exitTime: at(2, 5), profitLoss: '-1' }]);
    await rollUp(client, at(4));
    const { rows } = await client.query(
      'SELECT hour, bounce_trades::int AS deals, bounce_won::int AS won FROM density_hours WHERE bounce_trades > 0',
    );
    expect(rows).toEqual([{ hour: new Date(at(2)), deals: 1, won: 0 }]);
  });

  test.each([
    [60, 61],
    [30, 31],
  ])('an hour whose densities retention has dropped after %i days keeps its sums', async (densities, days) => {
    await writeRows(client, market(10, 60).rows);
    await rollUp(client, at(8));
    const before = await hourly();
    await client.query('TRUNCATE densities');
    await writeRows(client, [density({ time: at(1), lifeId: 'from an old spool' })]);
    await rollUp(client, at(24 * days), { ...KEEP_DAYS, densities });
    expect(await hourly()).toEqual(before);
  });

  const ONE_MORE = `
    INSERT INTO densities SELECT time, session_id, $1, moment, ordinal, symbol, side, price, low_price, high_price,
      notional, volume, volume_percent, relative_strength, is_cluster, is_round, state, label, appeared_at, confirmed_at,
      disappeared_at, initial_notional, peak_notional, eaten, pulled, refilled, rpi_eaten, touches, crossed, criteria
    FROM densities WHERE life_id = 'first'`;
  const MARK = `INSERT INTO rollup_pending (hour) VALUES ($1) ON CONFLICT (hour) DO UPDATE SET told = rollup_pending.told + 1`;

  test('a writer that has not committed yet is waited for: no row slips between its hour and the sum', async () => {
    await writeRows(client, [density({ time: at(0, 1), lifeId: 'first' })]);
    const [writer, other] = await Promise.all([1, 2].map(() => connectClient(server.connection, () => undefined)));
    await writer?.query('BEGIN');
    await writer?.query(ONE_MORE, ['second']);
    await writer?.query(MARK, [new Date(at(0))]);
    const rolled = rollUp(client, at(2));
    const waits = async (): Promise<boolean> =>
      ((await other?.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`))?.rowCount ?? 0) > 0;
    while (!(await waits()));
    await writer?.query('COMMIT');
    await rolled;
    const births = 'SELECT sum(births)::int AS births FROM ';
    expect((await client.query(`${births} densities_hourly`)).rows).toEqual([{ births: 2 }]);
    await rollUp(client, at(2));
    expect((await client.query(`${births} density_hours`)).rows).toEqual([{ births: 2 }]);
    expect((await client.query('SELECT * FROM rollup_pending')).rows).toEqual([]);
    await Promise.all([writer?.end(), other?.end()]);
  });

  test('who sums an hour up holds up no writer of that hour, and two of them do not meet', async () => {
    await writeRows(client, [density({ time: at(0, 1), lifeId: 'first' })]);
    const summing = await connectClient(server.connection, () => undefined);
    await summing.query('BEGIN');
    // As far as the sums, not yet the end of the mark: `told` differs by then.
    await summing.query(`SELECT pg_try_advisory_xact_lock(hashtext('roll_up_hour'))`);
    await summing.query('INSERT INTO density_hours SELECT * FROM sum_densities($1)', [new Date(at(0))]);
    expect(await writeRows(client, [density({ time: at(0, 2), lifeId: 'second' })])).toEqual([]);
    expect(await rollUp(client, at(2))).toBe(0);
    await summing.query('ROLLBACK');
    await summing.end();
    expect(await rollUp(client, at(2))).toBe(1);
    expect((await client.query('SELECT births::int AS births FROM density_hours')).rows).toEqual([{ births: 2 }]);
  });
});
