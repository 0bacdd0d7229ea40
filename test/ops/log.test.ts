// Is a line what an operator and a program can rely on: one object, no secret, no flood, no file without end?
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '../../src/ops/log.ts';
import type { Log, LogSettings } from '../../src/ops/log.ts';
import { HandClock } from '../hand-clock.ts';

const NOON = Date.UTC(2026, 7, 9, 12);
const STDERR: LogSettings = { level: 'info', file: null, maxSizeMb: 1, backupCount: 2 };

function logTo(settings: Partial<LogSettings> = {}, secrets: string[] = [], directory = '.') {
  const lines: string[] = [];
  const clock = new HandClock(NOON);
  const stderr = { write: (text: string) => lines.push(text) };
  const log: Log = createLog({ ...STDERR, ...settings }, { stderr, clock, directory, secrets });
  return { log, lines, clock, objects: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** What ends before its thread has come to its first line, on a busy machine seconds, ends as beside a disk that hangs. */
async function untilWritten(file: string, text: string): Promise<void> {
  await expect.poll(() => readFileSync(path.join(directory, file), 'utf8')).toContain(text);
}

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'plotnost-log-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('a line is one JSON object with UTC time, level, event and the numbers', () => {
  const { log, lines } = logTo();
  log.info({ symbol: 'BTCUSDT', gap: 3 }, 'feed.resync');
  expect(lines).toEqual([
    '{"level":"info","time":"2026-08-09T12:00:00.000Z","symbol":"BTCUSDT","gap":3,"event":"feed.resync"}\n',
  ]);
});

test('an error is written with its message and stack', () => {
  const { log, objects } = logTo();
  log.error({ error: new Error('no route') }, 'feed.down');
  expect(objects()[0]).toMatchObject({
    error: { type: 'Error', message: 'no route', stack: expect.any(String) as string },
  });
});

test('lines below the level are not written, and the level can change while running', () => {
  const { log, objects } = logTo({ level: 'warn' });
  log.info({}, 'quiet');
  log.setLevel('debug');
  log.debug({}, 'loud');
  expect(objects().map(({ event }) => event)).toEqual(['loud']);
});

test('no secret gets into a line, as a field, a header or a part of a text', () => {
  const { log, lines } = logTo({}, ['s3cr"et', '']);
  log.info(
    { apiKey: 'AAAA', request: { headers: { 'X-BAPI-SIGN': 'BBBB' }, options: { password: 'CCCC' } } },
    'rest.sent',
  );
  log.warn({ error: new Error('bad login for s3cr"et@host') }, 'store.down');
  expect(lines.join('')).not.toMatch(/AAAA|BBBB|CCCC|s3cr/);
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['rest.sent', 'store.down']);
});

test('a flood of one event becomes five lines and a count, other symbols are not touched', () => {
  const { log, objects, clock } = logTo();
  for (let gap = 0; gap < 100; gap++) log.warn({ symbol: 'BTCUSDT', gap }, 'book.gap');
  log.warn({ symbol: 'ETHUSDT', gap: 1 }, 'book.gap');
  expect(objects()).toHaveLength(6);
  clock.pass(10_000);
  expect(objects()).toHaveLength(7);
  expect(objects()[6]).toMatchObject({ event: 'book.gap', symbol: 'BTCUSDT', gap: 99, repeats: 95 });
  log.warn({ symbol: 'BTCUSDT', gap: 5 }, 'book.gap');
  expect(objects()[7]).toMatchObject({ gap: 5 });
  expect(objects()[7]).not.toHaveProperty('repeats');
});

test('five in ten seconds, again and again, are no flood', () => {
  const { log, objects, clock } = logTo();
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 5; i++) log.info({}, 'feed.status');
    clock.pass(10_000);
  }
  expect(objects()).toHaveLength(50);
});

test('what is held back is said at once where it is asked for, and once', () => {
  const { log, objects } = logTo();
  for (let i = 0; i < 7; i++) log.warn({ i }, 'feed.resync');
  log.flush();
  log.flush();
  expect(objects().map(({ i, repeats }) => [i, repeats])).toEqual([
    ...[0, 1, 2, 3, 4].map((i) => [i, undefined]),
    [6, 2],
  ]);
});

test('whoever has gone away from stderr is told nothing more, and nothing ends by that', () => {
  const lines: string[] = [];
  const gone: (() => void)[] = [];
  const stderr = { write: (text: string) => lines.push(text), on: (_: 'error', hear: () => void) => gone.push(hear) };
  const log = createLog(STDERR, { stderr, clock: new HandClock(NOON), directory: '.' });
  log.info({}, 'engine.begun');
  for (const hear of gone) hear();
  log.info({}, 'engine.ended');
  expect(lines).toEqual([expect.stringContaining('engine.begun')]);
});

