// Once somebody has said stop, does it stay said?
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import type { KillLatch } from '../../src/state/kill-latch.ts';
import { openKillLatch } from '../../src/state/kill-latch.ts';
import type { Log } from '../../src/lib/log.ts';
import { ownFolder } from '../own-folder.ts';

let dir: string;
let open: KillLatch[];
beforeEach(() => {
  dir = ownFolder();
  open = [];
});
afterEach(() => {
  for (const latch of open) latch.close();
});

const file = (): string => path.join(dir, 'KILL');
const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

type OnSeen = (killed: boolean | undefined) => void;

async function start(onSeen: OnSeen = () => undefined, log = silent): Promise<KillLatch> {
  const latch = await openKillLatch(dir, { clock: systemClock, log, onSeen });
  open.push(latch);
  return latch;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setTimeout(next, 2));
}

test('Y04: a kill is latched at once, is on the disk soon after, and survives the restart', async () => {
  const latch = await start();
  expect(latch.standing).toEqual({ killed: false, reason: '' });
  latch.kill('operator: news');
  expect(latch.standing).toEqual({ killed: true, reason: 'operator: news' });
  await until(() => existsSync(file()));
  latch.close();
  expect((await start()).standing).toEqual({ killed: true, reason: 'operator: news' });
});

test('a file that a hand has made is a kill, told while we run and once only', async () => {
  let told = 0;
  const latch = await start(() => told++);
  writeFileSync(file(), '');
  await until(() => told > 0);
  expect(latch.standing).toEqual({ killed: true, reason: 'the file KILL' });
  writeFileSync(file(), 'news '.repeat(100));
  latch.kill('again');
  expect([latch.standing.reason, told]).toEqual(['the file KILL', 1]);
  expect((await start()).standing).toEqual({ killed: true, reason: 'news '.repeat(40) });
});

test('a file that is taken away does not lift it: only resume does, after which the next kill is one as the first was', async () => {
  const latch = await start();
  latch.kill('operator');
  await until(() => existsSync(file()));
  rmSync(file());
  await until(() => existsSync(file()));
  expect(readFileSync(file(), 'utf8')).toBe('operator\n');
  await latch.clear();
  expect(existsSync(file())).toBe(false);
  expect(latch.standing).toEqual({ killed: false, reason: '' });
  const next = await start();
  expect(next.standing.killed).toBe(false);
  next.close();
  writeFileSync(file(), '');
  await until(() => latch.standing.killed === true);
  await latch.clear();
  latch.kill('operator again');
  await until(() => existsSync(file()));
});

test('a kill that comes when the engine has let go of its state already is there for the next start', async () => {
  const latch = await start();
  latch.close();
  latch.kill('signal SIGUSR2');
  await expect.poll(() => existsSync(file())).toBe(true);
  expect((await start()).standing.killed).toBe(true);
});

test('a kill that comes while the one before is being cleared is not lost', async () => {
  const latch = await start();
  latch.kill('first');
  const clearing = latch.clear();
  latch.kill('second');
  await clearing;
  expect(latch.standing).toEqual({ killed: true, reason: 'second' });
  expect(readFileSync(file(), 'utf8')).toBe('second\n');
});

test('cleared before its file was there, it does not come back by itself', async () => {
  let told = 0;
  const latch = await start(() => told++);
  for (let time = 0; time < 20; time++) {
    latch.kill('quick');
    await latch.clear();
  }
  expect(existsSync(file())).toBe(false);
  expect(latch.standing.killed).toBe(false);
  expect(told).toBe(0);
});

test('a resume that comes while the reason is still being read from a file that a hand has made ends the kill all the same', async () => {
  const seen = Promise.withResolvers<unknown>();
  const latch = await start(seen.resolve);
  execFileSync('mkfifo', [file()]); // there, and not read before somebody writes
  await seen.promise;
  const clearing = latch.clear();
  writeFileSync(file(), 'news');
  await clearing;
  expect(latch.standing).toEqual({ killed: false, reason: '' });
  expect(existsSync(file())).toBe(false);
});

test('a file that cannot be removed leaves it latched, with the reason', async () => {
  mkdirSync(file()); // not even root removes a directory as a file
  const latch = await start();
  expect(latch.standing.killed).toBe(true);
  await expect(latch.clear()).rejects.toMatchObject({ name: 'StateError', code: 'disk' });
  expect(latch.standing.killed).toBe(true);
});

test('a disk that takes no file does not weaken it; the file follows when the disk does', async () => {
  mkdirSync(path.join(dir, 'KILL.draft'));
  const said: string[] = [];
  const latch = await start(undefined, { ...silent, warn: (_fields, event) => void said.push(event) });
  latch.kill('operator');
  await until(() => said.includes('kill.latch_failed'));
  expect(latch.standing.killed).toBe(true);
  rmSync(path.join(dir, 'KILL.draft'), { recursive: true });
  await until(() => existsSync(file()));
  expect(latch.standing.killed).toBe(true);
});

test('G02: a disk that stops saying whether the file is there is told while we run, once, and so is its word when it comes back', async () => {
  const told: unknown[] = [];
  const latch = await start((killed) => told.push(killed));
  symlinkSync('KILL', file()); // leads to itself: nothing can be said of it
  await until(() => told.length > 0);
  expect(latch.standing.killed).toBeUndefined();
  rmSync(file());
  await until(() => told.length > 1);
  expect([told, latch.standing.killed]).toEqual([[undefined, false], false]);
  symlinkSync('KILL', file());
  await until(() => told.length > 2);
  await latch.clear();
  expect(latch.standing.killed, 'nothing is there that a resume has not seen').toBe(false);
});

test('G02: a latch that could not be seen at the start is told once it can', async () => {
  symlinkSync('KILL', file());
  const told: unknown[] = [];
  const latch = await start((killed) => told.push(killed));
  expect([told, latch.standing.killed]).toEqual([[], undefined]);
  rmSync(file());
  await until(() => told.length > 0);
  expect([told, latch.standing.killed]).toEqual([[false], false]);
});
