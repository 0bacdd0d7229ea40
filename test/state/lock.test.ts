// Can two engines ever stand on one state directory?
import { spawn } from 'node:child_process';
import { cpSync, lstatSync, lutimesSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { engineProcess } from '../../src/cli/running/engine-process.ts';
import { claim } from '../../src/lib/claim.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock, type Clock } from '../../src/lib/clock.ts';
import { processIdentity } from '../../src/lib/process-identity.ts';
import { lockState } from '../../src/state/lock.ts';
import { ownFolder } from '../own-folder.ts';
import { smallDisk } from './small-disk.ts';

const RACER = fileURLToPath(new URL('lock-racer.ts', import.meta.url));

let dir: string;
beforeEach(() => {
  dir = ownFolder();
});

/** Waits no longer than others need to touch what is theirs. */
function impatient(meanwhile: () => void = () => undefined): Clock {
  return {
    ...systemClock,
    after: (_, act) =>
      systemClock.after(20 as Ms, () => {
        meanwhile();
        act();
      }),
  };
}

const nobody = (): void => {
  throw new Error('the lock was not to be lost');
};

test('a second engine on the directory is refused by the pid of the first, and may start once that has ended', async () => {
  const first = await lockState(dir, systemClock, nobody);
  await expect(lockState(dir, systemClock, nobody)).rejects.toMatchObject({
    code: 'in-use',
    exitCode: 75,
    message: expect.stringContaining(`process ${process.pid} is running`) as string,
  });
  await first.release();
  const second = await lockState(dir, systemClock, nobody);
  await second.release();
  expect(readdirSync(dir)).toEqual([]);
});

test('a lock whose process is gone, and one that is no lock, are taken over', async () => {
  for (const left of [JSON.stringify({ pid: process.pid, identity: 'an earlier boot' }), '', '{"pid":']) {
    writeFileSync(path.join(dir, 'engine.lock.7'), left);
    const lock = await lockState(dir, systemClock, nobody);
    expect(readdirSync(dir)).toEqual(['engine.lock.7', 'engine.lock.8']);
    await lock.release();
  }
});

test('D06: on a full disk the lock of a dead engine is taken over, a second one is refused as ever, also when there is room again', async () => {
  const { dir: full, isSmall, fill, makeRoom } = smallDisk();
  writeFileSync(path.join(full, 'engine.lock.7'), JSON.stringify({ pid: process.pid, identity: 'an earlier boot' }));
  fill();
  const lock = await lockState(full, systemClock, nobody);
  expect(lstatSync(path.join(full, 'engine.lock.8')).isSymbolicLink()).toBe(isSmall);
  const refusal = {
    code: 'in-use',
    message: expect.stringContaining(`process ${process.pid} is running`) as string,
  };
  await expect(lockState(full, systemClock, nobody)).rejects.toMatchObject(refusal);
  makeRoom();
  await expect(lockState(full, systemClock, nobody)).rejects.toMatchObject(refusal);
  await lock.release();
  // Of a process that is gone, as after a kill.
  symlinkSync(`${process.pid}:an earlier boot`, path.join(full, 'engine.lock.8'));
  const next = await lockState(full, impatient(), nobody);
  expect(readdirSync(full).toSorted()).toEqual(['engine.lock.8', 'engine.lock.9']);
  await next.release();
});

test('a directory that cannot be written is refused with a remedy', async () => {
  await expect(lockState(path.join(dir, 'nowhere'), systemClock, nobody)).rejects.toMatchObject({
    code: 'disk',
    exitCode: 78,
    message: expect.stringContaining('name another with --state-dir') as string,
  });
});

test('of a directory that was copied while its engine ran it is said whose copy it is, and that nobody runs there', async () => {
  const lock = await lockState(dir, systemClock, nobody);
  const copy = ownFolder();
  cpSync(dir, copy, { recursive: true });
  await expect(lockState(copy, systemClock, nobody)).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringContaining(
      `${copy} is a copy of the directory of an engine that runs, process ${process.pid}`,
    ) as string,
  });
  expect([await engineProcess(dir), await engineProcess(copy)]).toEqual([process.pid, undefined]);
  await lock.release();
});

test('D06: of a directory whose lock is one of a full disk it is not said that its engine runs there, where it may be a copy', async () => {
  const identity = await processIdentity(process.pid);
  symlinkSync(`${process.pid}:${identity}`, path.join(dir, 'engine.lock.1'));
  await expect(lockState(dir, systemClock, nobody)).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringContaining(
      `process ${process.pid} is running on ${dir}, or on the directory that it was copied from: stop it`,
    ) as string,
  });
});

const identityOfAnother = () => processIdentity(process.ppid);

