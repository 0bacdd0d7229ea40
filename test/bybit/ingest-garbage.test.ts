// Does the way from a frame to the book leave anything for the garbage collector?
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('frames of books, trades and tickers make no garbage', async () => {
  const child = fileURLToPath(new URL('ingest-garbage.ts', import.meta.url));
  const flags = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, child]);
  const told = JSON.parse(stdout) as Record<'frames' | 'deltas' | 'trades' | 'bytesPerFrame' | 'bytesMax', number>;
  expect(told).toMatchObject({ gaps: 0, fallbacks: 0, gc: true });
  expect(told.frames).toBeGreaterThanOrEqual(9_000_000);
  expect(told.deltas / told.frames).toBe(0.8);
  expect(told.trades / told.frames).toBe(0.1);
  expect(Math.abs(told.bytesPerFrame)).toBeLessThan(told.bytesMax);
});
