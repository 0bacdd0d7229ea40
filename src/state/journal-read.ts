// What did earlier runs write? Whole lines since the last checkpoint; a torn end is cut off and kept aside, and a broken
// line anywhere else is told (R06).
import { join } from 'node:path';
import type { Ms } from '../lib/brand.ts';
import { messageOf } from '../lib/error-message.ts';
import type { Disk, DiskFile } from './disk.ts';

/** The codec of the lines is not the file's: these two are all it needs of it. Lines have no line end. */
export interface LineTests {
  /** Is the line intact? */
  check(line: string): boolean;
  /** Is it a checkpoint, which replaces everything before it? */
  isCheckpoint(line: string): boolean;
}

export type JournalFault =
  /** A crash in the middle of a write: nothing in it had been reported as synced. */
  | { readonly kind: 'torn-tail'; readonly file: string; readonly bytes: number; readonly copy: string }
  | { readonly kind: 'uncut'; readonly file: string; readonly reason: string }
  /** `outdated`: a checkpoint behind it stands for what was there. */
  | { readonly kind: 'corrupt' | 'outdated'; readonly file: string; readonly at: number; readonly bytes: number }
  | { readonly kind: 'unreadable'; readonly file: string; readonly reason: string };

export interface JournalFound {
  /** Oldest first, from the last checkpoint on. */
  readonly lines: readonly string[];
  readonly faults: readonly JournalFault[];
  /** Number of the segment in which they begin, and of the newest; 0 where there is none. */
  readonly first: number;
  readonly last: number;
}

/** `dead`: given up after a failed sync; what it had not synced was written again into the next one. */
interface SegmentName {
  readonly number: number;
  readonly file: string;
  readonly isDead: boolean;
}

const NEWLINE = 0x0a;
const NAME = /^(\d{8})(\.dead)?\.log$/;

export function segmentName(number: number, isDead = false): string {
  return `${String(number).padStart(8, '0')}${isDead ? '.dead' : ''}.log`;
}

export function segmentsOf(names: readonly string[]): readonly SegmentName[] {
  return names
    .flatMap((file) => {
      const match = NAME.exec(file);
      return match === null ? [] : [{ number: Number(match[1]), file, isDead: match[2] !== undefined }];
    })
    .toSorted((a, b) => a.number - b.number);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Line {
  readonly text: string;
  readonly from: number;
}

interface Content {
  readonly lines: readonly Line[];
  /** Bytes in which no whole line stands, before the last one that does. */
  readonly broken: readonly Span[];
  /** Behind the last whole line; empty where the file ends with it. */
  readonly tail: Span;
}

/** The room that was made in advance is zeros; the first byte that is none, from the end, ends the content. */
function contentEnd(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

function contentOf(bytes: Buffer, check: (line: string) => boolean): Content {
  const lines: Line[] = [];
  const broken: Span[] = [];
  const end = contentEnd(bytes);
  let good = 0;
  for (let from = 0; from < end;) {
    const newline = bytes.indexOf(NEWLINE, from);
    if (newline < 0) break;
    const text = bytes.toString('utf8', from, newline);
    if (check(text)) {
      if (from > good) broken.push({ from: good, to: from });
      good = newline + 1;
      lines.push({ text, from });
    }
    from = newline + 1;
  }
  return { lines, broken, tail: { from: good, to: Math.max(good, end) } };
}

/** Keeps aside what a crash has torn, and gives back the room made in advance. */
async function cutTail(dir: string, file: string, bytes: Buffer, tail: Span, wall: Ms, disk: Disk): Promise<string> {
  const copy = `${file}.torn-${wall}`;
  if (tail.to > tail.from) {
    await changed(disk, join(dir, copy), (kept) => kept.write(bytes.subarray(tail.from, tail.to), 0));
  }
  await changed(disk, join(dir, file), (cut) => cut.truncate(tail.from));
  return copy;
}

async function changed(disk: Disk, path: string, change: (file: DiskFile) => Promise<void>): Promise<void> {
  const file = await disk.open(path);
  try {
    await change(file);
    await file.datasync();
  } finally {
    await file.close();
  }
}

interface Segment {
  /** From its last checkpoint on, if there is one. */
  readonly lines: readonly string[];
  readonly hasCheckpoint: boolean;
  readonly faults: readonly JournalFault[];
}

async function readSegment(
  dir: string,
  { file }: SegmentName,
  isNewest: boolean,
  tests: LineTests,
  wall: Ms,
  disk: Disk,
): Promise<Segment> {
  try {
    const bytes = await disk.read(join(dir, file));
    const { lines, broken, tail } = contentOf(bytes, (line) => tests.check(line));
    const checkpoint = lines.findLastIndex(({ text }) => tests.isCheckpoint(text));
    const since = lines[checkpoint]?.from ?? 0;
    const faults: JournalFault[] = broken.map(({ from, to }) => ({
      kind: from < since ? 'outdated' : 'corrupt',
      file,
      at: from,
      bytes: to - from,
    }));
    const torn = tail.to - tail.from;
    if (isNewest && bytes.length > tail.from) {
      try {
        const copy = await cutTail(dir, file, bytes, tail, wall, disk);
        if (torn > 0) faults.push({ kind: 'torn-tail', file, bytes: torn, copy });
      } catch (error) {
        // The whole lines are there, also on a full disk; what could not be cut off is read over again by the next start.
        if (torn > 0) faults.push({ kind: 'torn-tail', file, bytes: torn, copy: '' });
        faults.push({ kind: 'uncut', file, reason: messageOf(error) });
      }
    } else if (torn > 0) {
      faults.push({ kind: 'corrupt', file, at: tail.from, bytes: torn });
    }
    const current = lines.slice(Math.max(0, checkpoint)).map(({ text }) => text);
    return { lines: current, hasCheckpoint: checkpoint >= 0, faults };
  } catch (error) {
    return { lines: [], hasCheckpoint: false, faults: [{ kind: 'unreadable', file, reason: messageOf(error) }] };
  }
}

/** Reads backwards to the last checkpoint. What cannot be read is a fault, never an exception: positions may be open. */
export async function readJournal(dir: string, tests: LineTests, wall: Ms, disk: Disk): Promise<JournalFound> {
  let names: readonly string[];
  try {
    names = await disk.list(dir);
  } catch (error) {
    return { lines: [], faults: [{ kind: 'unreadable', file: dir, reason: messageOf(error) }], first: 0, last: 0 };
  }
  const segments = segmentsOf(names);
  const newest = segments.at(-1);
  const read: (readonly string[])[] = [];
  let first = 0;
  const faults: JournalFault[] = [];
  for (const segment of segments.toReversed()) {
    first = segment.number;
    const found = await readSegment(dir, segment, segment === newest, tests, wall, disk);
    // A dead segment's own damage is known and made good; unless nothing came after it.
    if (!segment.isDead || segment === newest) faults.unshift(...found.faults);
    read.unshift(found.lines);
    if (found.hasCheckpoint) break;
  }
  return { lines: withoutRepeats(read), faults, first, last: newest?.number ?? 0 };
}

/** What a dead segment did not sync stands in a later one again, and may have reached the disk all the same. */
function withoutRepeats(segments: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(segments.flat())];
}