/** Of a process that cannot be looked up from here, though its pid is one of ours too. */
const ELSEWHERE = JSON.stringify({ pid: process.pid, identity: 'theirs', space: 'another container' });

test.each<[string, (file: string) => void]>([
  ['', (file) => writeFileSync(file, ELSEWHERE)],
  [' from when the disk was full', (file) => symlinkSync(`${process.pid}:theirs`, file)],
])(
  'R09: an engine of another container on the same volume is refused while the first one touches its lock%s',
  async (_, make) => {
    const file = path.join(dir, 'engine.lock.1');
    make(file);
    const touching = impatient(() => lutimesSync(file, 1, 1));
    await expect(lockState(dir, touching, nobody)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining(`process ${process.pid} of another container or machine`) as string,
    });
    expect(readdirSync(dir)).toEqual(['engine.lock.1']);
  },
);

test('R09: the lock of a container that is gone is taken over after one wait, and is then touched for others to see', async () => {
  writeFileSync(path.join(dir, 'engine.lock.1'), ELSEWHERE);
  const waits: number[] = [];
  const looks: (() => void)[] = [];
  const quick: Clock = {
    ...systemClock,
    after: (delay, act) => {
      waits.push(delay);
      return systemClock.after(0 as Ms, act);
    },
    every: (_, act) => {
      looks.push(act);
      return { cancel: () => undefined };
    },
  };
  const lock = await lockState(dir, quick, nobody);
  expect(waits).toEqual([5_000]);
  const changed = (): bigint => statSync(path.join(dir, 'engine.lock.2'), { bigint: true }).ctimeNs;
  const before = changed();
  await expect
    .poll(() => {
      looks[0]?.();
      return changed();
    })
    .not.toBe(before);
  await lock.release();
});

test('G03: a lock that somebody removes or overtakes is seen to be lost, once', async () => {
  let losses = 0;
  const told = Promise.withResolvers<void>();
  const lock = await lockState(dir, systemClock, () => {
    losses++;
    told.resolve();
  });
  rmSync(path.join(dir, 'engine.lock.1'));
  await told.promise;
  await lock.release();
  expect(losses).toBe(1);
});

test.each<[string, (file: string) => Promise<void>]>([
  ['', async (file) => writeFileSync(file, JSON.stringify({ pid: process.ppid, identity: await identityOfAnother() }))],
  [' on a full disk', async (file) => symlinkSync(`${process.ppid}:${await identityOfAnother()}`, file)],
])(
  'G03: where a lock was removed and another engine%s took the same number unseen, the first sees its own lost and leaves the other’s alone',
  async (_, make) => {
    const held = await claim(path.join(dir, 'engine.lock'));
    const file = path.join(dir, 'engine.lock.1');
    rmSync(file);
    await make(file);
    expect(held.kind === 'held' && (await held.stands())).toBe(false);
    if (held.kind === 'held') await held.release();
    expect(readdirSync(dir)).toEqual(['engine.lock.1']);
  },
);

test('G03: an engine whose lock a hand has emptied, so that another took it for nobody’s, sees that it is overtaken', async () => {
  const held = await claim(path.join(dir, 'engine.lock'));
  writeFileSync(path.join(dir, 'engine.lock.1'), '');
  const other = JSON.stringify({ pid: process.ppid, identity: await identityOfAnother() });
  writeFileSync(path.join(dir, 'engine.lock.2'), other);
  expect(held.kind === 'held' && (await held.stands())).toBe(false);
});

test('one that was slow to take over a dead claim withdraws when a later one stands', async () => {
  // It has seen number 1 dead; meanwhile 2 and 3 came, and 1 and 2 went.
  const place = path.join(dir, 'engine.lock');
  writeFileSync(`${place}.3`, JSON.stringify({ pid: process.pid, identity: 'an earlier boot' }));
  const held = await claim(place);
  expect(held.kind).toBe('held');
  writeFileSync(`${place}.2`, 'a latecomer');
  expect(held.kind === 'held' && (await held.stands())).toBe(true);
  expect(await claim(place)).toEqual({ kind: 'taken', pid: process.pid, isElsewhere: false, isCopy: false });
});

test.each([false, true])(
  'R09: many processes fight for the lock of one that was killed, again and again, and never do two hold it (disk full: %s)',
  async (isFull) => {
    const disk = isFull ? smallDisk() : undefined;
    disk?.fill();
    const racers = Array.from({ length: 6 }, () => {
      const child = spawn(process.execPath, [RACER, disk?.dir ?? dir], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString();
      });
      return new Promise<string>((done) => child.on('close', () => done(said)));
    });
    const lines = (await Promise.all(racers)).flatMap((said) => said.trim().split('\n').filter(Boolean));
    expect(lines).toEqual(Array.from({ length: 30 }, () => 'alone'));
  },
);
