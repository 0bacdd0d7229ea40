// Does a newcomer get what the README promises? Every block marked `sh` is run, in order, in a clone with nothing but its packages.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GATE_NAMES } from '../src/risk/gate-name.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What the others need: they are counted, and run by nobody here. */
const NEEDS = ['net', 'keys', 'root', 'docker', 'long', 'simulator'] as const;

interface Block {
  readonly kind: string;
  readonly text: string;
  readonly line: number;
}

function blocksOf(readme: string): Block[] {
  return [...readme.matchAll(/^```(\S+)\n([^]*?)^```$/gm)].map((match) => ({
    kind: match[1] as string,
    text: match[2] as string,
    line: readme.slice(0, match.index).split('\n').length,
  }));
}

const blocks = blocksOf(readFileSync(path.join(ROOT, 'README.md'), 'utf8'));
const runnable = blocks.filter(({ kind }) => kind === 'sh');
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(path.join(os.tmpdir(), 'plotnost-clone-'));
  execFileSync('git', ['clone', '-q', '--no-hardlinks', ROOT, clone]);
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(clone, 'node_modules'));
});

afterAll(() => rmSync(clone, { recursive: true, force: true }));

function run(text: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const { npm_lifecycle_event: _event, ...inherited } = process.env;
  const env = { ...inherited, PATH: `${path.join(ROOT, 'node_modules', '.bin')}:${inherited['PATH'] ?? ''}` };
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-ec', text], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said: said.slice(-4_000) }));
  });
}

test.each(runnable)('the block at line $line of the README does what it says', async ({ text }) => {
  expect(await run(text)).toMatchObject({ code: 0 });
});

test('whatever cannot be run here says what it needs', () => {
  const shell = blocks.filter(
    ({ kind, text }) => kind.startsWith('sh') || /^(?:npx|npm|node|curl|docker) /m.test(text),
  );
  const others = shell.filter(({ kind }) => kind !== 'sh').map(({ kind, line }) => ({ need: kind.slice(3), line }));
  expect(others.filter(({ need }) => !NEEDS.some((known) => known === need))).toEqual([]);
  const counts = NEEDS.map((need) => `${need} ${others.filter((one) => one.need === need).length}`);
  console.log(`README: ${runnable.length} blocks run here; of the others need: ${counts.join(', ')}`);
  expect(runnable.length).toBeGreaterThan(5);
});

test('whatever Node has to run is run by the one of the install: that of the machine may be too old for TypeScript', () => {
  const texts = ['README.md', 'README.ru.md'].map((name) => readFileSync(path.join(ROOT, name), 'utf8'));
  expect(texts.map((text) => text.match(/^node\s.*|`node\s[^`]*/gm))).toEqual([null, null]);
});

test('both READMEs say of each gate why it refuses, in the order of the gates', () => {
  const reasons = ['README.md', 'README.ru.md'].map((name) =>
    [...readFileSync(path.join(ROOT, name), 'utf8').matchAll(/^\| `(G\d\d \w+)` \| \S/gm)].map(([, gate]) => gate),
  );
  expect(reasons).toEqual([GATE_NAMES, GATE_NAMES]);
});

test('the two READMEs hold the same blocks in the same order', () => {
  const russian = blocksOf(readFileSync(path.join(ROOT, 'README.ru.md'), 'utf8'));
  const plain = (all: readonly Block[]): string[] => all.map(({ kind, text }) => `${kind}\n${text}`);
  expect(plain(russian)).toEqual(plain(blocks));
});
