// How fast do rows go into their tables, by `unnest` as the engine writes and by COPY, and how much room do they take?
import type pg from 'pg';
import type { Row } from '../../src/store/rows/rows.ts';
import { insertOf } from '../../src/store/rows/tables.ts';
import { median, spread } from '../measure/processes.ts';
import { copyIn, copyText } from './copy.ts';
import { BENCH_TABLES, sampleRows, type BenchTable, type Book } from './rows.ts';

/** As many as the engine puts into one transaction. */
const BATCH_ROWS = 500;

type Write = (client: pg.Client, table: BenchTable, batch: readonly Row[]) => Promise<unknown>;

/** The columns, and what follows the rows: what to do with one that is there already. */
function partsOf(text: string): { readonly columns: string; readonly conflict: string } {
  const found = /\((.+?)\) SELECT .*? (ON CONFLICT .*)$/.exec(text);
  if (found === null) throw new Error(`no statement that inserts: ${text}`);
  return { columns: found[1] as string, conflict: found[2] as string };
}

const WAYS: Readonly<Record<string, Write>> = {
  unnest: (client, table, batch) => client.query(insertOf(table, batch)),
  // A row that is sent again must not fail, which COPY by itself cannot promise: it goes through a table of its own.
  'COPY, then merge': async (client, table, batch) => {
    const { text, values } = insertOf(table, batch);
    const { columns, conflict } = partsOf(text);
    await copyIn(client, `COPY staged_${table} (${columns}) FROM STDIN`, copyText(values));
    await client.query(`INSERT INTO ${table} (${columns}) SELECT ${columns} FROM staged_${table} ${conflict}`);
    await client.query(`TRUNCATE staged_${table}`);
  },
  // What COPY could do if nothing were ever sent twice.
  'COPY alone': (client, table, batch) => {
    const { text, values } = insertOf(table, batch);
    return copyIn(client, `COPY ${table} (${partsOf(text).columns}) FROM STDIN`, copyText(values));
  },
};

interface Measured {
  readonly rowsPerSecond: number;
  readonly cpuMicros: number;
}

async function writeAll(client: pg.Client, table: BenchTable, rows: readonly Row[], write: Write): Promise<Measured> {
  await client.query(`TRUNCATE ${table}`);
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (let at = 0; at < rows.length; at += BATCH_ROWS) {
    await client.query('BEGIN');
    await write(client, table, rows.slice(at, at + BATCH_ROWS));
    await client.query('COMMIT');
  }
  const seconds = (performance.now() - started) / 1_000;
  const used = process.cpuUsage(cpu);
  const { rows: counted } = await client.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`);
  if (counted[0]?.count !== rows.length)
    throw new Error(`${table} has ${counted[0]?.count} rows and not ${rows.length}`);
  return { rowsPerSecond: rows.length / seconds, cpuMicros: (used.user + used.system) / rows.length };
}

export interface Room {
  readonly rows: number;
  readonly tableBytes: number;
  readonly indexBytes: number;
}

/** With what lies out of line, over all partitions. */
export async function roomOf(client: pg.Client, table: string): Promise<Room> {
  const { rows } = await client.query<Room>(
    `SELECT (SELECT count(*)::int FROM ${table}) AS rows, sum(pg_table_size(relid))::float8 AS "tableBytes",
            sum(pg_indexes_size(relid))::float8 AS "indexBytes"
     FROM (SELECT relid FROM pg_partition_tree('${table}') UNION SELECT '${table}'::regclass) AS parts`,
  );
  return rows[0] as Room;
}

export interface InsertRow extends Record<string, string | number> {
  readonly table: string;
  readonly way: string;
  readonly 'rows/s': number;
}

/** Both ways in turn, each round in another order; a ratio is of two neighbours in one round. */
export async function measureInserts(
  client: pg.Client,
  books: readonly Book[],
  rounds: number,
  count: number,
  seed: number,
): Promise<readonly InsertRow[]> {
  const found: InsertRow[] = [];
  const names = Object.keys(WAYS);
  for (const table of BENCH_TABLES) {
    await client.query(`CREATE TEMP TABLE staged_${table} (LIKE ${table} INCLUDING DEFAULTS)`);
    const rows = sampleRows(table, count, books, seed);
    const measured = new Map(names.map((name): [string, Measured[]] => [name, []]));
    for (let round = 0; round <= rounds; round++) {
      const turn = [...names.slice(round % names.length), ...names.slice(0, round % names.length)];
      for (const name of turn) {
        const one = await writeAll(client, table, rows, WAYS[name] as Write);
        // The first round warms up caches and compiled code.
        if (round > 0) measured.get(name)?.push(one);
      }
    }
    const room = await roomOf(client, table);
    await client.query(`TRUNCATE ${table}`);
    const ours = measured.get('unnest') as Measured[];
    for (const [way, all] of measured) {
      const rates = all.map(({ rowsPerSecond }) => rowsPerSecond);
      const ratios = all.map(({ rowsPerSecond }, round) => rowsPerSecond / (ours[round] as Measured).rowsPerSecond);
      found.push({
        table,
        way,
        'rows/s': Math.round(median(rates)),
        spread: `${(spread(rates) * 100).toFixed(0)} %`,
        ratio: `${median(ratios).toFixed(2)}×`,
        'spread of ratio': `${(spread(ratios) * 100).toFixed(0)} %`,
        'client µs/row': median(all.map(({ cpuMicros }) => cpuMicros)).toFixed(1),
        'bytes/row': Math.round((room.tableBytes + room.indexBytes) / room.rows),
        'of it indexes': Math.round(room.indexBytes / room.rows),
      });
    }
  }
  return found;
}
