// What is one stream of frames, and how does it travel to the measuring processes?
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** The grid of one instrument as the exchange publishes it. */
export interface GridText {
  readonly symbol: string;
  readonly tickSize: string;
  readonly qtyStep: string;
  readonly priceScale: number;
}

export interface FrameSet {
  readonly source: 'synthetic' | 'recording';
  readonly depth: number;
  readonly grids: readonly GridText[];
  /** One a symbol; they are applied before the clock starts. */
  readonly snapshots: readonly Buffer[];
  /** All symbols interleaved; these are what is timed. */
  readonly deltas: readonly Buffer[];
  /** Level changes in all deltas together. */
  readonly changes: number;
  /** Of the bytes of all frames, snapshots first. */
  readonly sha256: string;
}

/** Every level of one symbol, touch outward, as numbers. */
export interface Levels {
  readonly bids: readonly (readonly [price: number, size: number])[];
  readonly asks: readonly (readonly [price: number, size: number])[];
}

export function hashFrames(snapshots: readonly Buffer[], deltas: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const frame of snapshots) hash.update(frame);
  for (const frame of deltas) hash.update(frame);
  return hash.digest('hex');
}

/** Two books are the same exactly when their digests are. */
export function digestLevels(levels: Levels): string {
  return createHash('sha256').update(JSON.stringify(levels)).digest('hex').slice(0, 16);
}

interface Head extends Omit<FrameSet, 'snapshots' | 'deltas'> {
  readonly snapshotBytes: readonly number[];
  readonly deltaBytes: readonly number[];
}

/** A line of JSON with all lengths, then the bytes of all frames. */
export function writeFrameSet(path: string, set: FrameSet): void {
  const { snapshots, deltas, ...rest } = set;
  const head: Head = {
    ...rest,
    snapshotBytes: snapshots.map((frame) => frame.length),
    deltaBytes: deltas.map((frame) => frame.length),
  };
  writeFileSync(path, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...snapshots, ...deltas]));
}

export function readFrameSet(path: string): FrameSet {
  const file = readFileSync(path);
  const end = file.indexOf(0x0a);
  const { snapshotBytes, deltaBytes, ...rest } = JSON.parse(file.subarray(0, end).toString()) as Head;
  let at = end + 1;
  const cut = (length: number): Buffer => file.subarray(at, (at += length));
  const set = { ...rest, snapshots: snapshotBytes.map(cut), deltas: deltaBytes.map(cut) };
  if (hashFrames(set.snapshots, set.deltas) !== set.sha256) throw new Error(`${path}: frames do not match their hash`);
  return set;
}
