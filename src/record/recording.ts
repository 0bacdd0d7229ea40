// What was recorded? Reads every kind of recording, told by its content and never by its name, as far as it goes.
import type { Entry } from './entry.ts';
import { openRecord } from './file.ts';
import { formatOf, type ReadLine } from './line-format.ts';
import { readLines } from './lines.ts';
import { RecordError } from './record-error.ts';

/** Either side of 1970, as JavaScript counts. */
const CALENDAR_MS_MAX = 8_640_000_000_000_000;

/**
 * Yields what the file tells, then throws a RecordError where it broke. `onRead` hears how many bytes of the file were
 * used.
 */
export async function* readRecording(path: string, onRead?: (bytes: number) => void): AsyncGenerator<Entry> {
  const file = await openRecord(path, onRead);
  let readLine: ReadLine | undefined;
  try {
    for await (const lines of readLines(file)) {
      for (const { bytes, number, byte } of lines) {
        if (readLine === undefined) {
          const format = formatOf(bytes);
          if (typeof format === 'string') throw new RecordError('foreign', path, format, { line: number });
          readLine = format;
        }
        const entries = readLine(bytes);
        if (typeof entries === 'string') throw new RecordError('damaged', path, entries, { line: number, byte });
        for (const entry of entries) {
          if (entry.kind === 'frame' && Math.abs(entry.received) > CALENDAR_MS_MAX)
            throw new RecordError('damaged', path, 'the time of the frame is in no calendar', { line: number, byte });
          yield entry;
        }
      }
    }
    if (readLine === undefined) throw new RecordError('empty', path, 'holds no line: nothing was recorded');
  } finally {
    await file.close();
  }
}

/** The whole of a small file, unpacked: for what is no recording but lies beside one. */
export async function readWhole(path: string): Promise<string> {
  const file = await openRecord(path);
  try {
    const lines: string[] = [];
    for await (const some of readLines(file)) lines.push(...some.map(({ bytes }) => bytes.toString('utf8')));
    return lines.join('\n');
  } finally {
    await file.close();
  }
}
