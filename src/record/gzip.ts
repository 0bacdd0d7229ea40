// What does a gzip file hold, member after member?
import { crc32 } from 'node:zlib';
import type { RecordFile } from './file.ts';
import { endsEarly, inflateAt } from './inflate.ts';
import { RecordError } from './record-error.ts';

const HEADER_BYTES = 10;
const HEADER_BYTES_MAX = 65_536;
const TRAILER_BYTES = 8;
const HAS_CHECKSUM = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;
const [OPENS, CLOSES] = Buffer.from('{}');
const LINE_END = Buffer.from('\n');

export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

export async function* gunzip(file: RecordFile): AsyncGenerator<Buffer> {
  let at = 0;
  let last = 0;
  while (at < file.size) {
    const head = await file.read(at, HEADER_BYTES_MAX);
    if (at > 0 && head.every((byte) => byte === 0)) return; // tape blocks are padded with zeros
    if (!isGzip(head)) throw new RecordError('damaged', file.path, 'is no gzip data any more', { byte: at });
    const members = inflateAt(file, at + headerLength(file, head));
    let sum = 0;
    let length = 0;
    let step = await members.next();
    while (step.done !== true) {
      // One file packed behind another whose last line has no end: within a line nothing opens right behind what has closed.
      if (length === 0 && last === CLOSES && step.value[0] === OPENS) yield LINE_END;
      last = step.value.at(-1) ?? last;
      sum = crc32(step.value, sum);
      length += step.value.length;
      yield step.value;
      step = await members.next();
    }
    const trailer = await file.read(step.value, TRAILER_BYTES);
    if (trailer.length < TRAILER_BYTES) throw endsEarly(file);
    if (trailer.readUInt32LE(0) !== sum || trailer.readUInt32LE(4) !== length % 2 ** 32) {
      throw new RecordError('damaged', file.path, 'its checksum is wrong: any line of it may be', { byte: step.value });
    }
    at = step.value + TRAILER_BYTES;
  }
}

function headerLength(file: RecordFile, head: Buffer): number {
  if (head.length < HEADER_BYTES) throw endsEarly(file);
  const flags = head[3] as number;
  let at = HEADER_BYTES;
  if (flags & HAS_EXTRA) at += 2 + (head.length >= at + 2 ? head.readUInt16LE(at) : 0);
  for (const text of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & text) === 0) continue;
    const end = head.indexOf(0, at);
    if (end < 0) throw endsEarly(file);
    at = end + 1;
  }
  return flags & HAS_CHECKSUM ? at + 2 : at;
}
