// Is nothing left running of a run of the tests that is broken off?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';

const LIFELINE = new URL('lifeline.ts', import.meta.url).href;
const PROGRAM = `
import { spawn } from 'node:child_process';
import { bindToUs } from '${LIFELINE}';
const child = spawn('sleep', ['1000'], { detached: true, stdio: ['ignore', 'inherit', 'ignore'] });
bindToUs(child);
console.log(child.pid);
`;

test('what a test has started in a session of its own ends with its process, also where that is killed', async () => {
  const ours = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = (await once(ours.stdout, 'data')) as [Buffer];
  let isOver = false;
  onTestFinished(() => void (isOver || process.kill(Number(pid), 'SIGKILL')));
  ours.kill('SIGKILL');
  // Both have the same standard output: it is closed with the last of them.
  await once(ours, 'close');
  isOver = true;
  expect(Number(pid)).toBeGreaterThan(0);
});
