// Does a scan that knows only what has changed see what one that looks at everything sees?
import { expect, test } from 'vitest';
import { createOwnCore, createOwnMemory, CONNECTION, RECEIVED, type OwnCore } from '../../bench/ours/core.ts';
import { createOwnLives } from '../../bench/ours/scan.ts';
import { syntheticFrames } from '../../bench/frames/synthetic.ts';
import { recordedFrames } from '../../bench/frames/recorded.ts';
import type { FrameSet } from '../../bench/frames/frame-set.ts';
import { copyBook, VIEW_LEVELS_MAX, type Book } from '../../src/book/read.ts';
import { createRing, peek, release, type Ring } from '../../src/lib/ring.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { Slot } from '../../src/market/units.ts';
import { EVENT_STRIDE } from '../../src/scan/event.ts';
import { ScanKernel, type Found } from '../../src/scan/kernel/kernel.ts';
import { PARAMS_AT, SLOT_NUMBERS } from '../../src/scan/layout.ts';
import {
  P_ABS_UNITS,
  P_BAND_PERCENT,
  P_CLUSTER_LEVELS,
  P_PRESSURE_PERCENT,
  P_SHARE_PERCENT,
} from '../../src/scan/params.ts';
import { createWorkspace, type Workspace } from '../../src/scan/workspace.ts';
import { scanInstrument } from '../../src/signal/scan-instrument.ts';

interface Room {
  readonly core: OwnCore;
  readonly work: Workspace;
  readonly events: Ring;
  readonly frames: FrameSet;
}

function createRoom(frames: FrameSet): Room {
  const memory = createOwnMemory(frames);
  const core = createOwnCore(frames, memory.books, memory.tape);
  const events = createRing(4_096, EVENT_STRIDE);
  const work = createWorkspace({ ...memory, lives: createOwnLives(core.instruments) }, events, () => undefined);
  return { core, work, events, frames };
}

function apply({ core, events }: Room, frame: Uint8Array): Slot {
  core.ingest.frame(frame, CONNECTION, RECEIVED);
  while (peek(events) >= 0) release(events);
  return core.ingest.slot as Slot;
}

/** Densities with their prices in place of their places in some array. */
function densities({ sides }: Book, side: 0 | 1, found: Found): unknown {
  const { ticks } = sides[side];
  return Array.from({ length: found.count }, (_, i) => ({
    first: ticks[found.first[i] as number],
    last: ticks[found.last[i] as number],
    price: found.price[i],
    sum: found.sum[i],
    typical: found.typical[i],
    round: found.round[i],
  }));
}

function levels({ sides }: Book, side: 0 | 1): readonly (readonly [number, number])[] {
  const { ticks, units, from, end } = sides[side];
  return Array.from({ length: end - from }, (_, i) => [ticks[from + i] as number, units[from + i] as number]);
}

const kernel = new ScanKernel();
const view = kernel.createBook(VIEW_LEVELS_MAX);

/** Reads the whole book, looks at all of it, and compares. */
function expectSame(room: Room, slot: Slot): void {
  const { work } = room;
  const { numbers } = work.lives;
  const params = slot * SLOT_NUMBERS + PARAMS_AT;
  expect(copyBook(work.books, slot, view)).toBe(true);
  const [bids, asks] = view.sides;
  const middle = (bids.ticks[bids.from] as number) + (asks.ticks[asks.from] as number);
  kernel.ask(numbers, params);
  const percent = numbers[params + P_PRESSURE_PERCENT] as number;
  for (const side of [0, 1] as const) {
    expect(levels(work.view, side)).toEqual(levels(view, side));
    const whole = view.sides[side];
    const own = work.view.sides[side];
    kernel.call.forgetAll(whole.at);
    kernel.call.detect(whole.at, view.depth, middle);
    const found = work.kernel.found[side];
    expect(densities(work.view, side, found)).toEqual(densities(view, side, kernel.found[side]));
    expect(found.band).toEqual(kernel.found[side].band);
    const { call } = work.kernel;
    const weighed = call.notionalBefore(own.at, call.endWithin(own.at, middle, percent));
    const inRange = (tick: number): boolean => Math.abs(2 * tick - middle) * 100 <= percent * middle;
    expect(weighed).toBe(levels(view, side).reduce((sum, [tick, units]) => sum + (inRange(tick) ? units : 0), 0));
  }
}

test.each([
  ['fifty levels of a synthetic market', (): FrameSet => syntheticFrames(50, 6, 3_000, 11)],
  ['two hundred levels of a synthetic market', (): FrameSet => syntheticFrames(200, 4, 1_600, 12)],
  ['a thousand levels of a synthetic market', (): FrameSet => syntheticFrames(1000, 8, 320, 13)],
  ['two recorded markets', (): FrameSet => recordedFrames(1)],
] as const)('%s: levels, sums and densities are those of a look at everything', (_, load) => {
  const room = createRoom(load());
  const rng = createRng(5);
  let found = 0;
  for (const frame of [...room.frames.snapshots, ...room.frames.deltas]) {
    const slot = apply(room, frame);
    // Some messages are seen only together with the next ones.
    if (rng.next() < 0.3) continue;
    expect(scanInstrument(room.work, slot)).toBe(true);
    expectSame(room, slot);
    found += room.work.kernel.found[0].count + room.work.kernel.found[1].count;
  }
  expect(found).toBeGreaterThan(100);
});

test('the same while an operator changes what a density is', () => {
  const room = createRoom(syntheticFrames(200, 2, 800, 21));
  const rng = createRng(6);
  for (const frame of [...room.frames.snapshots, ...room.frames.deltas]) {
    const slot = apply(room, frame);
    const { numbers } = room.work.lives;
    const params = slot * SLOT_NUMBERS + PARAMS_AT;
    if (rng.next() < 0.2) numbers[params + P_BAND_PERCENT] = 0.05 + rng.next() * 3;
    if (rng.next() < 0.1) numbers[params + P_SHARE_PERCENT] = 0.1 + rng.next() * 8;
    if (rng.next() < 0.1) numbers[params + P_CLUSTER_LEVELS] = 1 + rng.below(8);
    if (rng.next() < 0.1)
      numbers[params + P_ABS_UNITS] = (numbers[params + P_ABS_UNITS] as number) * (0.5 + rng.next());
    expect(scanInstrument(room.work, slot)).toBe(true);
    expectSame(room, slot);
  }
});

test('two threads that look in turns, and one that comes late, go on from the book as it is', () => {
  const room = createRoom(syntheticFrames(200, 3, 900, 31));
  const other = createWorkspace(room.work, room.events, () => undefined);
  const rng = createRng(7);
  for (const frame of [...room.frames.snapshots, ...room.frames.deltas]) {
    const slot = apply(room, frame);
    if (rng.next() < 0.2) continue;
    const work = rng.next() < 0.5 ? room.work : other;
    expect(scanInstrument(work, slot)).toBe(true);
    expectSame({ ...room, work }, slot);
  }
});

test('a ring that overflowed, and a snapshot of the same book, break nothing', () => {
  const frames = syntheticFrames(1000, 1, 700, 41);
  const room = createRoom(frames);
  apply(room, frames.snapshots[0] as Buffer);
  for (const [i, frame] of frames.deltas.entries()) {
    const slot = apply(room, frame);
    if (i % 350 !== 349 && i % 7 !== 0) continue;
    // Hundreds of messages that nobody looked at are more than the ring holds.
    if (i > 350 && i < 690) continue;
    expect(scanInstrument(room.work, slot)).toBe(true);
    expectSame(room, slot);
  }
});
