// What does the one member of a zip archive hold? Read forward from its local header, for a truncated archive has no directory.
import { crc32 } from 'node:zlib';
import type { RecordFile } from './file.ts';
import { endsEarly, inflateAt, PIECE_BYTES } from './inflate.ts';
import { RecordError } from './record-error.ts';

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY = 0x02014b50;
const DESCRIPTOR = 0x08074b50;
const HEADER_BYTES = 30;
const FLAG_ENCRYPTED = 1;
const FLAG_DESCRIPTOR = 8;
const STORED = 0;
const DEFLATED = 8;
const WIDE = 0xffffffff; // the length stands in the extra field instead
const EXTRA_WIDE = 1;

export function isZip(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) === LOCAL_HEADER;
}

export async function* unzip(file: RecordFile): AsyncGenerator<Buffer> {
  const head = await file.read(0, HEADER_BYTES);
  if (head.length < HEADER_BYTES) throw endsEarly(file);
  const flags = head.readUInt16LE(6);
  const method = head.readUInt16LE(8);
  const names = await file.read(HEADER_BYTES, head.readUInt16LE(26) + head.readUInt16LE(28));
  const from = HEADER_BYTES + head.readUInt16LE(26) + head.readUInt16LE(28);
  const unpackFirst = (why: string): RecordError =>
    new RecordError('damaged', file.path, `${why}: unpack it first and name the file that was in it`, { byte: 0 });
  if (flags & FLAG_ENCRYPTED) throw unpackFirst('is encrypted');
  if (method !== STORED && method !== DEFLATED) throw unpackFirst(`is packed with method ${method}`);
  if (method === STORED && flags & FLAG_DESCRIPTOR) throw unpackFirst('does not say how long its member is');

  const pieces = method === DEFLATED ? inflateAt(file, from) : storedAt(file, from, storedLength(head, names));
  let sum = 0;
  let step = await pieces.next();
  while (step.done !== true) {
    sum = crc32(step.value, sum);
    yield step.value;
    step = await pieces.next();
  }
  let end = step.value;
  let expected = head.readUInt32LE(14);
  if (flags & FLAG_DESCRIPTOR) {
    const descriptor = await file.read(end, 24);
    if (descriptor.length < 16) throw endsEarly(file);
    const signed = descriptor.readUInt32LE(0) === DESCRIPTOR ? 4 : 0; // the signature is optional
    expected = descriptor.readUInt32LE(signed);
    const narrow = signed + 12;
    const isNarrow = [DIRECTORY, LOCAL_HEADER].includes(
      descriptor.readUInt32LE(Math.min(narrow, descriptor.length - 4)),
    );
    end += isNarrow ? narrow : signed + 20;
  }
  if (expected !== sum) {
    throw new RecordError('damaged', file.path, 'its checksum is wrong: any line of it may be', { byte: end });
  }
  const next = await file.read(end, 4);
  if (next.length < 4) throw endsEarly(file);
  if (next.readUInt32LE(0) === LOCAL_HEADER) {
    throw new RecordError('damaged', file.path, 'holds more than one file, of which the first was read: unpack it', {
      byte: end,
    });
  }
}

function storedLength(head: Buffer, names: Buffer): number {
  const length = head.readUInt32LE(22);
  if (length !== WIDE) return length;
  let at = head.readUInt16LE(26);
  while (at + 12 <= names.length) {
    if (names.readUInt16LE(at) === EXTRA_WIDE) return Number(names.readBigUInt64LE(at + 4));
    at += 4 + names.readUInt16LE(at + 2);
  }
  return length;
}

async function* storedAt(file: RecordFile, from: number, length: number): AsyncGenerator<Buffer, number> {
  const end = from + length;
  for (let at = from; at < end;) {
    const piece = await file.read(at, Math.min(PIECE_BYTES, end - at));
    if (piece.length === 0) throw endsEarly(file);
    yield piece;
    at += piece.length;
  }
  return end;
}