test('what is held back at the end is still said', () => {
  const { log, objects } = logTo();
  for (let i = 0; i < 7; i++) log.info({ i }, 'feed.status');
  log.close();
  expect(objects().at(-1)).toMatchObject({ i: 6, repeats: 2 });
});

test('warnings and errors are counted by event, held back or not', () => {
  const { log } = logTo({ level: 'error' });
  for (let i = 0; i < 20; i++) log.warn({}, 'book.gap');
  log.error({}, 'store.down');
  log.info({}, 'feed.status');
  expect(log.counts()).toEqual({ 'book.gap': 20, 'store.down': 1 });
});

test('a full file is put aside and the oldest goes; no line is lost or torn on the way', async () => {
  const file = path.join('rotating', 'x.log');
  const { log, lines } = logTo({ file, maxSizeMb: 0.01, backupCount: 2 }, [], directory);
  const written = 250;
  const say = (i: number): void => log.info({ symbol: `S${i}`, filler: 'x'.repeat(50) }, 'store.row');
  say(0);
  await untilWritten(file, 'S0');
  for (let i = 1; i < written; i++) say(i);
  log.close();
  const folder = path.join(directory, 'rotating');
  expect(readdirSync(folder).sort()).toEqual(['x.log', 'x.log.1', 'x.log.2']);
  const kept = ['x.log.2', 'x.log.1', 'x.log'].flatMap((name) => {
    const { size, mode } = statSync(path.join(folder, name));
    expect([size <= 10_000, mode & 0o777]).toEqual([true, 0o600]);
    return readFileSync(path.join(folder, name), 'utf8').trimEnd().split('\n');
  });
  const symbols = kept.map((line) => (JSON.parse(line) as { symbol: string }).symbol);
  expect(symbols).toEqual(Array.from({ length: symbols.length }, (_, i) => `S${written - symbols.length + i}`));
  expect(lines).toEqual([]);
});

test('a disk that hangs holds nobody up, and has every line once it moves again', async () => {
  const file = path.join(directory, 'hanging.log');
  execFileSync('mkfifo', [file]);
  // What nobody reads is soon full, and whoever writes it waits.
  const disk = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
  const { log, lines } = logTo({ file: 'hanging.log' }, [], directory);
  const said = 2_000;
  for (let i = 0; i < said; i++) log.info({ symbol: `S${i}`, filler: 'x'.repeat(100) }, 'store.row');
  let written = '';
  const reading = new Socket({ fd: disk }).on('data', (bytes) => (written += bytes.toString()));
  await expect.poll(() => written.split('\n').length - 1).toBe(said);
  log.close();
  reading.destroy();
  expect(written.split('\n', said).map((line) => (JSON.parse(line) as { symbol: string }).symbol)).toEqual(
    Array.from({ length: said }, (_, i) => `S${i}`),
  );
  expect(lines).toEqual([]);
});

test('the end of a process waits for no disk that hangs, and what it has not taken is told', () => {
  const file = path.join(directory, 'hung.log');
  execFileSync('mkfifo', [file]);
  const disk = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
  const { log, lines } = logTo({ file: 'hung.log' }, [], directory);
  for (let i = 0; i < 2_000; i++) log.info({ symbol: `S${i}`, filler: 'x'.repeat(100) }, 'store.row');
  log.flush();
  log.info({}, 'child.line');
  closeSync(disk);
  expect(lines).toEqual([
    expect.stringMatching(/^the log file cannot be written \(\d+ lines have not reached its disk\)/),
    expect.stringContaining('child.line'),
  ]);
});

test('what waits for a disk that hangs has a bound: what comes then goes to stderr', async () => {
  const file = path.join(directory, 'bound.log');
  execFileSync('mkfifo', [file]);
  const disk = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
  const { log, lines } = logTo({ file: 'bound.log' }, [], directory);
  // In a pipe there is room for some hundred of them.
  for (let i = 0; i < 101_000; i++) log.fatal({ filler: 'x'.repeat(100) }, 'store.row');
  const waiting = lines.filter((line) => line.includes('store.row')).length;
  const reading = new Socket({ fd: disk }).resume();
  log.close();
  reading.destroy();
  expect(waiting).toBeGreaterThan(0);
  expect(waiting).toBeLessThanOrEqual(1_000);
});

test('to a stderr whose reader has gone nothing more is written', () => {
  const written: string[] = [];
  let leave = (): void => undefined;
  const stderr = {
    write: (text: string) => written.push(text),
    on: (_: 'error', listener: () => void) => (leave = listener),
  };
  const log = createLog(STDERR, { stderr, clock: new HandClock(NOON), directory: '.' });
  log.info({}, 'first');
  leave();
  log.info({}, 'second');
  expect(written).toEqual([expect.stringContaining('first')]);
});

