// How fast does the engine write to PostgreSQL, how much room does it take, and how quickly is a month of it asked?
import { migrate } from '../../src/store/write/migrate.ts';
import { KEEP_DAYS, keepUp } from '../../src/store/write/retention.ts';
import type pg from 'pg';
import { connectClient, withClient } from '../../src/store/session.ts';
import { NOON } from '../../test/store/fixtures.ts';
import { SERVERS, startServer, type TestServer } from '../../test/store/servers.ts';
import type { Options, Report, Table } from '../report/report.ts';
import { measureBooks } from './books.ts';
import {
  A_DAY,
  TOLD_A_LIFE,
  HISTORY_END,
  HISTORY_TABLES,
  makeHistory,
  retain,
  sumHours,
  type Kept,
} from './history.ts';
import { measureInserts, roomOf, type Room } from './insert.ts';
import { askAll, questionsAt, type Answer } from './questions.ts';
import { sampleBooks, type Book } from './rows.ts';

const STATEMENT_MS_MAX = 3_600_000;
const ANSWER_MS_MAX = 1_000;

interface Found {
  readonly tables: readonly Table[];
  readonly answers: readonly Answer[];
  readonly kept: readonly Kept[];
  /** What it took to sum up all hours of the history. */
  readonly summedSeconds: number;
}

async function measureServer(server: TestServer, books: readonly Book[], options: Options): Promise<Found> {
  options.say(`${server.name}: starting`);
  const running = await startServer(server);
  const { connection } = running;
  try {
    await withClient(connection, (client) => migrate(client, 'up'));
    const client = await connectClient(connection, () => undefined, STATEMENT_MS_MAX);
    try {
      return await measureDatabase(client, connection, server.name, books, options);
    } finally {
      await client.end();
    }
  } finally {
    await running.remove();
  }
}

async function measureDatabase(
  client: pg.Client,
  connection: pg.ClientConfig,
  name: string,
  books: readonly Book[],
  { size, seed, say }: Options,
): Promise<Found> {
  const { rounds, rows, days, share, lastDayShare, asks } = size.store;
  await keepUp(client, NOON);
  const inserts = await measureInserts(client, books, rounds, rows, seed);
  say(`${name}: rows are inserted`);
  const formats = await measureBooks(client, books, Math.max(2, Math.round(rows / 500)));
  say(`${name}: books are stored in each form`);
  await makeHistory(client, books, { days, share, lastDayShare, seed }, say);
  const summed = await sumHours(client);
  say(`${name}: ${summed.hours} hours are summed up`);
  const room: (Room & { readonly table: (typeof HISTORY_TABLES)[number] })[] = [];
  for (const table of HISTORY_TABLES) room.push({ table, ...(await roomOf(client, table)) });
  const symbol = (books[0] as Book).instrument.symbol;
  const answers = await askAll(connection, questionsAt(HISTORY_END, symbol), asks);
  say(`${name}: questions are answered`);
  // Once the first three days are beyond what is kept of books, once beyond what is kept of the others.
  const kept = [
    ...(await retain(client, KEEP_DAYS.orderbook_snapshots - days + 3)),
    ...(await retain(client, KEEP_DAYS.densities - days + 3)),
  ];
  const onServer = (title: string): string => `${name}: ${title}`;
  return {
    tables: [
      {
        title: onServer('rows into their tables, 500 a transaction; ratio to unnest in the same round'),
        rows: inserts,
      },
      { title: onServer('one book of 200 levels a side; a day has 40 symbols every 300 s'), rows: formats },
      {
        title: onServer(`history of ${days} days, each ${share} of a day of a run and the last ${lastDayShare}`),
        rows: room.map(({ table, rows: count, tableBytes, indexBytes }) => ({
          table,
          rows: count,
          MB: Math.round((tableBytes + indexBytes) / 1e6),
          'bytes/row': Math.round((tableBytes + indexBytes) / count),
          'of it indexes': Math.round(indexBytes / count),
          'rows of a whole day': rowsADay(table),
          'MB of a whole day': Math.round((((tableBytes + indexBytes) / count) * rowsADay(table)) / 1e6),
        })),
      },
      { title: onServer('questions, each statement and the whole'), rows: answers },
      { title: onServer('retention'), rows: kept },
    ],
    answers,
    kept,
    summedSeconds: summed.seconds,
  };
}

function rowsADay(table: (typeof HISTORY_TABLES)[number]): number {
  switch (table) {
    case 'densities':
      return Math.round(A_DAY.lives * TOLD_A_LIFE);
    case 'signals':
      return A_DAY.signals;
    case 'orderbook_snapshots':
      return A_DAY.books;
    case 'trades':
      return A_DAY.trades;
    case 'executions':
      return 2 * A_DAY.trades;
    case 'system_events':
      return A_DAY.events;
  }
}

/** On every server that is there: the one that npm brings, and those of the system. */
export async function benchStore(options: Options): Promise<Report> {
  const books = sampleBooks(options.seed);
  const found: Found[] = [];
  for (const server of SERVERS.slice(0, options.size.store.serversMax))
    found.push(await measureServer(server, books, options));
  const answers = found.flatMap((one) => one.answers);
  const slowest = Math.max(...answers.map(({ ms }) => ms));
  return {
    rows: [],
    streams: [],
    tables: found.flatMap(({ tables }) => tables),
    figures: {
      servers: found.length,
      slowestQuestionMs: slowest,
      questionsOverASecond: answers.filter(({ ms }) => ms > ANSWER_MS_MAX).length,
      sequentialScansOfBigTables: answers.filter(({ sequential }) => sequential !== '').length,
      slowestSummingSeconds: Math.max(...found.map(({ summedSeconds }) => Math.round(summedSeconds * 10) / 10)),
      rowsDroppedByRetention: found.flatMap(({ kept }) => kept).reduce((sum, { beyond }) => sum + beyond, 0),
    },
  };
}
