// Does `why` tell a reader why a wall gave a signal, and why not?
import { Command } from 'commander';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addMigrate } from '../../src/cli/migrate.ts';
import { CliError } from '../../src/cli/context.ts';
import { addWhy, whyText } from '../../src/cli/why.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { StoreError } from '../../src/store/error.ts';
import { openStore } from '../../src/store/write/client.ts';
import { explain } from '../../src/store/read/explain.ts';
import type { Reached } from '../../src/store/read/reach.ts';
import { reachDatabase } from '../../src/store/read/reach.ts';
import type { Explanation } from '../../src/store/read/explain.ts';
import { claimTables, connectClient } from '../../src/store/session.ts';
import {
  NOON,
  anotherDatabase,
  density,
  event,
  memoryLog,
  patientClock,
  session,
  signal,
  snapshot,
  tempDir,
  trade,
} from '../store/fixtures.ts';

let dir: Awaited<ReturnType<typeof tempDir>>;
let reached: Reached;

const at = (ms: number): Ms => (NOON + ms) as Ms;

/** With what was seen of one symbol. */
beforeAll(async () => {
  dir = await tempDir();
  reached = await reachDatabase({ stateDir: dir.path }, memoryLog().log);
  const store = await openStore({ connection: reached.connection, stateDir: dir.path }, memoryLog().log, patientClock);
  const wall = {
    lifeId: 'DOGEUSDT-2',
    side: 'ask',
    price: '0.10300',
    lowPrice: '0.10300',
    highPrice: '0.10300',
  } as const;
  store.write([
    density(),
    density({ moment: 'erosion', ordinal: 1, time: at(20_000), state: 'eroding', notional: 80_000, eaten: 24_550.25 }),
    density({ ...wall, isCluster: false, isRound: true, time: at(5_000) }),
    // In the same millisecond it was seen being eaten, and gone.
    density({ ...wall, moment: 'erosion', ordinal: 1, time: at(31_000), state: 'eroding', notional: 5_000 }),
    density({
      ...wall,
      isCluster: false,
      isRound: true,
      moment: 'closed',
      ordinal: 2,
      time: at(31_000),
      state: 'gone',
      label: 'eaten',
      crossed: true,
      disappearedAt: at(30_000),
      notional: 0,
      eaten: 104_430,
    }),
    signal(),
    signal({
      time: at(29_500),
      signalId: 'DOGEUSDT-2-breakout-1',
      outcome: 'signal',
      kind: 'breakout',
      lifeId: 'DOGEUSDT-2',
      price: '0.10300',
      mid: '0.103015',
      priority: 2,
      criteria: [
        { name: 'trend', value: 0.5, threshold: 0.5, passed: true },
        { name: 'eaten_percent', value: 64.218, threshold: 30, passed: true },
        { name: 'gone_for_ms', value: 941, threshold: 3_000, passed: true },
        { name: 'beyond_ticks', value: 0.0146, threshold: 10.607, passed: true },
      ],
    }),
    signal({
      time: at(29_600),
      signalId: 'DOGEUSDT-1-bounce-1b',
      criteria: [{ name: 'touch_ticks', value: 12, threshold: 12.5, passed: false }],
    }),
    signal({
      time: at(29_700),
      signalId: 'DOGEUSDT-1-bounce-2',
      reason: 'cooldown',
      criteria: [{ name: 'touch_ticks', value: 4, threshold: 12.5, passed: true }],
    }),
  ]);
  await store.close();
});
afterAll(async () => {
  await reached.close();
  await dir.remove();
});

const run = (...args: string[]) => runOn(reached.connection, ...args);

