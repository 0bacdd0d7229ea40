// Where do the lines of a recording begin and end, whatever it is packed in?
import type { RecordFile } from './file.ts';
import { gunzip, isGzip } from './gzip.ts';
import { PIECE_BYTES } from './inflate.ts';
import { RecordError } from './record-error.ts';
import { isZip, unzip } from './zip.ts';

export interface Line {
  /** Without its end. */
  readonly bytes: Buffer;
  /** From 1. */
  readonly number: number;
  /** Where it begins in the unpacked text. */
  readonly byte: number;
}

const LINE_BYTES_MAX = 64 * 1_048_576;
const NEWLINE = 10;
const RETURN = 13;
/** Some editors begin a text with it. */
const MARK = Buffer.from('\uFEFF');
const ZSTD = 0xfd2fb528;

/** Lines come in handfuls, so that waiting is paid once a piece and not once a line. Empty lines are left out. */
export async function* readLines(file: RecordFile): AsyncGenerator<readonly Line[]> {
  let rest: Buffer[] = []; // an unfinished line
  let restBytes = 0;
  let number = 0;
  let byte = 0;
  const take = (bytes: Buffer, lines: Line[]): void => {
    number++;
    const from = byte;
    byte += bytes.length + 1;
    const start = number === 1 && bytes.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
    const text = bytes.subarray(start, bytes.at(-1) === RETURN ? -1 : undefined);
    if (text.length > 0) lines.push({ bytes: text, number, byte: from });
  };
  try {
    for await (const piece of unpack(file)) {
      const lines: Line[] = [];
      let from = 0;
      for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
        const tail = piece.subarray(from, end);
        take(rest.length === 0 ? tail : Buffer.concat([...rest, tail]), lines);
        rest = [];
        restBytes = 0;
        from = end + 1;
      }
      if (from < piece.length) {
        rest.push(piece.subarray(from));
        restBytes += piece.length - from;
      }
      if (lines.length > 0) yield lines;
      if (restBytes > LINE_BYTES_MAX)
        throw new RecordError('damaged', file.path, 'the line has no end: no frame is that long', { byte });
    }
  } catch (error) {
    // What is left of the line that the damage hit is no line.
    throw error instanceof RecordError && error.code === 'damaged' ? error.atLine(number + 1) : error;
  }
  const last: Line[] = [];
  if (rest.length > 0) take(Buffer.concat(rest), last);
  if (last.length > 0) yield last;
}

async function* unpack(file: RecordFile): AsyncGenerator<Buffer> {
  const head = await file.read(0, 4);
  if (head.length === 0) throw new RecordError('empty', file.path, 'is empty: nothing was recorded, or not copied');
  if (isGzip(head)) return yield* gunzip(file);
  if (isZip(head)) return yield* unzip(file);
  if (head.length === 4 && head.readUInt32LE(0) === ZSTD) {
    throw new RecordError('foreign', file.path, 'is packed with zstd: unpack it first (zstd -d)');
  }
  for (let at = 0; at < file.size;) {
    const piece = await file.read(at, PIECE_BYTES * 16);
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}
