// Which parts has the table of everything, and which of their figures does it show?
import { availableParallelism } from 'node:os';
import { benchBook } from '../book/bench.ts';
import { benchFunctions } from '../functions/bench.ts';
import { runLoad } from '../load/run.ts';
import type { LoadTerms } from '../load/run.ts';
import { missingOf, withRightBooks } from '../load/worth.ts';
import { benchOrders } from '../orders/bench.ts';
import type { Line, Part } from './overview.ts';
import { benchPath } from '../path/bench.ts';
import type { PathRow } from '../path/bench.ts';
import { missingPeers } from '../measure/peers.ts';
import type { Row } from '../measure/comparison.ts';
import type { Options, Report, Table } from './report.ts';
import { benchScan } from '../scan/bench.ts';
import { benchStore } from '../store/bench.ts';

type Cells = Table['rows'][number];

const LOADS: readonly Pick<LoadTerms, 'mode' | 'symbols' | 'depth' | 'rate'>[] = [
  { mode: 'inline', symbols: 200, depth: 200, rate: 10_000 },
  { mode: 'pool', symbols: 200, depth: 200, rate: 10_000 },
];

/** A spread of one run is none. */
const spreadOf = (spread: number, runs: number): { spread?: number } => (runs > 1 ? { spread } : {});

export function comparedLines(bench: string, rows: Report['rows']): Line[] {
  return rows
    .filter((row): row is Row => 'nsPerOp' in row)
    .map((row) => ({
      bench,
      what: `${row.operation}, ${row.source} ${row.depth}`,
      name: row.name,
      value: row.nsPerOp,
      unit: 'ns',
      ratio: row.ratio,
      ...spreadOf(row.spread, row.rounds),
      note:
        `${row.garbageBytesPerOp.toFixed(row.garbageBytesPerOp < 100 ? 1 : 0)} B of garbage` +
        (row.book === 'none' ? '; keeps no book' : ''),
    }));
}

async function bookLines(options: Options): Promise<Line[]> {
  const missing = options.peers ? missingPeers() : 'left out: --without-peers';
  const report = await benchBook({ ...options, peers: missing === undefined });
  const gap = (name: string, note: string): Line => ({ bench: 'book', what: 'frame → updated book', name, note });
  return [
    ...comparedLines('book', report.rows),
    ...(missing === undefined ? [] : [gap('other packages', missing)]),
    ...(report.tables ?? []).flatMap(({ rows }) => rows.map(({ name, why }) => gap(String(name), String(why)))),
  ];
}

async function functionLines(options: Options): Promise<Line[]> {
  const [functions, limits] = (await benchFunctions(options)).tables ?? [];
  return [
    ...(functions?.rows ?? []).map((row) => ({
      bench: 'functions',
      what: String(row['call']),
      name: String(row['file']),
      value: Number(row['nsPerOp']),
      unit: 'ns',
      ...spreadOf(Number(row['spread']), options.size.rounds),
      note: `${row['garbageBytesPerOp']} B of garbage`,
    })),
    ...(limits?.rows ?? []).map((row) => ({
      bench: 'functions',
      what: String(row['measured']),
      name: 'this machine',
      value: Number(row['p50']),
      unit: 'µs p50',
      note: `p99 ${row['p99']}, max ${row['max']}, of ${row['times']}`,
    })),
  ];
}

function pathLines({ rows }: Report): Line[] {
  return rows
    .filter((row): row is PathRow => 'p999' in row)
    .map((row) => ({
      bench: 'path',
      what: `${row.measured}, ${row.rate} frames/s`,
      name: row.name,
      value: row.p50,
      unit: 'µs p50',
      ...(row.ratio === 0 ? {} : { ratio: row.ratio }),
      ...spreadOf(row.spread, row.runs),
      note: [
        `p99 ${row.p99}, p99.9 ${row.p999}, max ${row.max}`,
        `${row.scans} scans of ${row.frames} frames`,
        ...(row.backlog > row.frames / 100 ? [`behind by ${row.backlog}, through ${row.drainMs} ms later`] : []),
        ...(row.lost > 0 ? [`${row.lost} never answered`] : []),
        ...(row.note === '' ? [] : [row.note]),
      ].join('; '),
    }));
}

function orderLines({ tables = [] }: Report): Line[] {
  return tables.flatMap(({ title, rows }) =>
    rows.map((row: Cells): Line => {
      const line = { bench: 'orders', what: String(row['stage']), name: title.replace(', µs', '') };
      if (row['orders'] === 0) return { ...line, note: 'the market gave no entry in that time' };
      const note = `p99 ${row['p99']}, max ${row['max']}, of ${row['orders']} entries`;
      return { ...line, value: Number(row['p50']), unit: 'µs p50', note };
    }),
  );
}

async function loadLines({ size, seed, say }: Options): Promise<Line[]> {
  const lines: Line[] = [];
  for (const terms of LOADS) {
    const name = `${terms.symbols} books of ${terms.depth}, ${terms.rate} frames/s, ${terms.mode}`;
    say(name);
    const workers = Math.max(1, availableParallelism() - 1);
    const result = withRightBooks(await runLoad({ ...terms, workers, seed, seconds: size.load.seconds }));
    const { bookAgeMs: age, framesApplied, cpu, mainMicrosPerFrame: main } = result;
    const note = (...words: string[]): string => words.join(', ');
    lines.push(
      {
        bench: 'load',
        what: 'age of a book, from when its frame was due',
        name,
        value: age.p99,
        unit: 'ms p99',
        note: note(
          `p50 ${age.p50.toFixed(2)}`,
          `p99.9 ${age.p999.toFixed(1)}`,
          `${framesApplied} of ${framesApplied + missingOf(result)} frames applied`,
        ),
      },
      {
        bench: 'load',
        what: 'main’s CPU time a frame',
        name,
        value: main,
        unit: 'µs',
        note: note(`main ${cpu.main.toFixed(2)}`, `workers ${cpu.workers.toFixed(2)} cores`),
      },
    );
  }
  return lines;
}

/** Ratios are to `unnest`. */
function storeLines({ tables = [] }: Report, rounds: number): Line[] {
  return tables
    .filter(({ rows }) => rows[0]?.['rows/s'] !== undefined)
    .flatMap(({ title, rows }) =>
      rows
        .filter(({ way }) => way !== 'COPY alone')
        .map((row) => ({
          bench: 'store',
          what: `rows of ${row['table']} written: ${row['way']}`,
          name: title.split(':')[0] ?? '',
          value: Number(row['rows/s']),
          unit: 'rows/s',
          ratio: Number.parseFloat(String(row['ratio'])),
          ...spreadOf(Number.parseFloat(String(row['spread'])) / 100, rounds),
          note: `${row['bytes/row']} bytes a row, ${row['client µs/row']} µs of the client`,
        })),
    );
}

/** In the order of the path. */
export const PARTS: readonly Part[] = [
  { bench: 'book', run: bookLines },
  { bench: 'scan', run: async (options) => comparedLines('scan', (await benchScan(options)).rows) },
  { bench: 'functions', run: functionLines },
  { bench: 'path', run: async (options) => pathLines(await benchPath(options)) },
  { bench: 'orders', run: async (options) => orderLines(await benchOrders(options)) },
  { bench: 'load', run: loadLines },
  { bench: 'store', run: async (options) => storeLines(await benchStore(options), options.size.store.rounds) },
];
