// What are tick and lot of a recorded symbol, and who said so?
import { parseJson } from '../lib/parse-json.ts';
import { formatDecimal, type Decimal } from '../market/decimal.ts';
import { createInstrument, sameGrid, type Instrument } from '../market/instrument.ts';
import { instrumentsOfAnswer, rowOf } from './instrument-row.ts';
import { commonStep, mostDecimals, readPrinted } from './printed.ts';
import { RecordError } from './record-error.ts';
import { readWhole } from './recording.ts';

export type GridSource = 'recording' | 'file' | 'derived';

export interface KnownInstrument {
  readonly instrument: Instrument;
  readonly source: GridSource;
  /** How often it proved too coarse and was made finer. */
  readonly refined: number;
}

export interface InstrumentReport {
  readonly source: GridSource;
  readonly tickSize: string;
  readonly qtyStep: string;
  readonly refined: number;
}

/** Reads the body of `GET /v5/market/instruments-info`, packed or not. */
export async function readInstruments(path: string): Promise<ReadonlyMap<string, KnownInstrument>> {
  const text = await readWhole(path);
  const remedy = 'must be the answer to GET /v5/market/instruments-info?category=linear, plain or gzipped';
  const answer = parseJson(text);
  if (answer === undefined) throw new RecordError('foreign', path, `is no JSON: it ${remedy}`);
  const instruments = instrumentsOfAnswer(answer);
  if (instruments === undefined) throw new RecordError('foreign', path, `holds no instruments: it ${remedy}`);
  return new Map(instruments.map((instrument) => [instrument.symbol, filed(instrument)]));
}

/** As a file names it. */
export const filed = (instrument: Instrument): KnownInstrument => ({ instrument, source: 'file', refined: 0 });

/** Knows every symbol's grid: from the recording itself, else as it is given, else from the numbers that are printed. */
export class Instruments {
  readonly #recorded = new Map<string, Instrument>();
  readonly #given: ReadonlyMap<string, KnownInstrument>;
  readonly #known = new Map<string, KnownInstrument>();

  constructor(given: ReadonlyMap<string, KnownInstrument> = new Map()) {
    this.#given = given;
  }

  /** The recording names an instrument. True where a symbol in use thereby gets another grid. */
  learn(instrument: Instrument): boolean {
    this.#recorded.set(instrument.symbol, instrument);
    const known = this.#known.get(instrument.symbol);
    if (known === undefined) return false;
    this.#known.set(instrument.symbol, { instrument, source: 'recording', refined: known.refined });
    return !sameGrid(known.instrument, instrument);
  }

  /** The grid of a symbol whose first book snapshot is `text`; undefined where nobody can tell. */
  resolve(symbol: string, text: string): KnownInstrument | undefined {
    const known = this.#known.get(symbol) ?? this.#first(symbol, text);
    if (known !== undefined) this.#known.set(symbol, known);
    return known;
  }

  /**
   * Something printed in `text` lies off the grid: makes it finer. Undefined where that is no help. A grid that stands in
   * the recording is not ours to change: live, the exchange was asked again, and the recording holds its answer.
   */
  refine(symbol: string, text: string): KnownInstrument | undefined {
    const known = this.#known.get(symbol);
    if (known === undefined || known.source === 'recording') return undefined;
    const { priceScale, tickScaled, lotScale, lotScaled } = known.instrument;
    const tick = { mantissa: tickScaled, decimals: priceScale };
    const lot = { mantissa: lotScaled, decimals: lotScale };
    const instrument = derive(symbol, text, [tick], [lot]);
    if (instrument === undefined || sameGrid(instrument, known.instrument)) return undefined;
    const finer = { instrument, source: known.source, refined: known.refined + 1 };
    this.#known.set(symbol, finer);
    return finer;
  }

  /** Of a symbol that was resolved. */
  sourceOf(symbol: string): GridSource {
    return this.#known.get(symbol)?.source ?? 'derived';
  }

  report(): Record<string, InstrumentReport> {
    const rows: Record<string, InstrumentReport> = {};
    for (const [symbol, { instrument, source, refined }] of this.#known) {
      const { tickSize, qtyStep } = rowOf(instrument);
      rows[symbol] = { source, tickSize, qtyStep, refined };
    }
    return rows;
  }

  #first(symbol: string, text: string): KnownInstrument | undefined {
    const recorded = this.#recorded.get(symbol);
    if (recorded !== undefined) return { instrument: recorded, source: 'recording', refined: 0 };
    const given = this.#given.get(symbol);
    if (given !== undefined) return given;
    const derived = derive(symbol, text, [], []);
    return derived === undefined ? undefined : { instrument: derived, source: 'derived', refined: 0 };
  }
}

function derive(
  symbol: string,
  text: string,
  ticks: readonly Decimal[],
  lots: readonly Decimal[],
): Instrument | undefined {
  const printed = readPrinted(text);
  if (printed === undefined) return undefined;
  const prices = [...printed.prices, ...ticks];
  const sizes = [...printed.sizes, ...lots];
  const priceScale = mostDecimals(prices);
  const lotScale = mostDecimals(sizes);
  const tick = plainStep(commonStep(prices, priceScale));
  const lot = plainStep(commonStep(sizes, lotScale));
  return createInstrument(symbol, formatDecimal(tick, priceScale), formatDecimal(lot, lotScale), priceScale);
}

/** Steps are 1, 2 or 5 times a power of ten. A few numbers may share more than that by chance, and finer is never wrong. */
function plainStep(step: number): number {
  for (let power = 10 ** Math.floor(Math.log10(Math.max(step, 1))); power >= 1; power /= 10) {
    for (const factor of [5, 2, 1]) if (step % (factor * power) === 0 && step > 0) return factor * power;
  }
  return 0;
}
