// What becomes of a line of which a disk took a part?
import fs, { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { RotatingFile } from '../../src/ops/rotating-file.ts';

test('D15: the part that could not be taken back spoils no line but its own', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'plotnost-torn-'));
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    rmSync(folder, { recursive: true });
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
