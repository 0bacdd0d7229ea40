// Does a thread that follows the change ring beside main at full speed keep the same book as main?
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Race } from './race.ts';

test.each([
  ['a kernel', []],
  ['TypeScript', ['--plain']],
])(
  'B17: three hundred thousand scans beside %s that writes all the time keep the book that main has',
  { timeout: 600_000 },
  async (_, flags) => {
    // In a process of its own: the test runner rewrites imports, which makes a scan ten times slower.
    const race = fileURLToPath(new URL('race.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [race, '--scans', '300000', ...flags]);
    const found = JSON.parse(stdout) as Race;
    expect(found.followed).toBeGreaterThan(300_000);
    expect(found.begunAnew).toBeGreaterThan(150);
    expect(found.compared).toBeGreaterThan(30_000);
    expect(found.different).toBe(0);
  },
);
