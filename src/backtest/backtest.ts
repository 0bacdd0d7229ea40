// What would these rules have brought on these recordings? The same files and settings give the same trades.
import type { Config } from '../config/schema.ts';
import type { Ms } from '../lib/brand.ts';
import { createInstrument, type Instrument } from '../market/instrument.ts';
import type { Entry } from '../record/entry.ts';
import type { InstrumentReport } from '../record/instruments.ts';
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
  const grids = new Map([...listing].map(([symbol, { instrument }]) => [symbol, instrument]));
  const guessed = new Map<string, InstrumentReport>();
  for (;;) {
    const result = await runOnce(options, { grids, listing }, onProgress);
    const finer = finerGrids(result);
    for (const [symbol, { report, instrument }] of finer) {
      grids.set(symbol, instrument);
      guessed.set(symbol, report);
    }
    const instruments = { ...result.replay.instruments, ...Object.fromEntries(guessed) };
    if (finer.size === 0) return { ...result, replay: { ...result.replay, instruments } };
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

/** Prices of a position mean nothing on another grid: where a guess has proved too coarse everything is run once more. */
function finerGrids({
  replay,
}: SessionResult): ReadonlyMap<string, { readonly report: InstrumentReport; readonly instrument: Instrument }> {
  const finer = new Map<string, { report: InstrumentReport; instrument: Instrument }>();
  for (const [symbol, report] of Object.entries(replay.instruments)) {
    const instrument = createInstrument(symbol, report.tickSize, report.qtyStep);
    if (report.refined > 0 && instrument !== undefined) finer.set(symbol, { report, instrument });
  }
  return finer;
}
