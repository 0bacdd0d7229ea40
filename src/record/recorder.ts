// How do raw frames reach a file while the market goes on? Copied at once, packed on another thread, on disk within a second.
import { createWriteStream } from 'node:fs';
import { access, constants as rights, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, type Gzip } from 'node:zlib';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { getOrInsert } from '../lib/get-or-insert.ts';
import type { Instrument } from '../market/instrument.ts';
import type { Candle } from './entry.ts';
import { rowOf } from './instrument-row.ts';
import { RECORDING_NAME, RECORDING_VERSION } from './line-format.ts';
import { RecordError } from './record-error.ts';

export interface RecorderOptions {
  readonly environment: string;
  /** The program and its version, for whoever opens the file years later. */
  readonly program: string;
  readonly clock: Clock;
  readonly log: { error(fields: object, event: string): void };
  /** By which its file was named, for remedies. */
  readonly flag: string;
}

/** What a kill of the process may cost. */
const FLUSH_MS = 1_000 as Ms;
/** Lines are packed together: a hand-over to the packing thread costs more than a line. */
const BATCH_CHARACTERS = 65_536;
/** A disk that is slower than the market for so much is not waited for any longer. */
const WAITING_BYTES_MAX = 64 * 1_048_576;

export class Recorder {
  frames = 0;
  /** Frames that found the disk too far behind. */
  dropped = 0;
  readonly path: string;
  readonly #written = Promise.withResolvers<RecordError | undefined>();
  readonly #gzip: Gzip = createGzip();
  readonly #options: RecorderOptions;
  readonly #toWall: number;
  readonly #flushing: Timer;
  /** Since the last flush. */
  readonly #scans = new Map<string, { readonly sequences: number[]; readonly anew: number[] }>();
  /** By symbol: how often its densities had begun anew at its last scan. */
  readonly #restarts = new Map<string, number>();
  #batch = '';
  #isBegun = false;
  #droppedTold = 0;

  constructor(path: string, options: RecorderOptions) {
    this.path = path;
    this.#options = options;
    const { clock, environment, program } = options;
    this.#toWall = clock.wall() - clock.monotonic();
    const begun = new Date(clock.wall()).toISOString();
    this.#add({ plotnost: RECORDING_NAME, version: RECORDING_VERSION, program, environment, begun, instruments: [] });
    this.#flushing = clock.every(FLUSH_MS, () => this.#flush());
  }

  /** Resolves when the file is whole, or with the reason why it cannot be written any further. */
  get written(): Promise<RecordError | undefined> {
    return this.#written.promise;
  }

  /** Before the symbol's first frame, and again when its grid has changed. */
  instrument(instrument: Instrument): void {
    this.#restarts.delete(instrument.symbol);
    this.#add({ instrument: rowOf(instrument) });
  }

  /** What the engine asked for when it began to watch the symbol, on the grid told before. */
  candles(symbol: string, candles: readonly Candle[]): void {
    this.#add({ candles: symbol, rows: candles.map(({ minute, high, low }) => [minute, high, low]) });
  }

  /** `bytes` are copied; `received` is monotonic. */
  frame(bytes: Uint8Array, connection: number, received: Ms): void {
    if (!this.#gzip.writable) return;
    if (this.#gzip.writableLength > WAITING_BYTES_MAX) {
      this.dropped++;
      return;
    }
    this.frames++;
    // One character a byte, so that whatever came survives, text or not.
    const f = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    this.#add({ t: Math.round((received + this.#toWall) * 1_000) / 1_000, c: connection, f });
  }

  /**
   * The engine has scanned the book of a symbol as it stood after the message of this `seq`; up to then its densities had begun anew
   * `restarts` times.
   */
  scanned(symbol: string, sequence: number, restarts: number): void {
    const { sequences, anew } = getOrInsert(this.#scans, symbol, () => ({ sequences: [], anew: [] }));
    sequences.push(sequence);
    if (this.#restarts.get(symbol) === restarts) return;
    anew.push(sequence);
    this.#restarts.set(symbol, restarts);
  }

  /** Resolves when everything is written; throws a RecordError where it could not be. */
  async close(): Promise<void> {
    this.#flushing.cancel();
    this.#flush();
    this.#gzip.end();
    if (this.frames === 0) this.#written.resolve(undefined);
    const error = await this.written;
    if (error !== undefined) throw error;
  }

  #begin(): void {
    this.#isBegun = true;
    pipeline(this.#gzip, createWriteStream(this.path, { flags: 'wx' })).then(
      () => this.#written.resolve(undefined),
      (error: unknown) => this.#written.resolve(refusal(codeOf(error), this.path, this.#options.flag)),
    );
  }

  #add(line: object): void {
    this.#batch += `${JSON.stringify(line)}\n`;
    if (this.#batch.length >= BATCH_CHARACTERS) this.#write();
  }

  #write(): void {
    if (this.#batch.length > 0 && this.#gzip.writable) this.#gzip.write(this.#batch);
    this.#batch = '';
  }

  #flush(): void {
    // Whoever dies before there is something to keep leaves no file in the way of the next recording.
    if (this.frames === 0) return;
    const rows = [...this.#scans].map(([symbol, { sequences, anew }]) => [symbol, sequences, anew]);
    if (rows.length > 0) this.#add({ scans: rows });
    this.#scans.clear();
    this.#write();
    if (!this.#isBegun) this.#begin();
    if (this.#gzip.writable) this.#gzip.flush(constants.Z_SYNC_FLUSH);
    if (this.dropped === this.#droppedTold) return;
    this.#droppedTold = this.dropped;
    this.#options.log.error({ path: this.path, dropped: this.dropped }, 'record.dropped');
  }
}

/** A recording whose file is made with the first frames that go there; one that is there already is never written over. */
export async function createRecorder(path: string, options: RecorderOptions): Promise<Recorder> {
  const code = await obstacleAt(path);
  if (code !== undefined) throw refusal(code, path, options.flag);
  return new Recorder(path, options);
}

/** Why no file can be made there; undefined where one can. */
async function obstacleAt(path: string): Promise<string | undefined> {
  const there = await lstat(path).then(() => 'EEXIST', codeOf);
  return there === 'ENOENT' ? access(dirname(path), rights.W_OK).then(() => undefined, codeOf) : there;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** A file may also be as large as a file may be. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function refusal(code: string, path: string, flag: string): RecordError {
  const reason =
    code === 'EEXIST'
      ? 'is there already and is not written over:'
      : code === 'ENOENT'
        ? 'cannot be made, its directory does not exist: make it or'
        : `cannot be written (${code}):${FULL.has(code) ? ' make room or' : ''}`;
  return new RecordError('write', path, `${reason} name another file with ${flag}`);
}
