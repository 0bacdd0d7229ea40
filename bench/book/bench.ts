// What does it cost to turn a raw frame into an updated book, here and elsewhere?
import { BOOK_VARIANTS } from './subject.ts';
import { compare } from '../measure/comparison.ts';
import type { Entry, Row } from '../measure/comparison.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import { syntheticFrames } from '../frames/synthetic.ts';
import { findCompiler, NATIVE } from '../measure/native.ts';
import { peerVersion } from '../measure/peers.ts';
import { recordedFrames } from '../frames/recorded.ts';
import type { Options, Report, Table } from '../report/report.ts';
import { describeStreams } from '../report/report.ts';
import { ownVersion } from '../measure/versions.ts';

/** Flatness is shown at more depths than peers are timed at. */
const LEVEL_DEPTHS = [50, 200, 500, 1000] as const;

const NOT_MEASURED: Table = {
  title: 'not measured',
  rows: [{ name: NATIVE, why: 'this machine has no C compiler (cc, gcc or clang)' }],
};

export async function benchBook(options: Options): Promise<Report> {
  const { size, seed, say } = options;
  const synthetic = new Map(
    LEVEL_DEPTHS.map((depth) => [depth, syntheticFrames(depth, size.symbols, size.deltas, seed)]),
  );
  const sets = [
    ...size.depths.map((depth) => synthetic.get(depth) as FrameSet),
    ...(size.copies > 0 ? [recordedFrames(size.copies)] : []),
  ];
  const compiler = findCompiler();
  const entries: Entry[] = [];
  for (const set of sets) {
    for (const [variant, { package: name, keepsBook, peer }] of Object.entries(BOOK_VARIANTS)) {
      if (peer && !options.peers) continue;
      entries.push({ bench: 'book', variant, version: versionOf(name), own: name === 'plotnost', keepsBook, set });
    }
    if (compiler === undefined) continue;
    entries.push({ bench: 'book', variant: NATIVE, version: compiler.version, own: false, keepsBook: true, set });
  }
  for (const set of synthetic.values()) {
    entries.push({
      bench: 'level',
      variant: 'plotnost level update',
      version: ownVersion(),
      own: true,
      keepsBook: true,
      set,
    });
  }
  const rows = await compare(entries, size, say);
  return {
    rows,
    streams: describeStreams([...new Set(entries.map((entry) => entry.set))]),
    figures: { levelUpdateFlatness: flatness(rows) },
    ...(compiler === undefined ? { tables: [NOT_MEASURED] } : {}),
  };
}

function versionOf(name: string | undefined): string {
  if (name === undefined) return `node ${process.versions.node}`;
  return name === 'plotnost' ? ownVersion() : peerVersion(name);
}

/** Slowest over fastest depth, minus one. */
function flatness(rows: readonly Row[]): number {
  const times = rows.filter((row) => row.operation === 'level update').map((row) => row.nsPerOp);
  return Math.round((Math.max(...times) / Math.min(...times) - 1) * 1_000) / 1_000;
}
