// Are several recordings read as one, and is it told which of them does not belong where it was named?
import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readFiles, sizesOf, type Reader } from '../../src/backtest/files.ts';
import type { Entry } from '../../src/record/entry.ts';
import { bookFrame, useDirectory } from '../record/recorded.ts';

const directory = useDirectory();

/** Frames of a tenth of a second each. */
const write = (name: string, sequences: readonly number[], last = ''): Promise<string> =>
  directory.write(name, sequences.map((sequence) => `${bookFrame('delta', sequence, [], [])}\n`).join('') + last);
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

class Counting implements Reader {
  frames = 0;
  unreadable = 0;
  readonly perFile: number[] = [];

  nextFile(): void {
    this.perFile.push(0);
  }

  async take(entry: Entry): Promise<void> {
    if (entry.kind !== 'frame') return;
    this.frames++;
    if (entry.bytes.includes('garbled')) this.unreadable++;
    this.perFile.push((this.perFile.pop() ?? 0) + 1);
  }
}

test('what two files hold lies between the first frame of the one and the last of the other, and how far they are read is told', async () => {
  // A frame that comes late within its file, and one that speaks of no symbol, are in no wrong place.
  const files = [await write('a', numbers(1, 20)), await write('b', [...numbers(21, 50), 30], '{"op":"pong"}\n')];
  const reader = new Counting();
  const read: number[] = [];
  expect(await readFiles(files, reader, (bytes) => read.push(bytes))).toEqual({ recordedSeconds: 4.9, damaged: [] });
  expect(reader.perFile).toEqual([20, 32]);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  expect(await sizesOf(files)).toEqual(sizes);
  expect(read).toEqual(read.toSorted((a, b) => a - b));
  expect(read.at(-1)).toBe(sizes.reduce((a, b) => a + b));
});

test.each([
  [10, []],
  [9, ['they overlap, and what both hold comes twice: leave one of them out, or replay each alone']],
  [0, ['name them in the order of their times']],
])('after a file of the tenths 1 to 20 one that begins with the tenth %i: %j', async (first, remedies) => {
  const files = [await write('a', numbers(1, 20)), await write('b', [first, ...numbers(21, 25)])];
  const { damaged, recordedSeconds } = await readFiles(files, new Counting(), () => undefined);
  expect(recordedSeconds, 'from the earliest to the latest, in whatever order').toBe((25 - Math.min(first, 1)) / 10);
  expect(
    damaged.map(({ reason }) => reason.replace(/^begins at \S+, but .*, named before it, ends at \S+: /, '')),
  ).toEqual(remedies);
  expect(damaged.map(({ file }) => file)).toEqual(remedies.map(() => files[1]));
});

test('what one file cannot tell to its end keeps nobody from the next, and what is missing is told before anything is read', async () => {
  const torn = await directory.write('torn', `${bookFrame('delta', 1, [], [])}\n{`);
  const files = [torn, await write('whole', numbers(2, 5)), torn];
  const reader = new Counting();
  const { damaged } = await readFiles(files, reader, () => undefined);
  const byte = expect.any(Number) as number;
  const told = { file: torn, line: 2, byte, frames: 1, reason: 'the line is no JSON object' };
  expect(damaged).toEqual([told, told]);
  expect(reader.perFile).toEqual([1, 4, 1]);
  const missing = readFiles([torn, directory.path('nowhere')], reader, () => undefined);
  await expect(missing).rejects.toMatchObject({ code: 'missing' });
  expect(reader.frames).toBe(6);
  const bug = Object.assign(new Counting(), { take: () => Promise.reject(new TypeError('a bug')) });
  await expect(readFiles(files, bug, () => undefined)).rejects.toThrow('a bug');
});

test('a file of which no frame can be read, and one that holds none, are told so behind any other, and take nothing from what others held', async () => {
  const garbled = await directory.write('garbled', '{"op":"garbled"}\n{"op":"garbled"}\n');
  const torn = await directory.write('torn', `${bookFrame('delta', 1, [], [])}\n{`);
  const empty = await directory.write('empty', '{"plotnost":"recording","version":1,"instruments":[]}\n');
  const { damaged } = await readFiles([garbled, torn, empty, garbled], new Counting(), () => undefined);
  const unread = [garbled, 0, 'none of its 2 frames can be read: they are no frames of Bybit'];
  expect(damaged.map(({ file, frames, reason }) => [file, frames, reason])).toEqual([
    unread,
    [torn, 1, 'the line is no JSON object'],
    [empty, 0, 'holds no frame of the linear market: nothing to replay'],
    unread,
  ]);
});
