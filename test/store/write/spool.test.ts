// Does what was spooled come back, whole and in order, whatever happened to the files?
import fs, { appendFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Row } from '../../../src/store/rows/rows.ts';
import { DiskRoom } from '../../../src/store/write/disk-room.ts';
import { Spool } from '../../../src/store/write/spool.ts';
import { smallDisk } from '../../state/small-disk.ts';
import { density, event, execution, marketStat, session, signal, snapshot, tempDir, trade } from '../fixtures.ts';

let dir: Awaited<ReturnType<typeof tempDir>>;
beforeEach(async () => {
  dir = await tempDir();
});
afterEach(() => dir.remove());

function readAll(spool: Spool): Row[] {
  const found: Row[] = [];
  for (let rows = spool.peek(); rows !== undefined; rows = spool.peek()) {
    found.push(...rows);
    spool.shift();
  }
  return found;
}

const batch = (from: number, count: number): Row[] => Array.from({ length: count }, (_, i) => event(from + i));

const openFiles = (): number => readdirSync('/dev/fd').length;

test('batches come back in order over many files, and nothing is left on the disk or open', () => {
  const open = openFiles();
  const spool = new Spool(dir.path, 1 << 30, 2_000);
  for (let i = 0; i < 50; i++) spool.append(batch(i * 3, 3));
  expect(readdirSync(dir.path).length).toBeGreaterThan(5);
  expect(spool.rows).toBe(150);
  expect(readAll(spool)).toEqual(batch(0, 150));
  expect(spool).toMatchObject({ rows: 0, bytes: 0 });
  expect(readdirSync(dir.path)).toEqual([]);
  expect(openFiles()).toBe(open);
});

test('after a restart too, whatever lies beside them', () => {
  const spool = new Spool(dir.path, 1 << 30, 2_000);
  for (let i = 0; i < 200; i++) spool.append(batch(i * 3, 3));
  spool.close();
  writeFileSync(join(dir.path, 'rejected.jsonl'), '{"reason":"a row that the database refused"}\n');
  expect(readdirSync(dir.path).length).toBeGreaterThan(15);
  expect(readAll(new Spool(dir.path))).toEqual(batch(0, 600));
  expect(readdirSync(dir.path)).toEqual(['rejected.jsonl']);
});

test.each([1, 1 << 20])('rows appended while others are read stand behind them, in files of %i bytes', (fileBytes) => {
  const spool = new Spool(dir.path, 1 << 30, fileBytes);
  spool.append(batch(0, 2));
  expect(spool.peek()).toEqual(batch(0, 2));
  spool.append(batch(2, 1));
  spool.shift();
  spool.append(batch(3, 1));
  expect(readAll(spool)).toEqual(batch(2, 2));
  expect(spool.peek()).toBeUndefined();
  spool.append(batch(4, 1));
  expect(readAll(spool)).toEqual(batch(4, 1));
});

test('a batch that was read but not confirmed is there again after a restart', () => {
  const spool = new Spool(dir.path);
  for (const [from, count] of [
    [0, 2],
    [2, 500],
    [502, 2],
  ] as const)
    spool.append(batch(from, count));
  spool.peek();
  spool.shift();
  spool.peek();
  expect(readAll(new Spool(dir.path))).toEqual(batch(0, 504));
});

test('a full spool says so and keeps what it has', () => {
  const spool = new Spool(dir.path, 800);
  expect(spool.append(batch(0, 2))).toBe(true);
  expect(spool.append(batch(2, 1))).toBe(true);
  expect(spool.append(batch(3, 2))).toBe(false);
  expect(spool.peek()).toEqual(batch(0, 2));
  spool.shift();
  expect(spool.append(batch(3, 2)), 'what has been read makes room').toBe(true);
  expect(readAll(spool)).toEqual(batch(2, 3));
});

test('a full disk that refuses batch after batch is left with no empty files, and takes them when there is room', () => {
  const { dir: small, isSmall, fill, makeRoom } = smallDisk();
  const spool = new Spool(small);
  expect(spool.append(batch(0, 2))).toBe(true);
  fill();
  // More than is left of the page in which the first batch ends.
  const large = batch(2, 60);
  const kept = [1, 2, 3].filter(() => {
    try {
      return spool.append(large);
    } catch {
      return false;
    }
  });
  expect(kept).toEqual(isSmall ? [] : [1, 2, 3]);
  expect(readdirSync(small).filter((name) => name.endsWith('.rows'))).toEqual(['00000001.rows']);
  makeRoom();
  expect(spool.append(large)).toBe(true);
  spool.close();
  const rows = [...batch(0, 2), ...(isSmall ? [] : [large, large, large].flat()), ...large];
  expect(readAll(new Spool(small))).toEqual(rows);
});