async function runOn(
  connection: pg.ClientConfig,
  ...args: string[]
): Promise<{ out: string; err: string; code: number }> {
  let out = '';
  let err = '';
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const program = new Command('plotnost').exitOverride().configureOutput({ writeErr: (text) => (err += text) });
  const reach = async (): Promise<Reached> => ({ connection, close: async () => undefined });
  addWhy(program, reach);
  addMigrate(program, reach);
  for (const command of program.commands) command.copyInheritedSettings(program).exitOverride();
  const code = await program.parseAsync(args, { from: 'user' }).then(
    () => 0,
    (error: unknown) => {
      if (error instanceof StoreError) err += error.message;
      if (error instanceof CliError) err += error.message;
      return (error as { exitCode: number }).exitCode;
    },
  );
  written.mockRestore();
  return { out, err, code };
}

const MIGRATIONS_LOCK = '7241865325823964';

const settled = (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([work.then(() => true), new Promise<boolean>((resolve) => void setImmediate(resolve, false))]);

test('before anything ran it says so, and fails', async () => {
  expect(await runOn(await anotherDatabase(reached.connection, 'untouched'), 'why', 'DOGEUSDT')).toMatchObject({
    code: 1,
    err: expect.stringContaining('nothing is stored yet') as string,
  });
});

test('every criterion stands there with value, threshold and verdict, newest first', async () => {
  const { out, code } = await run('why', 'dogeusdt');
  expect(code).toBe(0);
  expect(out).toMatchInlineSnapshot(`
    "DOGEUSDT: 1 signal of 4 looked at (times in UTC, newest first)
    most often missing: time to eat ms 1 ×, touch ticks 1 ×

    Candidates and signals, last 4

      2026-11-25 12:00:29.700  no signal: bounce long off the bid density at 0.10213, mid 0.102135, priority 0.5
        why not: every criterion was met, but it was refused: cooldown
        ✓ touch ticks   4   needs ≤ 12.5

      2026-11-25 12:00:29.600  no signal: bounce long off the bid density at 0.10213, mid 0.102135, priority 0.5
        why not: touch ticks
        ✗ touch ticks   12   needs ≤ 12.5, coming from twice as far

      2026-11-25 12:00:29.500  SIGNAL: breakout long through the ask density at 0.10300, mid 0.103015, priority 2
        why: every criterion held
        ✓ trend             0.5   needs ≥ 0.5
        ✓ eaten %         64.22   needs ≥ 30
        ✓ gone for ms       941   needs ≤ 3 000
        ✓ beyond ticks   0.0146   needs > 0, ≤ 10.61

      2026-11-25 12:00:09.000  no signal: bounce long off the bid density at 0.10213, mid 0.102135, priority 0.5
        why not: time to eat ms
        ✓ touch ticks           4   needs ≤ 12.5
        ✓ stable %            4.1   needs ≤ 10
        ✗ time to eat ms   12 400   needs ≥ 30 000
        ✓ trend                 0   needs ≥ 0

    Densities, last 2

      2026-11-25 12:00:31.000  ask at 0.10300, round price: ended as eaten, crossed, lived 30.0 s
        0 USDT of 104 550.25 at its peak, eaten 104 430, pulled 120.5, refilled 0, touched 1 time
        ✓ notional usdt   104 550.25   needs ≥ 50 000
        ✓ relative              7.25   needs ≥ 3
        ✓ share %               11.4   needs ≥ 5

      2026-11-25 12:00:20.000  bid at 0.10210 … 0.10212, cluster: eroding, lived 20.0 s
        80 000 USDT of 104 550.25 at its peak, eaten 24 550.25, pulled 120.5, refilled 0, touched 1 time
        ✓ notional usdt   104 550.25   needs ≥ 50 000
        ✓ relative              7.25   needs ≥ 3
        ✓ share %               11.4   needs ≥ 5
    "
  `);
});

test('--json gives the same as one object, --last limits it', async () => {
  const { out } = await run('why', 'DOGEUSDT', '--last', '1', '--json');
  const found = JSON.parse(out) as Explanation;
  expect(found).toMatchObject({
    symbol: 'DOGEUSDT',
    looked: 4,
    signalled: 1,
    signals: [{ signal_id: 'DOGEUSDT-1-bounce-2', reason: 'cooldown' }],
    densities: [{ life_id: 'DOGEUSDT-2', label: 'eaten' }],
    failed: [
      { name: 'time_to_eat_ms', times: 1 },
      { name: 'touch_ticks', times: 1 },
    ],
  });
  expect(out.trim().split('\n')).toHaveLength(1);
  expect(await run('why', 'DOGEUSDT', '--last', '0')).toMatchObject({
    err: expect.stringContaining('from 1 to 1000') as string,
  });
});

test.each(['', '../x', 'SOL USDT'])('“%s” is the name of no contract: nothing is looked for', async (symbol) => {
  expect(await run('why', symbol)).toMatchObject({
    out: '',
    err: expect.stringContaining('Give a symbol like BTCUSDT') as string,
  });
});

test('at a time nothing later is told: what was known then, the position of then, the book before it', async () => {
  const store = await openStore({ connection: reached.connection, stateDir: dir.path }, memoryLog().log, patientClock);
  const symbol = 'SOLUSDT';
  const hours = (count: number): Ms => at(count * 3_600_000);
  store.write([
    density({ symbol, lifeId: 'early', time: hours(1) }),
    density({ symbol, lifeId: 'late', time: hours(3), price: '0.999' }),
    density({ symbol, lifeId: 'late too', time: hours(3), price: '0.999' }),
    signal({ symbol, signalId: 'early-1', time: hours(1) }),
    signal({
      symbol,
      signalId: 'late-1',
      time: hours(3),
      criteria: [
        { name: 'stable_percent', value: 12, threshold: 10, passed: false },
        { name: 'time_to_eat_ms', value: 12_400, threshold: 30_000, passed: false },
        { name: 'touch_ticks', value: 13, threshold: 12.5, passed: false },
      ],
    }),
    trade({
      symbol,
      tradeId: 'first',
      entryTime: hours(1),
      exitTime: hours(2),
      exitReason: 'timeout',
      profitLoss: '-1.25',
    }),
    trade({ symbol, tradeId: 'second', entryTime: hours(3) }),
    event(900, { symbol, eventType: 'feed.resync', time: hours(1) }),
    event(901, { symbol, eventType: 'feed.stale', time: hours(3) }),
    snapshot({ symbol, time: hours(1) }),
    snapshot({ symbol, time: hours(3), midPrice: '7' }),
  ]);
  await store.close();
  const early = (await run('why', symbol, '--at', new Date(hours(2)).toISOString())).out;
  expect(early).toContain(`up to ${new Date(hours(2)).toISOString().replace('T', ' ').replace('Z', '')}`);
  expect(early).toMatch(
    /bounce long 250 at 0\.10213, 25\.53 USDT, stop 0\.10181\n {4}closed .* by timeout: -1\.25 USDT/,
  );
  expect(early).toContain('feed.resync');
  expect(early).toContain('mid 0.102125');
  expect(early).not.toMatch(/0\.999|second|feed\.stale|mid 7/);
  const [then, before] = await Promise.all(
    [1, 0.5].map((count) => explain(reached.connection, symbol, 5, hours(count))),
  );
  const counts = (found?: Explanation) =>
    [found?.signals, found?.densities, found?.trades, found?.events].map((rows) => rows?.length);
  expect([counts(then), then?.book?.mid_price, then?.looked]).toEqual([[1, 1, 1, 1], '0.102125', 1]);
  expect([counts(before), before?.book, before?.looked]).toEqual([[0, 0, 0, 0], undefined, 0]);
  expect(before?.others).toContain('DOGEUSDT');
  const meanwhile = (await run('why', symbol, '--at', new Date(hours(1.5)).toISOString())).out;
  expect(meanwhile).toMatch(/25\.53 USDT, stop 0\.10181\n {4}still open\n/);
  expect(meanwhile).not.toMatch(/timeout|-1\.25/);
  const whole = JSON.parse((await run('why', symbol, '--json')).out) as Explanation;
  expect([counts(whole), whole.book?.mid_price, whole.looked]).toEqual([[2, 3, 2, 2], '7', 2]);
  expect(whole.failed).toEqual([
    { name: 'time_to_eat_ms', times: 2 },
    { name: 'stable_percent', times: 1 },
    { name: 'touch_ticks', times: 1 },
  ]);
  const last = await explain(reached.connection, symbol, 1);
  expect([counts(last), last.trades[0]?.trade_id, last.events[0]?.event_type]).toEqual([
    [1, 1, 1, 1],
    'second',
    'feed.stale',
  ]);
  const now = (await run('why', symbol)).out;
  expect(now).toContain('still open');
  expect(now, 'what is too far need not come from farther').toMatch(/touch ticks +13 {3}needs ≤ 12\.5\n/);
  expect(await run('why', symbol, '--at', 'yesterday')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Give a time like') as string,
  });
});

