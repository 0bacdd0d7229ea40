// What does a bench print, for people and for machines?
import { createHash } from 'node:crypto';
import type { Row } from '../measure/comparison.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import { machine, type Machine } from '../measure/processes.ts';
import type { PathRow } from '../path/bench.ts';
import { sourceState } from './results.ts';
import type { Size } from '../measure/size.ts';

export interface Options {
  readonly size: Size;
  readonly seed: number;
  readonly peers: boolean;
  readonly say: (line: string) => void;
}

export interface Stream {
  readonly source: string;
  readonly depth: number;
  readonly symbols: number;
  readonly frames: number;
  readonly bytesMean: number;
  readonly changesMean: number;
  readonly sha256: string;
}

/** What does not compare implementations of one operation: each table has its own columns. */
export interface Table {
  readonly title: string;
  readonly rows: readonly Readonly<Record<string, string | number>>[];
}

export interface Report {
  readonly rows: readonly (Row | PathRow)[];
  readonly streams: readonly Stream[];
  readonly tables?: readonly Table[];
  readonly figures: Readonly<Record<string, number>>;
}

export function describeStreams(sets: readonly FrameSet[]): Stream[] {
  return sets.map(({ source, depth, grids, deltas, changes, sha256 }) => ({
    source,
    depth,
    symbols: grids.length,
    frames: deltas.length,
    bytesMean: Math.round(deltas.reduce((sum, frame) => sum + frame.length, 0) / deltas.length),
    changesMean: Math.round((changes / deltas.length) * 10) / 10,
    sha256,
  }));
}

/** Of all streams together: two reports with the same hash measured the same bytes. */
function hashStreams(streams: readonly Stream[]): string {
  return createHash('sha256')
    .update(streams.map((stream) => stream.sha256).join('\n'))
    .digest('hex');
}

export interface Context {
  readonly bench: string;
  readonly quick: boolean;
  readonly peers: boolean;
  readonly machine: Machine;
  readonly node: string;
  readonly source: string;
  readonly seed: number;
  readonly sha256: string;
}

/** What they measure are processes and threads that need the cores between them. */
const TOGETHER: ReadonlySet<string> = new Set(['path', 'orders', 'scaling', 'store']);

/** All that two results must share to be comparable, and which sources were measured. */
export function contextOf(bench: string, options: Options, streams: readonly Stream[]): Context {
  return {
    bench,
    quick: options.size.rounds === 1,
    peers: options.peers,
    // A quick run is not, for it does all in one process.
    machine: machine(options.size.rounds > 1 && !TOGETHER.has(bench)),
    node: process.versions.node,
    source: sourceState(),
    seed: options.seed,
    sha256: hashStreams(streams),
  };
}

export function describeContext({ bench, node, machine: { cpu, cores, pinned }, seed }: Context): string {
  const where = bench === 'all' ? 'book, scan and functions pinned to one' : 'pinned to one';
  return `${bench}: node ${node}, ${cpu}, ${cores} cores, ${pinned ? where : 'not pinned'}, seed ${seed}`;
}

export const QUICK_NOTE = 'A quick run: it shows that the bench works; its figures say little.';

export function printReport(name: string, report: Report, options: Options, asJson: boolean): string {
  const context = contextOf(name, options, report.streams);
  if (asJson)
    return `${JSON.stringify({ ...context, ...report.figures, rows: report.rows, streams: report.streams, tables: report.tables })}\n`;
  const lines = [
    describeContext(context),
    ...report.streams.map(
      (stream) =>
        `  ${stream.source} ${stream.depth}: ${stream.symbols} symbols, ${stream.frames} frames, ${stream.bytesMean} bytes and ` +
        `${stream.changesMean} changes each, sha256 ${stream.sha256.slice(0, 12)}`,
    ),
    '',
    ...(report.rows.length > 0 ? [...table(report.rows.map((row) => cells(row))), ''] : []),
    ...(report.tables ?? []).flatMap(({ title, rows }) => [title, ...table(rows.map(texts)), '']),
    ...Object.entries(report.figures).map(([figure, value]) => `${figure}: ${value}`),
  ];
  if (context.quick) lines.push(QUICK_NOTE);
  if (!options.peers) lines.push('Peers were left out (--without-peers): this is no comparison.');
  return `${lines.join('\n')}\n`;
}

type Cells = Readonly<Record<string, string>>;

function cells(row: Row | PathRow): Cells {
  return 'nsPerOp' in row
    ? {
        operation: row.operation,
        source: `${row.source} ${row.depth}`,
        name: row.name,
        version: row.version,
        'ns/op': row.nsPerOp.toFixed(row.nsPerOp < 100 ? 1 : 0),
        ratio: `${row.ratio.toFixed(2)}×`,
        spread: `${(row.spread * 100).toFixed(0)} %`,
        'garbage B/op': row.garbageBytesPerOp.toFixed(row.garbageBytesPerOp < 100 ? 1 : 0),
        book: row.book,
      }
    : {
        measured: row.measured,
        name: row.name,
        'frames/s': String(row.rate),
        'p50 µs': row.p50.toFixed(1),
        'p90 µs': row.p90.toFixed(1),
        'p99 µs': row.p99.toFixed(1),
        'p99.9 µs': row.p999.toFixed(1),
        'max µs': row.max.toFixed(0),
        'ratio p50': row.ratio === 0 ? '–' : `${row.ratio.toFixed(2)}×`,
        'spread p50': `${(row.spread * 100).toFixed(0)} %`,
        runs: String(row.runs),
        frames: String(row.frames),
        scans: String(row.scans),
        backlog: String(row.backlog),
        'drained in ms': row.drainMs.toFixed(1),
        lost: String(row.lost),
        note: row.note,
      };
}

function texts(row: Table['rows'][number]): Cells {
  return Object.fromEntries(Object.entries(row).map(([head, value]) => [head, String(value)]));
}

export function table(rows: readonly Cells[]): string[] {
  const heads = Object.keys(rows[0] ?? {});
  const all = [heads, ...rows.map((row) => heads.map((head) => row[head] ?? ''))];
  const widths = heads.map((_, column) => Math.max(...all.map((line) => (line[column] ?? '').length)));
  return all.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
