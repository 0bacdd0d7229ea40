// What does one line of a recording say? Three ways of writing it: ours, cryptofeed's, and bare frames.
import type { Ms } from '../lib/brand.ts';
import { parseJson } from '../lib/parse-json.ts';
import type { Tick } from '../market/units.ts';
import type { Candle, Entry } from './entry.ts';
import { fieldsOf, instrumentOfRow, instrumentsOfAnswer } from './instrument-row.ts';

/** Turns a line into entries; a string is the reason why it cannot. */
export type ReadLine = (bytes: Buffer) => readonly Entry[] | string;

export const RECORDING_NAME = 'recording';
export const RECORDING_VERSION = 1;

/** The format of a recording, told by its first line; a string is the reason why it is none. */
export function formatOf(first: Buffer): ReadLine | string {
  const head = parse(first);
  if (typeof head === 'string') return `its first line is no JSON object: ${REMEDY}`;
  if (head['plotnost'] === RECORDING_NAME) {
    const version = head['version'];
    if (version === RECORDING_VERSION) return readOwn;
    return `is a recording of version ${String(version)}: this program reads version ${RECORDING_VERSION}`;
  }
  if (typeof head['t'] === 'string') {
    const exchange = head['exchange'] ?? 'BYBIT';
    return exchange === 'BYBIT'
      ? createCryptofeed()
      : `was recorded from ${JSON.stringify(exchange)}: only Bybit can be replayed`;
  }
  if ('retCode' in head) return 'is an answer of the REST interface: name it with --instruments instead';
  if (['topic', 'op', 'success'].some((key) => key in head)) return createBare();
  return `its first line is no frame of Bybit: ${REMEDY}`;
}

const REMEDY = 'a recording has one a line, as the exchange sent it (see replay --help)';
const NO_JSON = 'the line is no JSON object';

function readOwn(bytes: Buffer): readonly Entry[] | string {
  const line = parse(bytes);
  if (typeof line === 'string') return line;
  const { f, c, t } = line;
  if (typeof f === 'string' && typeof c === 'number' && typeof t === 'number') {
    const received = t as Ms;
    return [{ kind: 'frame', bytes: Buffer.from(f, 'latin1'), connection: String(c), received, ours: true }];
  }
  const { candles: symbol, rows: printed } = line;
  if (typeof symbol === 'string' && Array.isArray(printed)) {
    const candles = printed.map(candleOf);
    if (candles.every((candle) => candle !== undefined)) return [{ kind: 'candles', symbol, candles }];
    return 'the line holds a candle without minute, high and low';
  }
  if (Array.isArray(line['scans'])) {
    const scans = line['scans'].map(scansOf);
    if (scans.every((one) => one !== undefined)) return scans;
    return 'the line holds scans without symbol and numbers';
  }
  const rows = line['instruments'] ?? (line['instrument'] === undefined ? undefined : [line['instrument']]);
  if (!Array.isArray(rows)) return 'the line is neither a frame nor an instrument, candles or scans';
  const entries: Entry[] = [];
  for (const row of rows as unknown[]) {
    const instrument = instrumentOfRow(row);
    if (instrument === undefined) return 'the line holds an instrument without a tick size or a quantity step';
    entries.push({ kind: 'instrument', instrument });
  }
  return entries;
}

function candleOf(row: unknown): Candle | undefined {
  const [minute, high, low] = Array.isArray(row) ? (row as unknown[]) : [];
  if (!Number.isSafeInteger(minute) || !Number.isSafeInteger(high) || !Number.isSafeInteger(low)) return undefined;
  return { minute: minute as number, high: high as Tick, low: low as Tick };
}

function scansOf(row: unknown): Entry | undefined {
  // Those of before do not tell which began anew.
  const [symbol, sequences, anew = []] = Array.isArray(row) ? (row as unknown[]) : [];
  if (typeof symbol !== 'string' || !isIntegers(sequences) || !isIntegers(anew)) return undefined;
  return { kind: 'scans', symbol, sequences, anew };
}

function isIntegers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one));
}

/** The recordings of cryptofeed, format 2: `t` says what a line is, `data` is the frame's text. */
function createCryptofeed(): ReadLine {
  const others = new Set<unknown>(); // connections to markets that are not linear: their symbols have the same names
  return (bytes) => {
    const line = parse(bytes);
    if (typeof line === 'string') return line;
    const { t, conn, addr, data, ts, url } = line;
    if (typeof t !== 'string') return 'the line does not say what it is';
    if (typeof addr === 'string' && !addr.endsWith('/linear')) others.add(conn);
    if (t === 'http' && typeof url === 'string' && typeof data === 'string') return readAnswer(url, data);
    if (t !== 'recv' || others.has(conn)) return [];
    if (typeof data !== 'string' || typeof ts !== 'number') return 'the frame has no data or no time';
    const received = (ts * 1_000) as Ms;
    return [{ kind: 'frame', bytes: Buffer.from(data, 'utf8'), connection: String(conn), received, ours: false }];
  };
}

function readAnswer(url: string, data: string): readonly Entry[] {
  if (!url.includes('instruments-info') || !url.includes('category=linear')) return [];
  const instruments = instrumentsOfAnswer(parse(Buffer.from(data))) ?? [];
  return instruments.map((instrument) => ({ kind: 'instrument', instrument }));
}

/** One frame a line and nothing else, like the exchange's published archives: its own time stands in for the local one. */
function createBare(): ReadLine {
  let received = 0 as Ms;
  return (bytes) => {
    const frame = parse(bytes);
    if (typeof frame === 'string') return frame;
    const ts = frame['ts'];
    if (typeof ts === 'number') received = ts as Ms;
    return [{ kind: 'frame', bytes, connection: 'archive', received, ours: false }];
  };
}

function parse(bytes: Buffer): Readonly<Record<string, unknown>> | string {
  const value = parseJson(bytes.toString('utf8'));
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? fieldsOf(value) : NO_JSON;
}
