// What would these rules have brought on these recordings? The same files and settings give the same trades.
import type { Config } from '../config/schema.ts';
import type { Ms } from '../lib/brand.ts';
import { createInstrument } from '../market/instrument.ts';
import type { Entry } from '../record/entry.ts';
import { filed, type KnownInstrument } from '../record/instruments.ts';
import { readListing, type Listing } from './contracts.ts';
import { readFiles, type Damage, type Reader } from './files.ts';
import { Session, type SessionOptions, type SessionResult } from './session.ts';

export interface BacktestOptions {
  readonly files: readonly string[];
  readonly config: Config;
  /** Answer of `GET /v5/market/instruments-info`. */
  readonly instruments: string | undefined;
  readonly verify: boolean;
}

export interface BacktestResult extends SessionResult {
  readonly recordedSeconds: number;
  readonly damaged: readonly Damage[];
}

/** Bytes of all files that have been read, and frames. */
export type OnProgress = (bytes: number, frames: number) => void;

export async function runBacktest(options: BacktestOptions, onProgress: OnProgress): Promise<BacktestResult> {
  const listing: Listing = options.instruments === undefined ? new Map() : await readListing(options.instruments);
  const grids = new Map([...listing].map(([symbol, { instrument }]) => [symbol, filed(instrument)]));
  for (;;) {
    const result = await runOnce(options, { grids, listing }, onProgress);
    const finer = finerGrids(result, grids);
    if (finer.length === 0) return result;
    for (const known of finer) grids.set(known.instrument.symbol, known);
  }
}

async function runOnce(
  { files, config, verify }: BacktestOptions,
  market: Pick<SessionOptions, 'grids' | 'listing'>,
  onProgress: OnProgress,
): Promise<BacktestResult> {
  const run = new LateSession({ config, verify, ...market });
  const reading = await readFiles(files, run, (bytes) => onProgress(bytes, run.frames));
  return { ...(await run.end()), ...reading };
}

/** Time begins with the first frame: what stands before it in the file waits. */
class LateSession implements Reader {
  readonly #options: SessionOptions;
  readonly #waiting: Entry[] = [];
  #session: Session | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get frames(): number {
    return this.#session?.frames ?? 0;
  }

  get unreadable(): number {
    return this.#session?.unreadable ?? 0;
  }

  nextFile(): void {
    this.#session?.nextFile();
  }

  async take(entry: Entry): Promise<void> {
    if (this.#session === undefined && entry.kind !== 'frame') return void this.#waiting.push(entry);
    const session = this.#session ?? (await this.#begin((entry as { received: Ms }).received));
    await session.take(entry);
  }

  async end(): Promise<SessionResult> {
    const session = this.#session ?? (await this.#begin(0 as Ms));
    return session.end();
  }

  async #begin(startMs: Ms): Promise<Session> {
    const session = new Session(this.#options, startMs);
    this.#session = session;
    for (const entry of this.#waiting) await session.take(entry);
    return session;
  }
}

/**
 * Prices of a position mean nothing on another grid: where a guess has proved too coarse everything is run once more. What a
 * recording names in the end may be coarser than what was printed before it: for that it is a guess too, and is tried once.
 */
function finerGrids(
  { replay }: SessionResult,
  grids: ReadonlyMap<string, KnownInstrument>,
): readonly KnownInstrument[] {
  return Object.entries(replay.instruments).flatMap(([symbol, { source, tickSize, qtyStep, refined }]) => {
    const instrument = createInstrument(symbol, tickSize, qtyStep);
    const tried = grids.get(symbol)?.refined ?? 0;
    const isNamed = source === 'recording';
    const isFiner = refined > tried && (tried === 0 || !isNamed);
    return instrument !== undefined && isFiner ? [{ instrument, source: isNamed ? 'derived' : source, refined }] : [];
  });
}
