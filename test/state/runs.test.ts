// Is a crash known as one, and are many of them a reason to trade no more?
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { linkIdOf } from '../../src/order/link-id.ts';
import { crashLoop } from '../../src/state/crash-loop.ts';
import { beginRun } from '../../src/state/runs.ts';
import type { Run } from '../../src/state/runs.ts';
import { ownFolder } from '../own-folder.ts';
import { smallDisk } from './small-disk.ts';

let dir: string;
beforeEach(() => {
  dir = ownFolder();
});

const said: string[] = [];
const say = (_fields: object, event: string): void => void said.push(event);
const start = (wall: number): Promise<Run> =>
  beginRun(dir, wall as Ms, { debug: say, info: say, warn: say, error: say });
const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 26, 12);

test('every run has a number of its own, the directory keeps its name', async () => {
  const first = await start(NOON);
  await first.end('SIGTERM', (NOON + 1) as Ms);
  const second = await start(NOON + 2);
  expect(second.instance).toBe(first.instance);
  expect(first.instance).toMatch(/^[0-9a-f]{8}$/);
  expect(second.epoch).toBeGreaterThan(first.epoch);
  expect(second.crashes).toEqual([]);
});

test('a directory of yesterday that was restored makes none of the ids that have been made since, nor with a clock set back', async () => {
  const epochs = [(await start(NOON)).epoch];
  const backup = readFileSync(path.join(dir, 'runs.json'));
  epochs.push((await start(NOON + MINUTE)).epoch, (await start(NOON + 2 * MINUTE)).epoch);
  writeFileSync(path.join(dir, 'runs.json'), backup);
  epochs.push((await start(NOON + 3 * MINUTE)).epoch, (await start(NOON - 60 * MINUTE)).epoch);
  expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
});

test('of a directory that has seen many runs the newest fifty are remembered', async () => {
  const { instance, epoch } = await start(NOON);
  const runs = Array.from({ length: 60 }, (_, i) => ({ epoch: epoch + i, pid: 1, startedAt: NOON + i }));
  const file = path.join(dir, 'runs.json');
  writeFileSync(file, JSON.stringify({ instance, epoch: epoch + 59, runs }));
  await start(NOON + MINUTE);
  const kept = (JSON.parse(readFileSync(file, 'utf8')) as { runs: { epoch: number }[] }).runs;
  expect(kept.map((run) => run.epoch - epoch)).toEqual(Array.from({ length: 50 }, (_, i) => i + 11));
});

test('one start by a calendar that is generations ahead leaves numbers for the orders of the next ones', async () => {
  const epochs: number[] = [];
  for (const wall of [NOON, Date.UTC(2106, 1, 7), Date.UTC(2094, 11, 20), NOON + MINUTE]) {
    const { instance, epoch } = await start(wall);
    epochs.push(epoch);
    expect(() => linkIdOf({ instance, epoch, seq: 1, role: 'C' })).not.toThrow();
  }
  expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
});

test('R08: three abnormal exits within ten minutes halt the next start, an operator’s resume lifts it', async () => {
  const halts: (string | undefined)[] = [];
  for (const minute of [0, 2, 4, 6]) {
    const now = (NOON + minute * MINUTE) as Ms;
    halts.push(crashLoop((await start(now)).crashes, 3, now));
  }
  expect(halts.map((reason) => reason !== undefined)).toEqual([false, false, false, true]);
  expect(halts[3]).toBe('3 abnormal exits within 10 minutes (safety.crash_loop_exits: 3)');
  // Started once more it is still halted, until somebody has looked.
  const run = await start(NOON + 7 * MINUTE);
  expect(crashLoop(run.crashes, 3, (NOON + 7 * MINUTE) as Ms)).toBeDefined();
  await run.forgive();
  const next = await start(NOON + 8 * MINUTE);
  expect(next.crashes).toEqual([NOON + 8 * MINUTE]); // the run that was resumed has crashed since
  expect(crashLoop(next.crashes, 3, (NOON + 8 * MINUTE) as Ms)).toBeUndefined();
});

