// Does a coin get its own numbers as the engine would take them, and is it told where each number comes from?
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createContext } from '../../src/cli/context.ts';
import { addParamsCommand } from '../../src/cli/params.ts';
import { readCoinParameters } from '../../src/store/read/coin-parameters.ts';
import { StoreError } from '../../src/store/error.ts';
import { migrate } from '../../src/store/write/migrate.ts';
import { reachDatabase, type Reached } from '../../src/store/read/reach.ts';
import { withClient } from '../../src/store/session.ts';
import { memoryLog, until } from '../store/fixtures.ts';

let dir: string;
let server: Reached;

const sql = (text: string): Promise<unknown[]> =>
  withClient(server.connection, async (client) => (await client.query<Record<string, unknown>>(text)).rows);
const engineReads = () => withClient(server.connection, readCoinParameters);

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'plotnost-params-'));
  server = await reachDatabase({ stateDir: dir }, memoryLog().log);
  await withClient(server.connection, (client) => migrate(client, 'up'));
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  await sql('TRUNCATE coin_parameters; TRUNCATE market_stats');
  await writeFile(path.join(dir, 'config.yaml'), 'strategy:\n  density_threshold_relative: 4\n');
});

interface Said {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

async function run(
  args: readonly string[],
  reach: Parameters<typeof addParamsCommand>[2] = async () => ({ ...server, close: async () => undefined }),
): Promise<Said> {
  let [out, err] = ['', ''];
  const stderr = { write: (text: string) => (err += text) };
  const context = createContext({ env: {}, cwd: dir, stderr, stdout: { write: (text: string) => (out += text) } });
  context.use({ json: args.includes('--json') });
  const program = new Command('plotnost').exitOverride().configureOutput({ writeErr: (text) => (err += text) });
  addParamsCommand(program, context, reach);
  for (const command of program.commands[0]?.commands ?? []) command.copyInheritedSettings(program);
  const plain = args.filter((one) => one !== '--json');
  const thrown = await program.parseAsync(['params', ...plain], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error as Error & { exitCode: number },
  );
  return { out, err: `${err}${thrown?.message ?? ''}`, code: thrown?.exitCode ?? 0 };
}

interface Told {
  readonly symbol: string;
  readonly refused: readonly string[];
  readonly params: readonly { readonly key: string; readonly value: unknown; readonly source: string }[];
}

const json = async (args: readonly string[]): Promise<Told> => JSON.parse((await run([...args, '--json'])).out) as Told;

describe('get', () => {
  test('tells whether a value is the default’s, the configuration’s or the coin’s own', async () => {
    await run(['set', 'DOGEUSDT', 'density_threshold_abs', '20000']);
    const { params } = await json(['get', 'DOGEUSDT']);
    const of = (key: string): object | undefined => params.find((one) => one.key === key);
    expect(of('density_threshold_abs')).toMatchObject({ value: 20_000, source: 'symbol', without: 50_000 });
    expect(of('density_threshold_relative')).toMatchObject({ value: 4, source: 'config', default: 3 });
    expect(of('cluster_max_levels')).toMatchObject({ value: 5, source: 'default', allowed: '2 … 16' });
    expect(of('enabled')).toMatchObject({ value: true, source: 'default' });
  });

  test('of one key is one line', async () => {
    expect((await run(['get', 'dogeusdt', 'density_threshold_relative'])).out).toBe(
      'density_threshold_relative  4 × typical  config\n',
    );
  });

  test('before the engine has made its tables tells what the configuration says', async () => {
    await sql('ALTER TABLE coin_parameters RENAME TO not_there_yet');
    const got = await run(['get', 'DOGEUSDT', 'max_stop_percent']);
    await sql('ALTER TABLE not_there_yet RENAME TO coin_parameters');
    expect(got).toMatchObject({ code: 0, out: 'max_stop_percent  1 % of price  default\n' });
  });

  test('before anything was stored tells what the configuration says', async () => {
    const absent = (): Promise<Reached> => Promise.reject(new StoreError('absent', 'nothing is stored', false));
    expect(await run(['get', 'DOGEUSDT', 'max_stop_percent'], absent)).toMatchObject({
      code: 0,
      out: 'max_stop_percent  1 % of price  default\n',
    });
  });
});

describe('set', () => {
  test.each([
    ['density_threshold_abs', '20000', 20_000],
    ['breakout_erosion_percent', '42.5', 42.5],
    ['bounce_density_stable_percent', '7', 7],
    ['stop_loss_trigger', 'last', 'last'],
    ['max_holding_minutes', '12.5', 12.5],
  ])('%s is read by the engine as it was meant', async (key, text, value) => {
    const { out, code } = await run(['set', 'DOGEUSDT', key, text]);
    expect(code).toBe(0);
    expect(out).toContain('symbol');
    expect(out).toContain('within 30 s');
    expect((await engineReads()).get('DOGEUSDT')).toEqual({
      enabled: true,
      preferredStrategy: 'both',
      overrides: { [key]: value },
    });
  });

  test('enabled and preferred_strategy are the coin’s', async () => {
    await run(['set', 'DOGEUSDT', 'enabled', 'false']);
    await run(['set', 'DOGEUSDT', 'preferred_strategy', 'bounce']);
    expect((await engineReads()).get('DOGEUSDT')).toEqual({
      enabled: false,
      preferredStrategy: 'bounce',
      overrides: {},
    });
  });

  test.each([
    ['cluster_max_levels', '99', 'must be', '2 … 16'],
    ['cluster_max_levels', '2.5', 'whole number', '2 … 16'],
    ['density_threshold_abs', '0', 'must be', '1 … 1000000000 USDT'],
    ['density_threshold_abs', 'much', 'a number', '1 … 1000000000 USDT'],
    ['stop_loss_trigger', 'bid', 'one of', 'mark, last, index'],
    ['enabled', 'yes', 'true or false', 'true, false'],
    ['preferred_strategy', 'none', 'one of', 'breakout, bounce, both'],
    ['max_stop_percent', '[1]', 'one value', '0.05 … 5'],
    ['max_stop_percent', '"', 'cannot be read', '0.05 … 5'],
    ['stop_loss_trigger', '*last', 'cannot be read: Unresolved alias', 'mark, last, index'],
  ])('%s %s is refused with its bounds, told once, and no database is made for it', async (key, text, why, bounds) => {
    let reached = 0;
    const { code, err } = await run(['set', 'DOGEUSDT', key, text], async () => {
      reached++;
      return { ...server, close: async () => undefined };
    });
    expect([code, reached]).toEqual([64, 0]);
    expect(err).toContain(why);
    expect(err.split(bounds)).toHaveLength(2);
  });

  test('where nothing was ever stored no database is made for what another key forbids', async () => {
    const asked: string[] = [];
    const { code, err } = await run(['set', 'DOGEUSDT', 'max_stop_percent', '0.25'], async (need) => {
      asked.push(need);
      if (need === 'existing') throw new StoreError('absent', 'nothing is stored', false);
      return { ...server, close: async () => undefined };
    });
    expect([code, asked]).toEqual([64, ['existing']]);
    expect(err).toContain('must be below');
  });

  test('in an empty database no tables are made for what another key forbids', async () => {
    await sql('CREATE DATABASE bare');
    const connection = { ...server.connection, database: 'bare' };
    const bare = (): Promise<Reached> => Promise.resolve({ connection, close: async () => undefined });
    const { code } = await run(['set', 'DOGEUSDT', 'max_stop_percent', '0.25'], bare);
    const tables = await withClient(connection, (client) =>
      client.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`),
    );
    expect([code, tables.rowCount]).toEqual([64, 0]);
  });

  test('what another key forbids is refused without the bounds of its own, which would allow it', async () => {
    const { code, err } = await run(['set', 'DOGEUSDT', 'max_stop_percent', '0.25']);
    expect([code, err]).toEqual([
      64,
      'bounce_stop_loss_behind_density_percent: must be below strategy.max_stop_percent (0.25): ' +
        'the way from the entry to the density is part of the stop’s',
    ]);
    expect(await engineReads()).toEqual(new Map());
  });

  test.each([
    ['density_treshold_abs', 'did you mean density_threshold_abs?'],
    ['__proto__', 'unknown parameter'],
    ["enabled = true; --'", 'unknown parameter'],
  ])('a key %s that is none is refused', async (key, why) => {
    const { code, err } = await run(['set', 'DOGEUSDT', key, '1']);
    expect(code).toBe(64);
    expect(err).toContain(why);
  });

  test('and unset of one coin leave every other as it was', async () => {
    for (const symbol of ['DOGEUSDT', 'SOLUSDT']) {
      await run(['set', symbol, 'max_stop_percent', '2']);
      await run(['set', symbol, 'enabled', 'false']);
    }
    await run(['set', 'SOLUSDT', 'max_stop_percent', '3']);
    await run(['set', 'SOLUSDT', 'density_threshold_abs', '20000']);
    const doge = { enabled: false, preferredStrategy: 'both', overrides: { max_stop_percent: 2 } };
    expect((await engineReads()).get('DOGEUSDT')).toEqual(doge);
    for (const key of ['max_stop_percent', 'enabled', 'density_threshold_abs']) await run(['unset', 'SOLUSDT', key]);
    expect(await engineReads()).toEqual(new Map([['DOGEUSDT', doge]]));
  });

  test('is not lost where the coin’s only other value is just being taken away, and its row with it', async () => {
    await run(['set', 'DOGEUSDT', 'max_stop_percent', '2']);
    await withClient(server.connection, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT FROM coin_parameters FOR UPDATE');
      const setting = run(['set', 'DOGEUSDT', 'max_holding_minutes', '7']);
      await until(async () => (await client.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount === 1);
      await client.query('DELETE FROM coin_parameters');
      await client.query('COMMIT');
      await setting;
    });
    expect((await engineReads()).get('DOGEUSDT')?.overrides).toEqual({ max_holding_minutes: 7 });
  });

  test('a symbol that the market does not list is written, and doubted', async () => {
    // Where no list was ever stored nobody can tell.
    expect((await run(['set', 'DOGUSDT', 'enabled', 'false'])).err).toBe('');
    await sql(`INSERT INTO market_stats (symbol) VALUES ('DOGEUSDT')`);
    expect((await run(['set', 'DOGEUSDT', 'enabled', 'false'])).err).toBe('');
    expect((await run(['set', 'DOGUSDT', 'enabled', 'false'])).err).toContain('is it spelt right?');
  });

  test('a coin whose name is Chinese has numbers of its own too', async () => {
    expect((await run(['set', '币安人生usdt', 'enabled', 'false'])).code).toBe(0);
    expect((await engineReads()).get('币安人生USDT')).toMatchObject({ enabled: false });
  });

  test('a row that another value spoils is said to be refused', async () => {
    await sql(`INSERT INTO coin_parameters (symbol, parameters) VALUES ('DOGEUSDT', '{"cluster_max_levels": 99}')`);
    const { code, err, out } = await run(['set', 'DOGEUSDT', 'max_stop_percent', '2']);
    expect(code).toBe(0);
    expect(err.split('\n')).toEqual([
      'DOGEUSDT: the parameters of its row are refused: cluster_max_levels: must be within 2 … 16 levels, not 99',
      'an engine that watches it keeps those that it had before, any other takes the configuration alone',
      '',
    ]);
    expect(out).toContain('max_stop_percent  1 % of price  default');
    await run(['unset', 'DOGEUSDT', 'cluster_max_levels']);
    const mended = await json(['get', 'DOGEUSDT', 'max_stop_percent']);
    expect(mended).toMatchObject({ refused: [], params: [{ value: 2, source: 'symbol' }] });
  });
});

describe('unset', () => {
  test('gives the configuration its say again, and leaves no empty row', async () => {
    await run(['set', 'DOGEUSDT', 'density_threshold_relative', '6']);
    await run(['set', 'DOGEUSDT', 'max_stop_percent', '2']);
    await run(['unset', 'DOGEUSDT', 'max_stop_percent']);
    expect((await engineReads()).get('DOGEUSDT')?.overrides).toEqual({ density_threshold_relative: 6 });
    const { out } = await run(['unset', 'DOGEUSDT', 'density_threshold_relative']);
    expect(out).toContain('4 × typical  config');
    expect(await engineReads()).toEqual(new Map());
  });

  test.each([
    ['enabled', 'false', { enabled: false, preferredStrategy: 'both' }],
    ['preferred_strategy', 'bounce', { enabled: true, preferredStrategy: 'bounce' }],
  ])(
    'of another key does not take back that %s is %s: nobody has said that it may be traded again',
    async (key, text, left) => {
      await run(['set', 'DOGEUSDT', key, text]);
      await run(['set', 'DOGEUSDT', 'max_stop_percent', '2']);
      await run(['unset', 'DOGEUSDT', 'max_stop_percent']);
      expect((await engineReads()).get('DOGEUSDT')).toEqual({ ...left, overrides: {} });
    },
  );

  test('keeps a row with a note of somebody’s', async () => {
    await run(['set', 'DOGEUSDT', 'enabled', 'false']);
    await sql(`UPDATE coin_parameters SET notes = 'thin at night'`);
    await run(['unset', 'DOGEUSDT', 'enabled']);
    expect(await sql('SELECT enabled, notes FROM coin_parameters')).toEqual([
      { enabled: true, notes: 'thin at night' },
    ]);
  });

  test('also takes away what a column and `parameters` both say', async () => {
    await sql(
      `INSERT INTO coin_parameters (symbol, density_threshold_abs, parameters)
       VALUES ('DOGEUSDT', 30000, '{"density_threshold_abs": 40000}')`,
    );
    expect(await json(['get', 'DOGEUSDT', 'density_threshold_abs'])).toMatchObject({ params: [{ value: 30_000 }] });
    await run(['unset', 'DOGEUSDT', 'density_threshold_abs']);
    expect(await engineReads()).toEqual(new Map());
  });

  test('of what was not set says so', async () => {
    expect(await run(['unset', 'DOGEUSDT', 'enabled'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('nothing of its own was set') as string,
    });
  });
});

test('a database that cannot be reached is said to be so', async () => {
  const connection = { host: '127.0.0.1', port: 1, database: 'x', user: 'x' };
  const away = (): Promise<Reached> => Promise.resolve({ connection, close: async () => undefined });
  for (const args of [
    ['get', 'DOGEUSDT'],
    ['set', 'DOGEUSDT', 'enabled', 'true'],
    ['unset', 'DOGEUSDT', 'enabled'],
  ]) {
    const { code, err } = await run(args, away);
    expect(code).toBe(69);
    expect(err).toContain('cannot reach PostgreSQL');
  }
});
