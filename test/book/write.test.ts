// Is the ladder the sorted map it stands for, and does the change ring tell every difference of it?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Grid } from '../../src/book/grid.ts';
import { createBooks, LADDER_AT, OVERFLOW_LEVELS, TRUNCATED, WINDOW_TICKS } from '../../src/book/layout.ts';
import { createView, readBook } from '../../src/book/read.ts';
import { createStaging } from '../../src/book/staging.ts';
import { LIVE, SUSPECT } from '../../src/book/trust.ts';
import { APPLIED, BookWriter, CROSSED } from '../../src/book/write.ts';
import type { Side } from '../../src/market/side.ts';
import type { Slot } from '../../src/market/units.ts';
import { ChangeReader } from './change-reader.ts';
import { inspectSide, PlainSides, viewSide, type PlainSide } from './plain-sides.ts';
import { cts, stage, type PlainFrame, type PlainLevel } from './staged-frame.ts';

const SLOT = 0 as Slot;
const GRIDS: readonly Grid[] = [
  { priceScale: 2, tickScaled: 10, lotScale: 3, lotScaled: 1 },
  { priceScale: 4, tickScaled: 5, lotScale: 0, lotScaled: 100 },
  { priceScale: 0, tickScaled: 1, lotScale: 1, lotScaled: 5 },
];

interface Beat {
  readonly snapshot: boolean;
  readonly drift: number;
  readonly padding: number;
  readonly changes: readonly { side: Side; offset: number; lot: number }[];
  readonly drain: boolean;
}

const lot = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 1_000_000 }) },
);
/** From the touch outward; how far decides whether window, overflow or neither can hold it. */
const offset = (farthest: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 30 }) },
    { weight: 2, arbitrary: fc.nat({ max: Math.min(farthest, 5_000) }) },
    { weight: 1, arbitrary: fc.nat({ max: farthest }) },
  );

const beats = (farthest: number, levelsMax: number, beatsMax: number, levelsMin = 0): fc.Arbitrary<Beat[]> =>
  fc.array(
    fc.record({
      snapshot: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      drift: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -20, max: 20 }) },
        { weight: 1, arbitrary: fc.integer({ min: -6_000, max: 6_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: -50_000, max: 50_000 }) },
      ),
      padding: fc.nat({ max: 2 }),
      changes: fc.array(fc.record({ side: fc.constantFrom<Side>(0, 1), offset: offset(farthest), lot }), {
        minLength: levelsMin,
        maxLength: levelsMax,
        size: 'max',
      }),
      drain: fc.boolean(),
    }),
    { minLength: 1, maxLength: beatsMax, size: 'max' },
  );

/** Follows the market and now and then removes what is really there, so that levels and whole sides go. */
function toFrame(beat: Beat, middle: number, u: number, plain: PlainSides): PlainFrame {
  const sides = [plain.side(0), plain.side(1)] as const;
  const levels = beat.changes.map(({ side, offset: away, lot: size }, i): PlainLevel => {
    const there = sides[side];
    if (size === 0 && i % 4 !== 0 && there.length > 0)
      return { side, tick: (there[away % there.length] as readonly [number, number])[0], lot: 0 };
    return { side, tick: Math.max(1, side === 0 ? middle - away : middle + 1 + away), lot: size };
  });
  return { snapshot: beat.snapshot, u, levels, padding: beat.padding };
}

const text = (side: PlainSide): string => side.map(([tick, size]) => `${tick}:${size}`).join(' ');
const bestOf = (side: PlainSide): number => side[0]?.[0] ?? 0;
const worstOf = (side: PlainSide): number => side.at(-1)?.[0] ?? 0;

function agree(what: string, told: unknown, wanted: unknown): void {
  if (JSON.stringify(told) !== JSON.stringify(wanted))
    throw new Error(`${what}: ${JSON.stringify(told)}, not ${JSON.stringify(wanted)}`);
}

