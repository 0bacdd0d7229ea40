// How do real recorded frames become a stream of many symbols? Copies under other names, each at another place of the recording.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { hashFrames } from './frame-set.ts';
import type { FrameSet, GridText } from './frame-set.ts';

const FILE = fileURLToPath(
  new URL('../../test/real/bybit/linear_BTCUSDT_DOGEUSDT_2026-08-09.jsonl.gz', import.meta.url),
);
const DEPTH = 200;
const GRIDS: readonly GridText[] = [
  { symbol: 'BTCUSDT', tickSize: '0.10', qtyStep: '0.001', priceScale: 2 },
  { symbol: 'DOGEUSDT', tickSize: '0.00001', qtyStep: '1', priceScale: 5 },
];

interface Line {
  readonly t: string;
  readonly data?: string;
}

function bookFrames(symbol: string): string[] {
  const topic = `"orderbook.${DEPTH}.${symbol}"`;
  return gunzipSync(readFileSync(FILE))
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{"t":"recv"') && line.includes(symbol))
    .map((line) => (JSON.parse(line) as Line).data ?? '')
    .filter((text) => text.startsWith(`{"topic":${topic}`));
}

function rename(text: string, from: string, to: string): Buffer {
  return Buffer.from(text.replace(`.${from}"`, `.${to}"`).replace(`"s":"${from}"`, `"s":"${to}"`));
}

/** `copies` of both recorded books (the first under its own name); copy k runs behind copy k − 1, so neighbours differ. */
export function recordedFrames(copies: number): FrameSet {
  const grids: GridText[] = [];
  const streams: Buffer[][] = [];
  for (let copy = 0; copy < copies; copy++) {
    for (const grid of GRIDS) {
      const symbol = copy === 0 ? grid.symbol : grid.symbol.replace('USDT', `${copy}USDT`);
      grids.push({ ...grid, symbol });
      streams.push(bookFrames(grid.symbol).map((text) => rename(text, grid.symbol, symbol)));
    }
  }
  const longest = Math.max(...streams.map((stream) => stream.length));
  const lag = Math.ceil(longest / copies);
  const snapshots = streams.map((stream) => stream[0] as Buffer);
  const deltas: Buffer[] = [];
  for (let step = 1; step < longest + lag * copies; step++) {
    for (const [index, stream] of streams.entries()) {
      const place = step - lag * (index >> 1);
      const frame = place >= 1 ? stream[place] : undefined;
      if (frame !== undefined) deltas.push(frame);
    }
  }
  const changes = deltas.reduce((sum, frame) => sum + countChanges(frame), 0);
  return {
    source: 'recording',
    depth: DEPTH,
    grids,
    snapshots,
    deltas,
    changes,
    sha256: hashFrames(snapshots, deltas),
  };
}

function countChanges(frame: Buffer): number {
  const { data } = JSON.parse(frame.toString()) as { data: { b: unknown[]; a: unknown[] } };
  return data.b.length + data.a.length;
}
