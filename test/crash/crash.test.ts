// Is the crash test itself in order? A few kills at the most dangerous lines; all of them are `npm run crash -- --kills 200`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CRASH = fileURLToPath(new URL('main.ts', import.meta.url));
const POINTS = ['before-ack', 'before-stop-seen', 'before-row-stored'];

interface Result {
  readonly kills: number;
  readonly trades: number;
  readonly executions: number;
  readonly rowsAcknowledged: number;
  readonly faults: readonly string[];
}

test('R02–R04, R12: killed between entry and ack, fill and stop, end and row: protected and known again, and every row there once', async () => {
  // How fast a busy machine starts a daemon is judged by the long run on a quiet one.
  const args = [CRASH, '--kills', `${POINTS.length}`, '--point', POINTS.join(','), '--seed', '3', '--json'];
  const child = spawn(process.execPath, ['--no-warnings', ...args, '--within-ms', '120000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  await new Promise((ended) => child.once('close', ended));
  const result = JSON.parse(out) as Result;
  expect(result.faults).toEqual([]);
  expect(result.kills).toBe(POINTS.length);
  expect(result.trades).toBeGreaterThan(0);
  expect(result.executions).toBeGreaterThanOrEqual(2 * result.trades);
  expect(result.rowsAcknowledged).toBeGreaterThan(0);
}, 600_000);