function play(grid: Grid, depth: number, script: readonly Beat[]): { truncated: number; losses: number } {
  const memory = createBooks(2);
  const writer = new BookWriter(memory);
  const staging = createStaging();
  const view = createView();
  const changes = new ChangeReader(memory);
  const plain = new PlainSides(depth);
  writer.attach(SLOT, depth);
  changes.read();
  changes.losses = 0; // a ring begins as a lost one
  let middle = 200_000;
  let truncated = 0;
  let message = 0;
  let known = true; // the book was never cut for want of room since the last snapshot
  for (const beat of script) {
    middle = Math.min(500_000, Math.max(60_000, middle + beat.drift));
    const frame = toFrame(beat, middle, ++message, plain);
    const said = frame.snapshot ? [new Map(), new Map()] : plain.maps.map((map) => new Map(map));
    for (const level of frame.levels) said[level.side]?.set(level.tick, level.lot);
    plain.apply(frame);
    stage(staging, grid, frame);
    const applied = frame.snapshot ? writer.applySnapshot(SLOT, grid, staging) : writer.applyDelta(SLOT, grid, staging);
    agree('read', readBook(memory, SLOT, view), true);
    const cut = memory.words[TRUNCATED] === 1;
    if (cut) truncated++;
    for (const side of [0, 1] as const) {
      const { levels, total, faults } = inspectSide(memory, SLOT, side);
      agree('faults', faults.join(), '');
      for (const [tick, size] of levels)
        if (said[side]?.get(tick) !== size) throw new Error(`nobody said ${size} at ${tick}`);
      const there = plain.side(side);
      agree('view', text(viewSide(view, side)), text(levels));
      agree('total', view.totals[side], total);
      agree('too deep', levels.length > depth, false);
      agree('best', writer.bestTick(SLOT, side), bestOf(levels));
      if (!cut) agree('levels', text(levels), text(there));
      else if ((known || frame.snapshot) && beat.changes.every(({ lot: size }) => size > 0)) {
        // The first cut takes the farthest (B13); what a removal makes room for afterwards was never told twice.
        agree('best levels', text(levels), text(there.slice(0, levels.length)));
        agree('cut', levels.length === there.length || levels.length >= OVERFLOW_LEVELS, true);
      }
    }
    known = frame.snapshot ? !cut : known && !cut;
    if (!cut) agree('applied', applied, plain.isCrossed() ? CROSSED : APPLIED);
    agree('trust', view.trust, applied === APPLIED ? LIVE : SUSPECT);
    // Once levels were cut the plain book knows more than anybody can: it goes on with what is left.
    if (cut) {
      for (const side of [0, 1] as const) {
        plain.maps[side].clear();
        for (const [tick, size] of viewSide(view, side)) plain.maps[side].set(tick, size);
      }
    }
    if (!beat.drain) continue;
    const closes = changes.read();
    agree('changes', changes.faults.join(), '');
    const last = closes.at(-1);
    for (const side of [0, 1] as const) agree('told', text(changes.side(side)), text(viewSide(view, side)));
    if (last === undefined) continue;
    const sides = [viewSide(view, 0), viewSide(view, 1)] as const;
    const { entries: _, ...close } = last;
    agree('close', close, {
      u: message,
      cts: cts(message),
      message,
      best: sides.map(bestOf),
      worst: sides.map(worstOf),
      full: (sides[0].length === depth ? 1 : 0) | (sides[1].length === depth ? 2 : 0),
      reset: frame.snapshot,
    });
    agree(
      'messages',
      closes.map((one) => one.message),
      closes.map((_close, i) => message - closes.length + 1 + i),
    );
  }
  writer.detach(SLOT);
  const ladders = memory.numbers.subarray(LADDER_AT, LADDER_AT + 2 * WINDOW_TICKS);
  agree('left behind', [ladders.findIndex((size) => size !== 0), inspectSide(memory, SLOT, 0).faults.length], [-1, 0]);
  agree('left cut', memory.words[TRUNCATED], 0);
  return { truncated, losses: changes.losses };
}

test.each([50, 200, 1_000])(
  'B13 B14 B15: a book of depth %i is the sorted map of its frames, whatever the prices do',
  (depth) => {
    fc.assert(
      fc.property(fc.constantFrom(...GRIDS), beats(12_000, 60, 30), (grid, script) => {
        play(grid, depth, script);
      }),
      { numRuns: 30, endOnFailure: true },
    );
  },
);

test('B13: with more sparse levels than it has room for a book keeps the best ones and says that it is cut', () => {
  fc.assert(
    fc.property(fc.constantFrom(...GRIDS), beats(50_000, 4_000, 8, 3_000), fc.boolean(), (grid, script, grows) => {
      const sparse = script.map((beat) => ({
        ...beat,
        changes: beat.changes
          .map((change) => ({ ...change, offset: 8 * change.offset }))
          .filter(({ lot: size }) => size > 0 || !grows),
      }));
      play(grid, 1_000, sparse);
    }),
    { numRuns: 12, endOnFailure: true },
  );
  // 3,000 bids, 60 ticks apart, are more than a window and the overflow hold.
  const changes = Array.from({ length: 3_000 }, (_, i) => ({ side: 0 as const, offset: 60 * i, lot: 1 + i }));
  const beat: Beat = { snapshot: true, drift: 0, padding: 0, changes, drain: true };
  expect(play(GRIDS[0] as Grid, 1_000, [beat]).truncated).toBe(1);
  // The next snapshot shows all that there is.
  expect(play(GRIDS[0] as Grid, 1_000, [beat, { ...beat, changes: changes.slice(0, 9) }]).truncated).toBe(1);
});

test('a ring that nobody reads loses messages, says so, and begins anew with its reader', () => {
  const rarely = (script: readonly Beat[]) => script.map((beat, i) => ({ ...beat, drain: i % 40 === 39 }));
  fc.assert(
    fc.property(beats(200, 300, 60), (script) => {
      play(GRIDS[0] as Grid, 200, rarely(script));
    }),
    { numRuns: 12, endOnFailure: true },
  );
  // A hundred levels that change forty times over between two looks are more than the ring holds.
  const script = Array.from({ length: 80 }, (_, i): Beat => {
    const changes = Array.from({ length: 100 }, (__, n) => ({ side: 0 as const, offset: n, lot: 1 + i }));
    return { snapshot: i === 0, drift: 0, padding: 0, changes, drain: false };
  });
  expect(play(GRIDS[0] as Grid, 200, rarely(script)).losses).toBe(2);
});
