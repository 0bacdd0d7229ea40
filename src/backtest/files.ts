// How are recordings read one after the other, and what is told of those that break off?
import { openRecord } from '../record/file.ts';
import type { Entry } from '../record/entry.ts';
import { RecordError } from '../record/record-error.ts';
import { readHead } from '../record/frame-head.ts';
import { readRecording } from '../record/recording.ts';

/** A file that could not be read to its end. */
export interface Damage {
  readonly file: string;
  readonly line?: number;
  readonly byte?: number;
  /** How many of its frames were read. */
  readonly frames: number;
  readonly reason: string;
}

export interface Reading {
  /** Between the earliest frame and the latest, by the clock of whoever recorded them. */
  readonly recordedSeconds: number;
  readonly damaged: readonly Damage[];
}

/** Bytes of each; throws a RecordError where one is missing, before anything is run. */
export async function sizesOf(files: readonly string[]): Promise<readonly number[]> {
  return Promise.all(
    files.map(async (file) => {
      const record = await openRecord(file);
      await record.close();
      return record.size;
    }),
  );
}

export interface Reader {
  readonly frames: number;
  /** Of those: how many neither scanner nor strict reader could read. */
  readonly unreadable: number;
  /** What follows comes from another file. */
  nextFile(): void;
  take(entry: Entry): Promise<void>;
}

/** Times of what was sent together differ by this much. */
const BACK_MS_MAX = 1_000;
/** The topic stands at the beginning of a frame. */
const HEAD_BYTES = 200;

/** What a file has told of a symbol so far. */
interface Told {
  readonly index: number;
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

/** Notices that a file goes back behind what one before it told of a symbol; those of two symbols may overlap. */
class Chronology {
  readonly #told = new Map<string, Told>();

  /** Why a file does not belong where it was named; it is read all the same, for what else it tells. */
  fault(index: number, file: string, { bytes, received }: Entry & { kind: 'frame' }): string | undefined {
    const head = readHead(bytes.toString('latin1', 0, HEAD_BYTES));
    if (head === undefined) return undefined;
    const before = this.#told.get(head.symbol);
    const isNew = before?.index !== index;
    this.#told.set(head.symbol, { index, file, first: isNew ? received : before.first, last: received });
    if (before === undefined || !isNew || received >= before.last - BACK_MS_MAX) return undefined;
    const [from, until] = [received, before.last].map((ms) => new Date(ms).toISOString());
    const remedy =
      received < before.first
        ? 'name them in the order of their times'
        : 'they overlap, and what both hold comes twice: leave one of them out, or replay each alone';
    return `begins at ${from}, but ${before.file}, named before it, ends at ${until}: ${remedy}`;
  }
}

/** `onRead` hears how many bytes of all files have been read; `inOrder` says in which order a file's entries are taken. */
export async function readFiles(
  files: readonly string[],
  reader: Reader,
  onRead: (bytes: number) => void,
  inOrder: (entries: AsyncIterable<Entry>) => AsyncIterable<Entry> = (entries) => entries,
): Promise<Reading> {
  const sizes = await sizesOf(files);
  const damaged: Damage[] = [];
  const chronology = files.length > 1 ? new Chronology() : undefined;
  let before = 0;
  let first = Infinity;
  let last = 0;
  for (const [index, file] of files.entries()) {
    reader.nextFile();
    const { frames, unreadable } = reader;
    const read = (): number => reader.frames - frames - (reader.unreadable - unreadable);
    let disorder: string | undefined;
    try {
      const onBytes = (at: number): void => onRead(before + at);
      for await (const entry of inOrder(readRecording(file, onBytes))) {
        if (entry.kind === 'frame') {
          disorder ??= chronology?.fault(index, file, entry);
          first = Math.min(first, entry.received);
          last = Math.max(last, entry.received);
        }
        await reader.take(entry);
      }
      const count = reader.frames - frames;
      if (count === 0) throw new RecordError('empty', file, 'holds no frame of the linear market: nothing to replay');
      if (read() === 0)
        throw new RecordError('damaged', file, `none of its ${count} frames can be read: they are no frames of Bybit`);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      damaged.push({ file, ...error.place, frames: read(), reason: error.reason });
    }
    if (disorder !== undefined) damaged.push({ file, frames: read(), reason: disorder });
    before += sizes[index] as number;
  }
  return { recordedSeconds: Math.max(0, Math.round(last - first)) / 1_000, damaged };
}
