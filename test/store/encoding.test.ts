// Does a database in another encoding hold the names of all coins, does one of another program stay its own, and does one that takes
// no rows say so? Else it is refused.
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { databaseChecks } from '../../src/cli/doctor/database.ts';
import type { Config } from '../../src/config/schema.ts';
import { withClient } from '../../src/store/session.ts';
import { openStore } from '../../src/store/write/client.ts';
import { marketStat, memoryLog, patientClock } from './fixtures.ts';
import { startServer, type Server } from './servers.ts';

let server: Server;

beforeAll(async () => {
  server = await startServer();
  return server.remove;
});

/** Of a database made in this encoding on the real server. */
async function made(encoding: string): Promise<Server['connection']> {
  const database = encoding.toLowerCase();
  await withClient(server.connection, (client) =>
    client.query(`CREATE DATABASE ${database} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`),
  );
  return { ...server.connection, database };
}

test.each(['LATIN1', 'EUC_JP', 'WIN1251'])(
  'in %s not every name can be written: that is told at once, with the remedy, by the store and by doctor',
  async (encoding) => {
    const connection = await made(encoding);
    await expect(
      openStore({ connection, stateDir: join(server.stateDir, encoding) }, memoryLog().log, patientClock),
    ).rejects.toMatchObject({
      code: 'encoding',
      exitCode: 78,
      message: expect.stringMatching(new RegExp(`in ${encoding}.* CREATE DATABASE .* ENCODING 'UTF8'`)) as string,
    });
    const { host, port, user } = connection;
    const names = { name: connection.database, userEnv: 'U', passwordEnv: 'P', ssl: 'off' };
    const external = { mode: 'external', host, port, ...names } as Config['database'];
    expect(await databaseChecks(external, server.stateDir, { U: String(user) })).toMatchObject([
      { verdict: 'fail', text: expect.stringContaining(`in ${encoding}`), remedy: expect.stringContaining('UTF8') },
    ]);
  },
);

test.each(['UTF8', 'SQL_ASCII'])(
  'in %s a coin with a Chinese name is written, and read as it is called',
  async (encoding) => {
    const connection = await made(encoding);
    const store = await openStore(
      { connection, stateDir: join(server.stateDir, encoding) },
      memoryLog().log,
      patientClock,
    );
    store.write([marketStat({ symbol: '币安人生USDT' })]);
    const { dropped, written } = await store.close();
    expect([written.market_stats, dropped.market_stats]).toEqual([1, 0]);
    const read = await withClient(
      connection,
      async (client) => (await client.query('SELECT symbol FROM market_stats')).rows,
    );
    expect(read).toEqual([{ symbol: '币安人生USDT' }]);
  },
);

test.each([
  ['laravel', 'migrations', 'CREATE TABLE migrations (id serial, migration text, batch int)'],
  ['shop', 'sessions', 'CREATE TABLE sessions (id text)'],
  [
    'broker',
    'trades',
    'CREATE TABLE migrations (id serial, name text, run_on timestamp); CREATE TABLE trades (id int)',
  ],
  [
    'bank',
    'migrations',
    `CREATE TABLE migrations (id serial, name text, run_on timestamp); INSERT INTO migrations VALUES (1, '001_bank', now())`,
  ],
])(
  'the database %s, in which %s is the table of another program, stays as it is: store and doctor tell that at once',
  async (database, table, theirs) => {
    await withClient(server.connection, (client) => client.query(`CREATE DATABASE ${database}`));
    const connection = { ...server.connection, database };
    const tables = (): Promise<unknown[]> =>
      withClient(connection, async (client) => {
        const { rows } = await client.query(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`);
        return rows;
      });
    await withClient(connection, (client) => client.query(theirs));
    const before = await tables();
    await expect(
      openStore({ connection, stateDir: join(server.stateDir, database) }, memoryLog().log, patientClock),
    ).rejects.toMatchObject({
      code: 'foreign',
      exitCode: 78,
      message: `the table ${table} in this database is another program's: make a database for Plotnost alone, and name it in database.name`,
    });
    const { host, port, user } = connection;
    const names = { name: database, userEnv: 'U', passwordEnv: 'P', ssl: 'off' };
    const external = { mode: 'external', host, port, ...names } as Config['database'];
    expect(await databaseChecks(external, server.stateDir, { U: String(user) })).toMatchObject([
      { name: 'tables', verdict: 'fail', text: expect.stringContaining(`the table ${table}`) as string },
    ]);
    expect(await tables()).toEqual(before);
  },
);

test('a database that answers and takes no rows, as that of a standby, is found out by doctor', async () => {
  await withClient(server.connection, (client) => client.query('CREATE DATABASE standby'));
  await withClient(server.connection, (client) =>
    client.query('ALTER DATABASE standby SET default_transaction_read_only TO on'),
  );
  const { host, port, user } = server.connection;
  const external = { mode: 'external', host, port, name: 'standby', userEnv: 'U', passwordEnv: 'P', ssl: 'off' };
  const [database] = await databaseChecks(external as Config['database'], server.stateDir, { U: String(user) });
  expect(database).toMatchObject({
    name: 'database',
    verdict: 'fail',
    text: expect.stringContaining('takes no rows') as string,
    remedy: expect.stringMatching(/name the primary$/) as string,
  });
});
