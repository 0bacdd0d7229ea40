// Does the daemon get the same Node wherever it is started? Its young generation is small, so that no collection takes long, and is
// collected without helpers: little of it survives, and calling them takes as long as the work. What is made is young wherever it is
// made: V8 takes from the start, when all is kept, that what the analysis tells is old, and leaves a megabyte a second of it behind.
// And its heap grows by a fifth at a time: what a busy start makes would else double it, and it never gives back what it has had.
// Nor does glibc give back what threads have had that compile: it has them share a heap, where each would have one of its own.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FLAGS = [
  '--max-semi-space-size=4',
  '--no-parallel-scavenge',
  '--no-allocation-site-pretenuring',
  '--heap-growing-percent=20',
];
const WORDS = FLAGS.join(' ');
const HEAPS = 'MALLOC_ARENA_MAX=2';

test.each([
  ['package.json', `${HEAPS} exec node ${WORDS} src/start.js run`],
  ['src/start.js', `#!/usr/bin/env -S ${HEAPS} node ${WORDS}\n`],
  // What npx has linked before start.js was there starts it still.
  ['src/main.ts', `#!/usr/bin/env -S ${HEAPS} node ${WORDS}\n`],
  ['ops/systemd/plotnost.service', `/node ${WORDS} src/main.ts run`],
  ['ops/systemd/plotnost.service', `Environment=${HEAPS}\n`],
  ['ops/docker/Dockerfile', `ENV NODE_ENV=production ${HEAPS}\n`],
  ['ops/docker/Dockerfile', `ENTRYPOINT ["node", "${FLAGS.join('", "')}", "src/main.ts"]`],
])('%s starts it so', (file, words) => {
  expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).toContain(words);
});

/** What start.js says to a Node of this version that reads no TypeScript. */
function startedBy(version: string): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const other = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  const flags = ['--no-strip-types', '--import', `data:text/javascript,${encodeURIComponent(other)}`];
  const start = fileURLToPath(new URL('../../src/start.js', import.meta.url));
  return spawnSync(process.execPath, [...flags, start, '--version'], { encoding: 'utf8' });
}

test.each(['20.19.6', '24.11.1'])('Node %s, which may read no TypeScript, is told which one is needed', (version) => {
  const { status, stdout, stderr } = startedBy(version);
  expect([status, stdout]).toEqual([78, '']);
  expect(stderr).toMatch(/^plotnost needs Node 24\.12 or newer, this is v[\d.]+: `npm ci` brings one .*\n$/);
});

test.each(['24.12.0', '25.0.0'])('Node %s is new enough, and goes on to what it is to run', (version) => {
  expect(startedBy(version).stderr).toMatch(/^TypeError .*Unknown file extension "\.ts" for .*src\/main\.ts$/m);
});
