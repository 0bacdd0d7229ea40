// Is what was logged there, however the process, its disk or its listeners end?
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CHILD = fileURLToPath(new URL('log-child.ts', import.meta.url));
/** In KB: a file that grows beyond cannot be written, as on a full disk. */
const ROOM_KB = 16;
/** As many as the child logs before it hangs. */
const LINES = 200;

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'plotnost-survival-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Line {
  readonly event: string;
  readonly level: string;
  readonly symbol?: string;
  readonly repeats?: number;
  readonly lines?: number;
  readonly error?: { readonly message: string; readonly stack: string };
}

/** Every line must be whole. */
const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
const linesIn = (file: string): Line[] =>
  linesOf(readFileSync(path.join(directory, file), 'utf8')).filter(({ event }) => event !== 'child.begun');

function start(how: string, file: string, stdio: StdioOptions, roomKb?: number): ChildProcess {
  const own = [CHILD, how, file, directory];
  if (roomKb === undefined) return spawn(process.execPath, own, { stdio });
  // A shell passes on that the signal of this limit is ignored: the write fails instead.
  const shell = `trap '' XFSZ; ulimit -f ${roomKb}; exec "$@"`;
  return spawn('bash', ['-c', shell, 'bash', process.execPath, ...own], { stdio });
}

/** Has so many lines logged, and waits until they are. */
async function logLines(child: ChildProcess, lines: number): Promise<void> {
  const done = once(child, 'message');
  child.stdin?.write('.'.repeat(lines));
  await done;
}

async function end(child: ChildProcess): Promise<unknown> {
  const exit = once(child, 'exit');
  child.stdin?.end();
  const [code] = (await exit) as [number | null];
  return code;
}

test('what a process logged before it hung is in its file, however it ends then', async () => {
  const child = start('hangs', 'hung.log', ['ignore', 'inherit', 'inherit']);
  await expect
    .poll(() => linesIn('hung.log').map(({ symbol }) => symbol))
    .toEqual(Array.from({ length: LINES }, (_, i) => `S${i + 1}`));
  child.kill('SIGKILL');
  await once(child, 'close');
});

test('an error that nobody catches is the log’s last word, and what was held back comes out', async () => {
  const child = start('throws', 'thrown.log', ['ignore', 'ignore', 'pipe']);
  let stderr = '';
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).not.toBe(0);
  expect(stderr).toContain('nobody catches this');
  const lines = linesIn('thrown.log');
  expect(lines.filter(({ event }) => event === 'child.again').map(({ repeats }) => repeats ?? 1)).toEqual([
    1, 1, 1, 1, 1, 15,
  ]);
  const [emergency] = lines.filter(({ event }) => event === 'child.emergency');
  expect(emergency).toMatchObject({ level: 'fatal', symbol: 'BTCUSDT' });
  const [crash] = lines.filter(({ event }) => event === 'process.crashed');
  expect(crash).toMatchObject({ level: 'fatal', error: { message: 'nobody catches this' } });
  expect(crash?.error?.stack).toContain('log-child.ts');
});

test('on a full disk what was logged stays, no line is torn, the rest goes to stderr, and when there is room it goes on', async () => {
  const child = start('told', 'full.log', ['pipe', 'ignore', 'pipe', 'ipc'], ROOM_KB);
  let stderr = '';
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  await logLines(child, 200);
  const held = linesIn('full.log').map(({ symbol }) => symbol);
  expect(held.length).toBeGreaterThan(50);
  expect(held).toEqual(Array.from({ length: held.length }, (_, i) => `S${i + 1}`));
  truncateSync(path.join(directory, 'full.log'), 0);
  await logLines(child, 3);
  expect(await end(child)).toBe(0);
  const after = linesIn('full.log');
  expect(after.map(({ event, symbol, lines }) => [event, symbol, lines])).toEqual([
    ['child.line', 'S201', undefined],
    ['child.line', 'S202', undefined],
    ['child.line', 'S203', undefined],
    ['log.file_recovered', undefined, 200 - held.length],
  ]);
  const [trouble, ...rest] = stderr.split('\n');
  expect(trouble).toMatch(/^the log file cannot be written \(EFBIG/);
  expect(linesOf(rest.join('\n')).map(({ symbol }) => symbol)).toEqual(
    Array.from({ length: 200 - held.length }, (_, i) => `S${held.length + i + 1}`),
  );
});

test('nobody who stops listening ends the process: it goes on without', async () => {
  const child = start('told', '-', ['pipe', 'pipe', 'pipe', 'ipc']);
  child.stdout?.destroy();
  await logLines(child, 1);
  child.stderr?.destroy();
  await logLines(child, 10);
  await logLines(child, 10);
  expect(await end(child)).toBe(0);
});
