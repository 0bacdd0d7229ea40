// Does a process whose main thread is dead end, and say where it stood?
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { beforeEach, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { beat, createHeartbeat } from '../../src/ops/heartbeat.ts';
import { createRng } from '../../src/lib/rng.ts';
import { lookAtMain } from '../../src/ops/main-thread.ts';
import { watchBeats } from '../../src/ops/watch.ts';
import { startWatchdog } from '../../src/ops/watchdog.ts';
import { createVirtualClock } from '../bybit/virtual-clock.ts';
import { ownFolder } from '../own-folder.ts';

const CHILD = fileURLToPath(new URL('watchdog-child.ts', import.meta.url));
let dir: string;
beforeEach(() => {
  dir = ownFolder();
});

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: string;
  readonly complained: string;
}

const report = (): string => path.join(dir, 'watchdog.log');

/** Long enough for a thread that is alive on a busy machine. */
const SILENCE_MS = 1_500;

/** `lastMs` bounds only what cannot be ended in order: a busy machine takes its time for the stack. */
async function ran(how: string, lastMs = 120_000): Promise<End> {
  const child = spawn(process.execPath, [CHILD, how, report(), String(SILENCE_MS), String(lastMs)]);
  let said = '';
  let complained = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    complained += text.toString();
  });
  return new Promise((done) => child.on('close', (code, signal) => done({ code, signal, said, complained })));
}

/** Where these words stand in the child's source, as a stack tells it. */
function placeOf(words: string): string {
  const before = readFileSync(CHILD, 'utf8').split(words, 1).join('').split('\n');
  return `${pathToFileURL(CHILD).href}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

test.each([
  ['spins', 'spinsForEver();'],
  ['waits', 'wait(new Int32Array'],
])('L08: main %s for ever: the process ends with 70, and the report shows where', async (how, words) => {
  const end = await ran(how);
  expect(end).toMatchObject({ code: 70, said: 'started\nturned\n' });
  for (const text of [readFileSync(report(), 'utf8'), end.complained]) {
    expect(text).toMatch(/watchdog: the main thread has not turned for \d+ ms; its stack:\n {4}at/);
    expect(text).toContain(`    at (anonymous) (${placeOf(words)})\n`);
  }
  expect(statSync(report()).mode & 0o777, 'for nobody else').toBe(0o600);
});

test('L08: main stands in a system call and hears no interrupt: the process is killed all the same', async () => {
  const end = await ran('calls', 4_000);
  expect(end).toMatchObject({ code: null, signal: 'SIGKILL', said: 'started\nturned\n' });
  expect(readFileSync(report(), 'utf8')).toContain('main runs no JavaScript');
});

test('a report that cannot be written delays nothing', async () => {
  rmSync(dir, { recursive: true });
  const end = await ran('spins');
  expect(end.code).toBe(70);
  expect(end.complained).toMatch(/spinsForEver[^]*cannot be written/);
});

test('a main thread that turns, and one whose watchdog was dismissed, are left alone', async () => {
  expect(await ran('ends')).toEqual({ code: 0, signal: null, said: 'started\nturned\n', complained: '' });
  expect(await ran('closes')).toMatchObject({ code: 0, complained: '' });
});

test('L08: the kernel says that main is ready to run, and what it has run so far', () => {
  const { title } = process;
  process.title = 'R) 7 (S';
  /** Of user and system, in whole hundredths of a second each. */
  const ranMs = (): number =>
    Object.values(process.threadCpuUsage()).reduce((sum, us) => sum + Math.floor(us / 1e4) * 10, 0);
  const before = ranMs();
  const main = lookAtMain();
  const after = ranMs();
  process.title = title;
  expect(main?.isReady).toBe(true);
  expect(main?.ranMs).toBeGreaterThanOrEqual(before);
  expect(main?.ranMs).toBeLessThanOrEqual(after);
});

/** The looks of a watchdog whose machine gives it time as it is told, and main a core for a part of what it would run. */
function dog(share?: number): {
  readonly look: (afterMs: number) => void;
  readonly beat: () => void;
  readonly gaveUp: () => number;
} {
  const heartbeat = createHeartbeat();
  const lookAtMain = () => (share === undefined ? undefined : { isReady: true, ranMs: now * share });
  let now = 0;
  let run: () => void = () => undefined;
  let silence = 0;
  const clock: Clock = {
    monotonic: () => now as Ms,
    wall: () => 0 as Ms,
    after: () => ({ cancel: () => undefined }),
    every: (_period, look) => {
      run = look;
      return { cancel: () => (run = () => undefined) };
    },
  };
  const orders = { heartbeat, reportFile: report(), silenceMsMax: 5_000 as Ms, lastMs: 1_000 as Ms };
  watchBeats(orders, clock, lookAtMain, (ms) => {
    silence = ms;
  });
  return {
    look: (afterMs) => {
      now += afterMs;
      run();
    },
    beat: () => beat(heartbeat),
    gaveUp: () => silence,
  };
}

test('five seconds without a beat end it, five with one in the middle do not', () => {
  const { look, beat: one, gaveUp } = dog();
  for (let i = 0; i < 19; i++) look(250);
  one();
  for (let i = 0; i < 20; i++) look(250);
  expect(gaveUp()).toBe(0);
  look(250);
  expect(gaveUp()).toBe(5_000);
  look(250);
  expect(gaveUp(), 'once').toBe(5_000);
});

test('L08: a watchdog that has died is told, and another one watches a little later, but after a clean end none', async () => {
  const clock = createVirtualClock();
  const told: string[] = [];
  const born: Worker[] = [];
  const note = (worker: Worker): unknown => born.push(worker);
  process.on('worker', note);
  const log = { error: (_: object, event: string) => told.push(event) };
  const watchdog = startWatchdog({ reportFile: report() }, clock, createRng(1), log);
  await expect.poll(() => born.length).toBe(1);
  await born[0]?.terminate();
  await expect.poll(() => told).toEqual(['watchdog.lost']);
  await clock.advance(60_000);
  await expect.poll(() => born.length).toBe(2);
  await watchdog.close();
  await clock.advance(60_000);
  process.off('worker', note);
  expect([told, born.length]).toEqual([['watchdog.lost'], 2]);
});

test('L06: a process that stood still for an hour is not ended for it: its main thread could not beat', () => {
  const { look, beat: one, gaveUp } = dog();
  look(250);
  look(3_600_000);
  one();
  look(250);
  for (let i = 0; i < 19; i++) look(250);
  expect(gaveUp()).toBe(0);
});

test.each([
  ['is given a core for a fourth of its time', 1 / 4, 20_000],
  ['is given none at all', 0, 60_000],
  ['has one to itself', 1, 5_000],
])('L08: a main that would run, %s, and does not turn is late at first, and then dead', (_, share, deadMs) => {
  const { look, gaveUp } = dog(share);
  for (let lasted = 250; lasted < deadMs; lasted += 250) look(250);
  expect(gaveUp()).toBe(0);
  look(250);
  look(250); // a twelfth is not exact
  expect(Math.round(gaveUp())).toBeGreaterThanOrEqual(5_000);
});
