// Does the store bench write every table each way, ask every question, and see retention delete what is too old?
import { expect, test } from 'vitest';
import { quickReport } from '../bench-run.ts';

interface Told {
  readonly tables: readonly {
    readonly title: string;
    readonly rows: readonly Readonly<Record<string, string | number>>[];
  }[];
  readonly servers: number;
  readonly sequentialScansOfBigTables: number;
  readonly rowsDroppedByRetention: number;
}

const PERIODS = ['day', 'week', 'month', 'all'];

test('rows go in both ways, a packed book is the smallest, every question has an index, and old days are gone', async () => {
  const told = await quickReport<Told>('store');
  const [inserts, books, history, questions, retention] = told.tables.map(({ rows }) => rows);
  expect(told.tables).toHaveLength(5 * told.servers);

  const ways = inserts?.map((row) => `${row['table']}: ${row['way']}`);
  const tables = ['densities', 'signals', 'orderbook_snapshots', 'trades'];
  expect(ways).toEqual(
    tables.flatMap((table) => ['unnest', 'COPY, then merge', 'COPY alone'].map((way) => `${table}: ${way}`)),
  );
  for (const row of inserts ?? []) expect([row['rows/s'], row['bytes/row']]).not.toContain(0);

  const [packed, ...others] = books?.map((row) => Number(row['bytes/row'])) ?? [];
  expect(others.every((bytes) => bytes > (packed as number))).toBe(true);

  expect(history?.every((row) => Number(row['rows']) > 0 && Number(row['bytes/row']) > 0)).toBe(true);

  expect(new Set(questions?.map((row) => row['question']))).toEqual(
    new Set([
      ...PERIODS.flatMap((period) => [`report ${period}`, `report densities ${period}`]),
      ...['now', '--last 1000', '--at 15 days ago', 'before everything', 'of an unknown symbol'].map(
        (at) => `why ${at}`,
      ),
    ]),
  );
  expect(told.sequentialScansOfBigTables).toBe(0);

  for (const table of ['orderbook_snapshots', 'densities', 'signals']) {
    const own = retention?.filter((row) => row['table'] === table) ?? [];
    expect(own.some((row) => Number(row['beyond']) > 0 && row['beyond after'] === 0)).toBe(true);
  }
  expect(told.rowsDroppedByRetention).toBeGreaterThan(0);
});