test('the thread of the log is begun anew whenever it has died, which is said once, with a count of what stderr got and of what it took along', async () => {
  const file = path.join(directory, 'dies.log');
  const { log, lines, clock } = logTo({ file: 'dies.log' }, [], directory);
  // Before the thread is there to open it: that is the death of it.
  rmSync(file);
  mkdirSync(file);
  log.info({}, 'said.before');
  await expect.poll(() => lines).toEqual([expect.stringMatching(/^the log file cannot be written \(EISDIR/)]);
  log.info({}, 'said.meanwhile');
  expect(lines[1]).toContain('said.meanwhile');
  const another = new Promise<void>((dead) => {
    process.once('worker', (worker) => worker.once('exit', () => dead()));
  });
  clock.pass(5_000);
  await another;
  rmSync(file, { recursive: true });
  clock.pass(5_000);
  log.info({}, 'said.later');
  await untilWritten('dies.log', 'said.later');
  log.close();
  const [later, recovered, ...more] = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect([later, lines.length, more]).toEqual([expect.stringContaining('said.later'), 2, []]);
  expect(JSON.parse(recovered as string)).toMatchObject({ event: 'log.file_recovered', lines: 2 });
});

test('a second start writes on in the same file', async () => {
  for (const event of ['first', 'second']) {
    const { log } = logTo({ file: 'again.log' }, [], directory);
    log.info({}, event);
    await untilWritten('again.log', event);
    log.close();
  }
  expect(readFileSync(path.join(directory, 'again.log'), 'utf8').trimEnd().split('\n')).toHaveLength(2);
});

test('what is fatal is never held back, and is counted with the grave', () => {
  const { log, objects } = logTo();
  for (let i = 0; i < 20; i++) log.fatal({ symbol: 'BTCUSDT', i }, 'position.unprotected');
  expect(objects()).toHaveLength(20);
  expect(objects()[0]).toMatchObject({ level: 'fatal', event: 'position.unprotected' });
  expect(log.counts()).toEqual({ 'position.unprotected': 20 });
});

test('whoever listens gets each line as it was written, without its secrets', () => {
  const seen: string[] = [];
  const log = createLog(STDERR, {
    stderr: { write: () => undefined },
    clock: new HandClock(NOON),
    directory: '.',
    secrets: ['topsecret'],
    onLine: (line) => seen.push(line),
  });
  log.info({ note: 'it is topsecret' }, 'child.line');
  expect(seen).toHaveLength(1);
  expect(JSON.parse(seen[0] as string)).toMatchObject({ note: 'it is [redacted]', event: 'child.line' });
});

test('somebody is called for each error, held back, too quiet for the file, or not, and for nothing less', () => {
  const called: unknown[][] = [];
  const log = createLog(
    { ...STDERR, level: 'fatal' },
    {
      stderr: { write: () => undefined },
      clock: new HandClock(NOON),
      directory: '.',
      onError: (...error) => called.push(error),
    },
  );
  log.warn({}, 'row.late');
  log.error({ free: 1 }, 'disk.low');
  log.error({ free: 0 }, 'disk.low');
  log.fatal({ symbol: 'BTCUSDT' }, 'position.unprotected');
  expect(called).toEqual([
    ['error', { free: 1 }, 'disk.low'],
    ['error', { free: 0 }, 'disk.low'],
    ['fatal', { symbol: 'BTCUSDT' }, 'position.unprotected'],
  ]);
});

test('where the next file cannot be made, no old one is moved: each line would cost one', async () => {
  const folder = path.join(directory, 'stuck');
  const { log, lines } = logTo({ file: 'stuck/x.log', maxSizeMb: 0.001, backupCount: 2 }, [], directory);
  const say = (i: number): void => log.info({ symbol: `S${i}`, filler: 'x'.repeat(100) }, 'store.row');
  say(0);
  await untilWritten('stuck/x.log', 'S0');
  for (let i = 1; i < 15; i++) say(i);
  log.flush();
  const before = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  expect(before).toHaveLength(3);
  // A folder of that name stands in the way, whoever we are.
  mkdirSync(path.join(folder, 'x.log.next'));
  for (let i = 15; i < 30; i++) say(i);
  log.flush();
  const names = ['x.log', 'x.log.1', 'x.log.2'];
  const after = names.map((name) => readFileSync(path.join(folder, name), 'utf8'));
  expect(after.slice(1)).toEqual(before.slice(1));
  expect(after[0]?.startsWith(before[0] as string)).toBe(true);
  expect(lines.length).toBeGreaterThan(5);
  rmSync(path.join(folder, 'x.log.next'), { recursive: true });
  say(30);
  log.close();
  expect(readFileSync(path.join(folder, 'x.log'), 'utf8')).toContain('log.file_recovered');
});
