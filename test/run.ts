// Is the house in order? The checks, then every test, then one line: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';
import { SERVERS } from './store/servers.ts';

interface Count {
  passed: number;
  failed: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = path.join(root, 'node_modules', '.bin');

const CHECKS: readonly (readonly [command: string, ...args: string[]])[] = [
  ['tsc', '--noEmit'],
  ['tsc', '--noEmit', '-p', 'src/web'],
  ['oxlint'],
  ['oxfmt', '--check'],
  ['knip', '--no-progress'],
];

/** Runs one checker; its output is shown only when it found something. */
function runCheck(command: string, args: readonly string[]): boolean {
  const started = performance.now();
  const result = spawnSync(path.join(tools, command), args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${tools}${path.delimiter}${process.env['PATH'] ?? ''}` },
  });
  const good = result.status === 0;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${good ? '✓' : '✗'} ${[command, ...args].join(' ')} (${seconds} s)\n`);
  if (!good) process.stdout.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
  return good;
}

/** A file that cannot be loaded and an error outside any test count as failures: neither may pass unseen. */
async function runTests(filters: string[]): Promise<Count> {
  const count: Count = { passed: 0, failed: 0 };
  const vitest = await startVitest('test', filters, {
    root,
    config: path.join(root, 'test', 'vitest.config.ts'),
    watch: false,
  });
  for (const module of vitest.state.getTestModules()) {
    count.failed += module.errors().length;
    for (const test of module.children.allTests()) {
      const state = test.result().state;
      if (state === 'passed') count.passed++;
      else if (state !== 'skipped') count.failed++;
    }
    for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
  }
  count.failed += vitest.state.getUnhandledErrors().length;
  await vitest.close();
  return count;
}

const total: Count = { passed: 0, failed: 0 };
for (const [command, ...args] of CHECKS) {
  if (runCheck(command, args)) total.passed++;
  else total.failed++;
}
process.stdout.write(`databases: ${SERVERS.map(({ name }) => name).join(', ')}\n`);
const tests = await runTests(process.argv.slice(2));
total.passed += tests.passed;
total.failed += tests.failed;
const empty = tests.passed + tests.failed === 0;
if (empty) process.stdout.write('no test was found\n');
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 || empty ? 1 : 0;
