// What becomes of a line of which a disk took a part, and when is the next file begun?
import fs, { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { RotatingFile } from '../../src/ops/rotating-file.ts';
import { ownFolder } from '../own-folder.ts';

test('D15: the part that could not be taken back spoils no line but its own', () => {
  const folder = ownFolder();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  const told: (string | number)[] = [];
  const file = new RotatingFile({
    file: path.join(folder, 'x.log'),
    bytesMax: 1_000,
    backups: 1,
    onTrouble: (reason) => told.push(reason),
    onRecovered: (lines) => told.push(lines),
  });
  const write = fs.writeSync;
  const takesAPart = (handle: number, bytes: Buffer): number => write(handle, bytes.subarray(0, 3));
  vi.spyOn(fs, 'writeSync')
    .mockImplementationOnce(write)
    .mockImplementationOnce(takesAPart as typeof write)
    .mockImplementationOnce(() => {
      throw new Error('no space');
    });
  vi.spyOn(fs, 'ftruncateSync').mockImplementationOnce(() => {
    throw new Error('read-only');
  });
  syncBuiltinESMExports();
  const written = ['{"a":1}\n', '{"b":2}\n', '{"c":3}\n', '{"d":4}\n'].map((line) => file.write(line));
  file.close();
  expect(written).toEqual([true, false, true, true]);
  expect(readFileSync(path.join(folder, 'x.log'), 'utf8')).toBe('{"a":1}\n{"b\n{"c":3}\n{"d":4}\n');
  expect(statSync(path.join(folder, 'x.log')).mode & 0o777).toBe(0o600);
  expect(told).toEqual(['no space', 1]);
});

test('a file is full to the byte before the next one begins, and a line that is longer than any costs no old one', () => {
  const folder = ownFolder();
  const place = path.join(folder, 'x.log');
  const file = new RotatingFile({ file: place, bytesMax: 20, backups: 2, onTrouble: (why) => expect.unreachable(why) });
  const sizes = (...lines: readonly number[]): number[] => {
    for (const length of lines) file.write(`${'x'.repeat(length - 1)}\n`);
    return readdirSync(folder)
      .toSorted()
      .map((name) => statSync(path.join(folder, name)).size);
  };
  expect([sizes(50), sizes(10), sizes(10)]).toEqual([[50], [10, 50], [20, 50]]);
  expect([sizes(1), sizes(20)], 'the oldest goes').toEqual([
    [1, 20, 50],
    [20, 1, 20],
  ]);
  file.close();
  const again = new RotatingFile({
    file: place,
    bytesMax: 20,
    backups: 2,
    onTrouble: (why) => expect.unreachable(why),
  });
  again.write('\n');
  expect(sizes(), 'the next run goes on where this one ended').toEqual([1, 20, 1]);
  again.close();
});

test.each([2, 0])('of a run that keeps %i old files those go that one before it kept beyond them', (backups) => {
  const folder = ownFolder();
  const run = (kept: number, ...lines: readonly string[]): string[] => {
    const place = { file: path.join(folder, 'x.log'), bytesMax: 2, backups: kept };
    const file = new RotatingFile({ ...place, onTrouble: (why) => expect.unreachable(why) });
    for (const line of lines) file.write(`${line}\n`);
    file.close();
    return readdirSync(folder)
      .toSorted()
      .map((name) => `${name} ${readFileSync(path.join(folder, name), 'utf8').trim()}`);
  };
  expect(run(4, 'a', 'b', 'c', 'd', 'e')).toEqual(['x.log e', 'x.log.1 d', 'x.log.2 c', 'x.log.3 b', 'x.log.4 a']);
  expect(run(backups, 'f')).toEqual(['x.log f', 'x.log.1 e', 'x.log.2 d'].slice(0, 1 + backups));
});

test('one beyond those that are kept which cannot be removed costs its room, and no line', () => {
  const folder = ownFolder();
  mkdirSync(path.join(folder, 'x.log.1')); // not even root removes a directory as a file
  const place = { file: path.join(folder, 'x.log'), bytesMax: 2, backups: 0 };
  const file = new RotatingFile({ ...place, onTrouble: (why) => expect.unreachable(why) });
  expect(['a\n', 'b\n', 'c\n'].map((line) => file.write(line))).toEqual([true, true, true]);
  file.close();
  expect(readFileSync(place.file, 'utf8')).toBe('c\n');
});

test('of all files that were begun, or could not be, the current one alone is open', () => {
  const folder = ownFolder();
  const open = (): number => readdirSync('/dev/fd').length;
  const before = open();
  const place = path.join(folder, 'x.log');
  const told: string[] = [];
  const file = new RotatingFile({ file: place, bytesMax: 2, backups: 1, onTrouble: (why) => told.push(why) });
  expect(Array.from({ length: 9 }, () => file.write('x\n'))).toEqual(Array(9).fill(true));
  // No file can take the name of a folder.
  rmSync(`${place}.1`);
  mkdirSync(`${place}.1`);
  expect(Array.from({ length: 9 }, () => file.write('x\n'))).toEqual(Array(9).fill(false));
  expect([open(), told.length]).toEqual([before + 1, 1]);
  file.close();
});
