// The heavy commands of this room at their smallest: do they still run, and find nothing?
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test('killed with signal 9 the daemon leaves nobody, and the database has what it acknowledged', async () => {
  const program = fileURLToPath(new URL('./embedded-kills-run.ts', import.meta.url));
  const { stdout } = await run(process.execPath, ['--no-warnings', program, '--kills', '1', '--gone-ms', '60000']);
  expect(stdout).toMatch(/✓ 1 kills, 1 sessions, \d+ rows acknowledged, 0 lost, 0 processes left\n$/);
});

test('a server that is restarted under load loses nothing, and main works on beside it', async () => {
  const program = fileURLToPath(new URL('./chaos/chaos-run.ts', import.meta.url));
  const small = ['--servers', 'embedded', '--faults', 'restarted', '--seconds', '1', '--rate', '300', '--pairs', '1'];
  const { stdout } = await run(process.execPath, ['--no-warnings', program, ...small, '--frames', '200']);
  expect(stdout).toMatch(/✓ restarted at once: \d+ rows offered, none lost or doubled, 0 shed/);
  expect(stdout).toMatch(/main's CPU × \d+\.\d+/);
});