test('crashes that are rare, and clean ends however often, halt nothing', async () => {
  for (let time = 0; time < 10; time++) {
    const now = (NOON + time * 6 * MINUTE) as Ms;
    expect(crashLoop((await start(now)).crashes, 3, now)).toBeUndefined();
  }
  for (let time = 0; time < 10; time++) {
    const now = (NOON + 100 * MINUTE + time) as Ms;
    const run = await start(now);
    expect(crashLoop(run.crashes, 3, now)).toBeUndefined();
    await run.end('done', now);
  }
});

test('a clock that was set back hides no crash', () => {
  const ahead = [1, 2, 3].map((hours) => (NOON + hours * 60 * MINUTE) as Ms);
  expect(crashLoop(ahead, 3, NOON as Ms)).toBeDefined();
});

test('a book of runs that the disk has damaged is kept aside, and the directory gets a new name', async () => {
  const first = await start(NOON);
  const damages = [
    '',
    '{"instance":',
    '{"instance":"x","epoch":1,"runs":[]}',
    '[]',
    '{"instance":"abcdef01","epoch":null,"runs":[]}',
    '{"instance":"abcdef01","epoch":1}',
  ];
  for (const damage of damages) {
    writeFileSync(path.join(dir, 'runs.json'), damage);
    const next = await start(NOON + damage.length + 1);
    expect(next.instance).not.toBe(first.instance);
    const copy = readdirSync(dir).find((name) => name.endsWith(`damaged-${NOON + damage.length + 1}`)) as string;
    expect(readFileSync(path.join(dir, copy), 'utf8')).toBe(damage);
  }
  expect(said.filter((event) => event === 'runs.damaged')).toHaveLength(damages.length);
});

test('P1, D06: a full disk keeps no run from starting; it makes other ids than any before, and is known when there is room', async () => {
  const { dir: full, isSmall, fill, makeRoom } = smallDisk();
  const told: string[] = [];
  const log = { debug: say, info: say, warn: say, error: (_fields: object, event: string) => void told.push(event) };
  const begin = (wall: number): Promise<Run> => beginRun(full, wall as Ms, log);
  const first = await begin(NOON);
  fill();
  const runs = [await begin(NOON + MINUTE), await begin(NOON + 2 * MINUTE)];
  expect(runs.map(({ isWritten }) => isWritten)).toEqual([!isSmall, !isSmall]);
  expect(runs.map(({ instance }) => instance)).toEqual([first.instance, first.instance]);
  expect(runs.map(({ crashes }) => crashes.length > 0)).toEqual([true, true]);
  const last = runs[1] as Run;
  await last.forgive();
  expect(told, 'once of each run').toEqual(isSmall ? ['runs.unwritten', 'runs.unwritten'] : []);
  makeRoom();
  await last.write();
  expect(last.isWritten).toBe(true);
  const next = await begin(NOON + 3 * MINUTE);
  expect(new Set([first, ...runs, next].map(({ epoch }) => epoch)).size).toBe(4);
  // What an operator has seen is forgiven, and that the run on the full disk had no end is known.
  expect(next.crashes).toEqual([NOON + 3 * MINUTE]);
  fill();
  await next.end('SIGTERM', (NOON + 4 * MINUTE) as Ms);
  expect(next.isWritten).toBe(!isSmall);
});

test('a resume in the moment in which the run ends is written with its end, and of neither is more than it says', async () => {
  const crashed = await start(NOON);
  const run = await start(NOON + MINUTE);
  await Promise.all([run.forgive(), run.end('SIGTERM', (NOON + 2 * MINUTE) as Ms)]);
  const { runs } = JSON.parse(readFileSync(path.join(dir, 'runs.json'), 'utf8')) as { runs: object[] };
  const { pid } = process;
  expect(runs).toEqual([
    { epoch: crashed.epoch, pid, startedAt: NOON, foundDeadAt: NOON + MINUTE, isForgiven: true },
    { epoch: run.epoch, pid, startedAt: NOON + MINUTE, end: { at: NOON + 2 * MINUTE, reason: 'SIGTERM' } },
  ]);
});

test('a directory that cannot be written ends the start with a remedy', async () => {
  rmSync(dir, { recursive: true });
  await expect(start(NOON)).rejects.toMatchObject({ code: 'disk', exitCode: 78 });
});
