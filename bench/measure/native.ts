// How are the C programs built and run? Where no compiler is, the row of the comparison says so, and that limit is not shown.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInstrument, priceText, sizeText } from '../../src/market/instrument.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { digestLevels, type FrameSet } from '../frames/frame-set.ts';
import { runCommand } from './processes.ts';
import type { Measured } from './subject.ts';

export const NATIVE = 'native C';

const COMPILERS = ['cc', 'gcc', 'clang'];
/** `-march=native` changes less than the spread; a profile of its own run, fed back to GCC, would make it 8 to 15 % faster. */
const FLAGS = ['-O3'];
const NAME_BYTES = 32;

export interface Compiler {
  readonly command: string;
  /** With its flags. */
  readonly version: string;
}

/** The first C compiler of this machine. */
export function findCompiler(): Compiler | undefined {
  for (const command of COMPILERS) {
    const asked = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (asked.status !== 0) continue;
    const version = /\d+\.\d+(\.\d+)?/.exec(asked.stdout)?.[0] ?? 'unknown';
    return { command, version: [command, version, ...FLAGS].join(' ') };
  }
  return undefined;
}

/** Answers where the program is. */
export function buildNative({ command }: Compiler, folder: string, name: 'book' | 'wake' = 'book'): string {
  const source = fileURLToPath(new URL(`../native/${name}.c`, import.meta.url));
  const program = path.join(folder, name);
  const built = spawnSync(command, [...FLAGS, '-pthread', '-o', program, source, '-lm'], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`${command} could not build ${source}:\n${built.stderr}`);
  return program;
}

function instrumentOf({ symbol, tickSize, qtyStep, priceScale }: FrameSet['grids'][number]): Instrument {
  const instrument = createInstrument(symbol, tickSize, qtyStep, priceScale);
  if (instrument === undefined) throw new Error(`${symbol} has no grid`);
  return instrument;
}

/** The frames as the C program reads them: see there. */
export function writeNativeFrames(file: string, { grids, snapshots, deltas }: FrameSet): void {
  const head: Buffer[] = [int32(grids.length)];
  for (const grid of grids) {
    const { symbol, priceScale, tickScaled, lotScale, lotScaled } = instrumentOf(grid);
    const name = Buffer.alloc(NAME_BYTES);
    name.write(symbol);
    head.push(name, int32(priceScale, tickScaled, lotScale, lotScaled));
  }
  const frames = [...snapshots, ...deltas];
  head.push(int32(snapshots.length, deltas.length, ...frames.map(({ length }) => length)));
  writeFileSync(file, Buffer.concat([...head, ...frames]));
}

function int32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeInt32LE(value, 4 * i);
  return bytes;
}

type NativeLevels = readonly (readonly [number, number])[];

interface Told {
  readonly nsPerOp: number;
  readonly ops: number;
  readonly books: Readonly<Record<string, readonly [NativeLevels, NativeLevels]>>;
}

export async function runNative(program: string, file: string, set: FrameSet, cpuMs: number): Promise<Measured> {
  const { nsPerOp, ops, books } = await runCommand<Told>(program, [file, String(cpuMs)], true);
  const digests = Object.fromEntries(
    set.grids.map((grid) => {
      const instrument = instrumentOf(grid);
      const numbers = (levels: NativeLevels = []) =>
        levels.map(
          ([tick, lot]) =>
            [Number(priceText(tick as Tick, instrument)), Number(sizeText(lot as Lot, instrument))] as const,
        );
      const [bids, asks] = books[grid.symbol] ?? [];
      return [grid.symbol, digestLevels({ bids: numbers(bids), asks: numbers(asks) })];
    }),
  );
  return { digests, timing: { nsPerOp, ops }, garbage: { garbageBytesPerOp: 0, ops } };
}