test('what was left open on the simulated exchange of a run was open while that run went on, and is not now', async () => {
  const store = await openStore({ connection: reached.connection, stateDir: dir.path }, memoryLog().log, patientClock);
  const own = { sessionId: 'own-1', startedAt: NOON };
  const left = { symbol: 'LEFTUSDT', account: 'simulator:own', sessionId: 'own-1', entryTime: at(1_000) };
  store.write([session(own), session({ ...own, endedAt: at(60_000) }), trade({ ...left, tradeId: 'left' })]);
  await store.close();
  const told = async (...more: string[]): Promise<string> => (await run('why', 'LEFTUSDT', ...more)).out;
  expect(await told('--at', new Date(at(30_000)).toISOString())).toContain('still open');
  expect(await told()).toContain('left open on a simulated exchange that has ended with its run');
});

test('what a position brought is told beside its fees and the funding that are taken off, and only where there was some', async () => {
  const store = await openStore({ connection: reached.connection, stateDir: dir.path }, memoryLog().log, patientClock);
  const over = {
    symbol: 'PAIDUSDT',
    exitTime: at(1_000),
    exitReason: 'timeout',
    profitLoss: '-0.5',
    fees: '0.25',
  } as const;
  store.write([trade({ ...over, tradeId: 'paid', funding: '0.125' }), trade({ ...over, tradeId: 'unpaid' })]);
  await store.close();
  const { out } = await run('why', 'PAIDUSDT');
  expect(out).toContain('-0.5 USDT after 0.25 of fees and 0.125 of funding\n');
  expect(out).toContain('-0.5 USDT after 0.25 of fees\n');
});

