// What does a run do at a signal that comes before it is ready, or that is none of its own?
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('SIGUSR1, sent for the kill switch by mistake, is answered, and opens no door into the engine', () => {
  const program = `
    import { url } from 'node:inspector';
    import { catchEarlySignals } from ${JSON.stringify(new URL('../../../src/cli/run/early-signals.ts', import.meta.url))};
    const end = () => process.exit(console.log(url() ?? 'no debugger'));
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text) => write(text, end);
    catchEarlySignals();
    process.kill(process.pid, 'SIGUSR1');
    setTimeout(end, 2_000);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['no debugger\n', 'SIGUSR1 does nothing: the kill switch is SIGUSR2\n']);
});