test('what was written and is not on the disk is not kept: where the disk cannot say that it has a batch, it is refused', () => {
  const spool = new Spool(dir.path);
  symlinkSync('/dev/null', join(dir.path, '00000001.rows')); // takes every byte, and syncs none
  expect(() => spool.append(batch(0, 2))).toThrow('cannot write');
  expect(spool).toMatchObject({ rows: 0, bytes: 0 });
  expect(spool.append(batch(2, 1))).toBe(true);
  expect(readAll(spool)).toEqual(batch(2, 1));
});

test('where no new file can be made for a while, what comes afterwards is kept', () => {
  const place = join(dir.path, 'spool');
  const spool = new Spool(place, 1 << 30, 1);
  spool.append(batch(0, 3));
  rmSync(place, { recursive: true });
  expect(() => spool.append(batch(3, 3))).toThrow('cannot make');
  mkdirSync(place);
  expect(spool.append(batch(3, 3))).toBe(true);
  spool.close();
  expect(readAll(new Spool(place))).toEqual(batch(3, 3));
});

test('a disk that cannot say that the name of a file lasts refuses batch after batch, and nothing is left open', () => {
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  const open = openFiles();
  const spool = new Spool(dir.path);
  vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
    throw new Error('input/output error');
  });
  syncBuiltinESMExports();
  for (let i = 0; i < 3; i++) expect(() => spool.append(batch(0, 1))).toThrow('cannot make');
  expect(openFiles()).toBe(open);
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  expect(spool.append(batch(0, 1))).toBe(true);
  expect(readAll(spool)).toEqual(batch(0, 1));
});

test('in a folder that nothing can be removed from or cut in, what waits is read all the same, and what comes stands in files of its own', () => {
  const before = new Spool(dir.path, 1 << 30, 1);
  before.append(batch(0, 1));
  before.append(batch(1, 1));
  before.close();
  appendFileSync(join(dir.path, '00000002.rows'), 'torn');
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  for (const way of ['rmSync', 'truncateSync'] as const)
    vi.spyOn(fs, way).mockImplementation(() => {
      throw new Error(`EROFS: ${way}`);
    });
  syncBuiltinESMExports();
  const spool = new Spool(dir.path, 1_000, 1);
  const { bytes } = spool;
  expect(readAll(spool)).toEqual(batch(0, 2));
  expect(spool).toMatchObject({ rows: 0, tornBytes: 4, unremoved: 'EROFS: rmSync' });
  expect(spool.bytes, 'what is on the disk counts').toBe(bytes);
  expect(spool.append(batch(2, 1))).toBe(true);
  expect(readAll(spool)).toEqual(batch(2, 1));
  expect(readdirSync(dir.path)).toEqual([1, 2, 3].map((number) => `0000000${number}.rows`));
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  spool.append(batch(3, 1));
  expect(readAll(spool)).toEqual(batch(3, 1));
  expect(spool).toMatchObject({ bytes: 0, unremoved: undefined });
  expect(readdirSync(dir.path)).toEqual([]);
});

test('a file that the disk does not give keeps nobody from the others: it is told, left where it is, and read by the start that can', () => {
  const before = new Spool(dir.path, 1 << 30, 1);
  for (const row of batch(0, 4)) before.append([row]);
  before.close();
  const asDisk = (number: number) => join(dir.path, `0000000${number}.rows`);
  const hide = (number: number): void => {
    renameSync(asDisk(number), join(dir.path, `${number}`));
    mkdirSync(asDisk(number)); // opens, and is not read: as on a disk with a bad sector
  };
  hide(4);
  const spool = new Spool(dir.path, 1 << 30, 1);
  hide(1);
  expect(spool).toMatchObject({ rows: 3, unreadable: [expect.stringContaining('EISDIR')] });
  expect(spool.append(batch(4, 1))).toBe(true);
  expect(readAll(spool)).toEqual([...batch(1, 2), ...batch(4, 1)]);
  expect(spool).toMatchObject({ rows: 0, unreadable: [expect.any(String), expect.stringContaining('EISDIR')] });
  for (const number of [1, 4]) {
    rmdirSync(asDisk(number));
    renameSync(join(dir.path, `${number}`), asDisk(number));
  }
  expect(readAll(new Spool(dir.path))).toEqual([...batch(0, 1), ...batch(3, 1)]);
});

test('that this process may open no more files is no fault of a file: none is passed over for it', () => {
  const spool = new Spool(dir.path);
  spool.append(batch(0, 1));
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  vi.spyOn(fs, 'openSync').mockImplementation(() => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  });
  syncBuiltinESMExports();
  expect(() => spool.peek()).toThrow('EMFILE');
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  expect(readAll(spool)).toEqual(batch(0, 1));
});

