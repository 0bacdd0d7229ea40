// Is a leak told before it ends us, and is a healthy engine left alone (L02)?
import { totalmem } from 'node:os';
import { expect, test, vi } from 'vitest';
import { memoryBound, memoryLimits, memoryTaken, MemoryWatch, type Memory } from '../../src/ops/memory-watch.ts';
import { createVirtualClock } from '../bybit/virtual-clock.ts';

const MEGABYTE = 1e6;
const HOUR_MS = 3_600_000;
const LIMITS: Memory = { process: 1_000 * MEGABYTE, heap: 400 * MEGABYTE };

function watched(taken: (hours: number) => Partial<Memory> | undefined) {
  const clock = createVirtualClock();
  const told: (readonly [event: string, fields: object])[] = [];
  const say = (fields: object, event: string): void => void told.push([event, fields]);
  const begun = clock.monotonic();
  const look = (): Memory | undefined => {
    const found = taken((clock.monotonic() - begun) / HOUR_MS);
    return found && { process: 300 * MEGABYTE, heap: 60 * MEGABYTE, ...found };
  };
  const watch = new MemoryWatch(LIMITS, { clock, log: { error: say, fatal: say }, look });
  const ends: string[] = [];
  void watch.full.then((reason) => ends.push(reason));
  return { clock, told, ends, watch };
}

test('forty to eight hundred books, with a thread for each core, are nowhere near the end, on a small machine as on a large one', () => {
  const sizes = [40, 64, 200, 800, 1_024].flatMap((slots) => [1, 3, 15].map((threads) => ({ slots, threads })));
  const machines = [512 * MEGABYTE, 1e9, 2e9, 64e9];
  const spare = machines.flatMap((process) =>
    sizes.map(({ slots, threads }) => {
      const healthy = (250 + slots * 0.25 + threads * 20) * MEGABYTE;
      return memoryLimits(slots, threads, { process, heap: 512 * MEGABYTE }).process / healthy;
    }),
  );
  expect(Math.min(...spare)).toBeGreaterThanOrEqual(1.5);
});

test('the limit leaves room on the machine, and in the heap, for what is not ours', () => {
  const bound = { process: 4e9, heap: 2e9 };
  expect(memoryLimits(64, 1, bound)).toEqual({ process: 2.4e9, heap: 1.6e9 });
  expect(memoryLimits(40, 1, { process: 0.5e9, heap: 2e9 }).process).toBe(1.5 * (250 + 10 + 20) * MEGABYTE);
  const [here, taken] = [memoryBound(), memoryTaken()];
  expect([here.process > (taken?.process ?? 0), here.heap > (taken?.heap ?? 0)]).toEqual([true, true]);
  expect(taken?.process).toBeGreaterThan(0);
});

test.each([
  ['a control group may take less than the machine has', 64 * MEGABYTE, 64 * MEGABYTE],
  ['it is granted more than there is', 2 ** 60, totalmem()],
  ['nobody bounds it', 0, totalmem()],
])('where %s the process may take what there is', (_, granted, bound) => {
  const asked = vi.spyOn(process, 'constrainedMemory').mockReturnValue(granted);
  expect(memoryBound().process).toBe(bound);
  asked.mockRestore();
});

test('what nobody can say yet is nothing, and what was seen last is what is told', async () => {
  const { clock, watch } = watched((hours) => (hours === 0 ? undefined : {}));
  expect(watch.taken).toEqual({ process: 0, heap: 0 });
  await clock.advance(5_000);
  expect(watch.taken).toEqual({ process: 300 * MEGABYTE, heap: 60 * MEGABYTE });
  watch.close();
});

test.each<[what: string, over: Partial<Memory>]>([
  ['the process', { process: LIMITS.process }],
  ['the heap of the main thread', { heap: LIMITS.heap }],
])('half a minute at the limit of %s is the end, told once; a moment is not', async (_, over) => {
  let isOver = true;
  const { clock, told, ends, watch } = watched(() => (isOver ? over : {}));
  await clock.advance(25_000);
  isOver = false;
  await clock.advance(5_000);
  isOver = true;
  await clock.advance(25_000);
  expect(ends).toEqual([]);
  await clock.advance(5_000);
  expect(ends).toEqual(['memory']);
  await clock.advance(60_000);
  const { process: mb, heap: heapMb } = { process: 300 * MEGABYTE, heap: 60 * MEGABYTE, ...over };
  const fields = { mb: mb / MEGABYTE, heapMb: heapMb / MEGABYTE, mbMax: 1_000, heapMbMax: 400 };
  expect(told).toEqual([['memory.full', fields]]);
  watch.close();
  expect(clock.waiting()).toBe(0);
});

test('what grows hour by hour is told with the hours that are left, a day before the end', async () => {
  const { clock, told, watch } = watched((hours) => ({ process: (300 + 25 * hours) * MEGABYTE }));
  await clock.advance(7 * HOUR_MS + 10_000);
  expect(told).toEqual([['memory.growing', { kind: 'process', mb: 450, mbAnHour: 25, hoursLeft: 22 }]]);
  watch.close();
});

test('a leak that begins after a night of rest is told as soon, and what cannot be looked at meanwhile is no news', async () => {
  const { clock, told, watch } = watched((hours) =>
    hours > 2 && hours < 2.1 ? undefined : { process: (300 + 25 * Math.max(0, hours - 9)) * MEGABYTE },
  );
  await clock.advance(12 * HOUR_MS + 10_000);
  expect(told).toEqual([]);
  await clock.advance(4 * HOUR_MS);
  expect(told[0]).toEqual(['memory.growing', { kind: 'process', mb: 400, mbAnHour: 25, hoursLeft: 24 }]);
  watch.close();
});

test('lists of symbols that have grown twice within hours are no leak', async () => {
  const { clock, told, watch } = watched((hours) => ({
    process: (hours < 3 ? 300 : hours < 5 ? 500 : 700) * MEGABYTE,
  }));
  await clock.advance(14 * HOUR_MS);
  expect(told).toEqual([]);
  watch.close();
});

test('a list of symbols that has grown once, and what comes and goes with the hours, is no leak', async () => {
  const { clock, told, ends, watch } = watched((hours) => ({
    process: (hours < 3 ? 300 : 700 + 40 * (Math.floor(hours) % 2)) * MEGABYTE,
    heap: (60 + 50 * Math.abs(Math.sin(hours * 40))) * MEGABYTE,
  }));
  await clock.advance(14 * HOUR_MS);
  expect([told, ends]).toEqual([[], []]);
  watch.close();
});