test('a position is told also where what it came from is no longer kept', async () => {
  const store = await openStore({ connection: reached.connection, stateDir: dir.path }, memoryLog().log, patientClock);
  store.write([
    trade({ symbol: 'OLDUSDT', tradeId: 'kept', entryTime: NOON, exitTime: at(1_000), exitReason: 'timeout' }),
  ]);
  await store.close();
  const { out } = await run('why', 'OLDUSDT');
  expect(out).toMatch(/^OLDUSDT: no density and no candidate is stored\. There are some of [^]*closed .* by timeout/);
  expect(out).not.toMatch(/still open|feed\.|mid/);
});

test('a symbol without rows points to those that have some', async () => {
  const store = await openStore({ connection: reached.connection, stateDir: dir.path }, memoryLog().log, patientClock);
  store.write([density({ symbol: 'ADAUSDT', lifeId: 'a' }), signal({ symbol: 'XRPUSDT', signalId: 'x' })]);
  await store.close();
  const found = await explain(reached.connection, 'NOPEUSDT');
  expect(found.others).toEqual(expect.arrayContaining(['ADAUSDT', 'DOGEUSDT', 'XRPUSDT']));
  expect(whyText({ ...found, others: ['ADAUSDT', 'DOGEUSDT'] })).toBe(
    'NOPEUSDT: no density and no candidate is stored. There are some of ADAUSDT, DOGEUSDT.\n',
  );
  const before = await explain(reached.connection, 'NOPEUSDT', 5, at(-3_600_000));
  expect(whyText(before)).toMatch(/stored up to .*\. Nor is there of any other symbol\.\n$/);
  expect(whyText({ ...found, others: [] })).toMatch(
    /let the engine run for a while \(npm start\)\. One that runs stores none below database\.min_free_disk_mb of free disk \(disk\.low/,
  );
  const then = await explain(reached.connection, 'NOPEUSDT', 5, at(3_000_000));
  expect(then.others).toEqual(expect.arrayContaining(['ADAUSDT', 'XRPUSDT']));
  const others = Array.from({ length: 23 }, (_, i) => `COIN${i + 10}USDT`);
  expect(whyText({ ...found, others })).toMatch(/some of COIN10USDT, .*, COIN29USDT, … and 3 more\.\n$/);
});

test('migrate says what it did, asks before it drops rows, and drops none under an engine', async () => {
  const connection = await anotherDatabase(reached.connection, 'steps');
  const migrate = (...args: string[]) => runOn(connection, 'migrate', ...args);
  await migrate('up');
  expect((await migrate('up')).out).toMatch(/^nothing to do\n {2}0001_store {2}applied /);
  expect(await migrate('down')).toMatchObject({ code: 64, err: expect.stringContaining('--yes') as string });
  expect(JSON.parse((await migrate('status', '--json')).out)).toMatchObject({
    action: 'status',
    ran: [],
    migrations: [
      '0001_store',
      '0002_trades',
      '0003_history',
      '0004_marks',
      '0005_words',
      '0006_whose',
      '0007_arrival',
      '0008_unsummed',
      '0009_sizes',
    ].map((name) => ({
      name,
      known: true,
    })),
  });
  const engine = await openStore({ connection, stateDir: dir.path }, memoryLog().log, patientClock);
  await expect.poll(() => engine.stats().connected).toBe(true);
  expect(await migrate('down', '--yes')).toMatchObject({
    code: 75,
    out: '',
    err: 'migrate down: an engine is at work on this database: stop it (Ctrl-C, systemctl stop), then try again',
  });
  await engine.close();
  expect((await migrate('down', '--yes')).out).toMatch(
    /^taken back: 0009_sizes\n( {2}\w+ {2,}applied .*\n){8} {2}0009_sizes {2,}to come\n$/,
  );
});

test('of two that take steps back at once the second is told of the first, not of an engine', async () => {
  const first = await connectClient(reached.connection, () => undefined);
  expect(await claimTables(first)).toBe('ours');
  expect(await run('migrate', 'down', '--yes')).toMatchObject({
    code: 75,
    out: '',
    err: 'migrate down: another migrate down is at work on this database: wait for its end, then try again',
  });
  await first.end();
});

test('an engine that has only begun to look at its tables keeps them as one that writes does', async () => {
  const other = await connectClient(reached.connection, () => undefined);
  // Migrations wait for one another: so the engine is held up before it is connected.
  await other.query('SELECT pg_advisory_lock($1::bigint)', [MIGRATIONS_LOCK]);
  const engine = await openStore({ connection: reached.connection, stateDir: dir.path }, memoryLog().log, patientClock);
  const waiting = async (): Promise<number> =>
    (await other.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).rowCount ?? 0;
  await expect.poll(waiting).toBe(1);
  const down = run('migrate', 'down', '--yes');
  await expect.poll(async () => (await waiting()) > 1 || (await settled(down))).toBe(true);
  await other.query('SELECT pg_advisory_unlock($1::bigint)', [MIGRATIONS_LOCK]);
  expect(await down).toMatchObject({ code: 75, err: expect.stringContaining('an engine is at work') as string });
  await engine.close();
  await other.end();
});