test('books have a quarter of the room, so that they push out nothing that cannot be had again', () => {
  const spool = new Spool(dir.path, 4_000);
  const mixed = [...batch(0, 5), snapshot()];
  expect(spool.keep(mixed)).toEqual([]);
  expect(spool.bytes).toBeGreaterThan(1_000);
  expect(spool.keep([snapshot(), ...batch(5, 1)])).toEqual([snapshot()]);
  expect(spool.keep(batch(6, 20))).toEqual(batch(6, 20));
  const densities = Array.from({ length: 20 }, () => density());
  expect(spool.keep([...densities, ...batch(6, 1)]), 'what fits of a batch that does not').toEqual(densities);
  expect(readAll(spool)).toEqual([...mixed, ...batch(5, 2)]);
});

test.each([
  [0, []],
  [0.25, ['orderbook_snapshots', 'market_stats']],
  [0.5, ['orderbook_snapshots', 'market_stats', 'signals']],
  [0.75, ['orderbook_snapshots', 'market_stats', 'signals', 'signals', 'densities']],
])('of a spool that is full to %f, what can be had again or says less is refused: %o', (share, refused) => {
  const spool = new Spool(dir.path, 40_000);
  for (let i = 0; spool.bytes < 40_000 * share; i++) spool.append(batch(i, 1));
  const rows = [snapshot(), marketStat(), signal(), signal({ outcome: 'signal' }), density(), event(0)];
  expect(spool.keep(rows).map(({ table }) => table)).toEqual(refused);
});

test('on a disk that runs low only trades, executions, events and sessions are kept', () => {
  const spool = new Spool(dir.path);
  const lasting = [trade(), execution(), ...batch(0, 2), session()];
  const others = [snapshot(), marketStat(), signal(), density()];
  expect(spool.keep([...others, ...lasting], true)).toEqual(others);
  const { bytes } = spool;
  expect(spool.keep(others, true)).toEqual(others);
  expect(spool.bytes).toBe(bytes);
  expect(readAll(spool)).toEqual(lasting);
});

test('a disk is low until a tenth more than the floor is free again, and each change is news once', () => {
  let free = 2_000;
  const room = new DiskRoom(1_000, () => free);
  const looks = [2_000, 999, 500, 1_000, 1_099, 1_100, 1_050].map((now) => {
    free = now;
    const { isLow, isNews } = room.look();
    return `${isLow ? 'low' : 'enough'}${isNews ? '!' : ''}`;
  });
  expect(looks).toEqual(['enough', 'low!', 'low', 'low', 'low', 'enough!', 'enough']);
});

test('cut anywhere, the file gives back every whole batch, and goes on behind them', () => {
  const whole = new Spool(dir.path);
  for (let i = 0; i < 4; i++) whole.append(batch(i, 1));
  const file = join(dir.path, '00000001.rows');
  const content = readFileSync(file);
  const line = content.length / 4;
  fc.assert(
    fc.property(fc.nat(content.length), (cut) => {
      writeFileSync(file, content.subarray(0, cut));
      const spool = new Spool(dir.path);
      const kept = Math.floor(cut / line);
      expect(spool.tornBytes).toBe(cut - kept * line);
      expect(new Spool(dir.path).tornBytes, 'told once').toBe(0);
      spool.append(batch(100, 1));
      expect(readAll(spool)).toEqual([...batch(0, kept), ...batch(100, 1)]);
      spool.close();
    }),
    { numRuns: 60 },
  );
});

test('a file of which nothing is left to read is passed over, and those after it are read', () => {
  const first = new Spool(dir.path, 1 << 30, 1);
  for (const row of batch(0, 3)) first.append([row]);
  first.close();
  const file = join(dir.path, '00000001.rows');
  writeFileSync(file, readFileSync(file).fill('x', 0, 8));
  const spool = new Spool(dir.path);
  expect(spool).toMatchObject({ rows: 2, damagedLines: 1 });
  expect(readAll(spool)).toEqual(batch(1, 2));
  expect(readdirSync(dir.path)).toEqual([]);
});

test('any byte changed costs its own batch only, and never yields another row', () => {
  const whole = new Spool(dir.path);
  for (let i = 0; i < 4; i++) whole.append(batch(i, 1));
  const file = join(dir.path, '00000001.rows');
  const content = readFileSync(file);
  fc.assert(
    fc.property(fc.nat(content.length - 2), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Buffer.from(content);
      damaged[at] = (damaged[at] as number) ^ change;
      writeFileSync(file, damaged);
      const spool = new Spool(dir.path);
      const found = readAll(spool);
      const lost = Math.floor(at / (content.length / 4));
      // The end of a line is the one place that belongs to two.
      const touches = damaged.indexOf('\n', at) === at || content[at] === 0x0a ? [lost, lost + 1] : [lost];
      expect(found).toEqual(
        [0, 1, 2, 3]
          .filter((i) => !touches.includes(i) || found.some((row) => 'ordinal' in row && row.ordinal === i))
          .map((i) => event(i)),
      );
      expect(found.length).toBeGreaterThanOrEqual(4 - touches.length);
      expect(found).not.toHaveLength(4);
      spool.close();
    }),
    { numRuns: 150 },
  );
});
