// hot: once per changed level, and once per scan; a few ns for each level near the change; allocates nothing but room for more.
// What does a scan remember of one side of a book, so that the next one costs what has changed and not what is there?
import { placeOf, type Levels } from '../book/levels.ts';
import { addUp, adjust, createRangeSum, moveEnd, notionalOf, type RangeSum } from './range-sum.ts';

/** Heavy windows are remembered from this part of what is asked now: what is asked moves with every message. */
const FLOOR_PART = 0.96;
/** Above so many times the floor too many are remembered in vain. */
const FLOOR_TIMES_MAX = 1.2;
const HEAVY_MIN = 64;

export interface SideMemory {
  /** False: nothing is, all must be looked at. */
  known: boolean;
  /** Ticks, from the touch outward, of levels from which on a window holds at least `floor`; some that no longer do. */
  heavy: Int32Array;
  heavyCount: number;
  /** Where those that do lie, as `findHeavy` found them. */
  places: Int32Array;
  count: number;
  /** Levels in a window. */
  length: number;
  /** [notional units] */
  readonly floor: Float64Array;
  /** The levels of which a density must be a share. */
  readonly band: RangeSum;
  /** The levels whose weight is the pressure of the book. */
  readonly pressure: RangeSum;
}

export function createSideMemory(): SideMemory {
  return {
    known: false,
    heavy: new Int32Array(HEAVY_MIN),
    heavyCount: 0,
    places: new Int32Array(HEAVY_MIN),
    count: 0,
    length: 0,
    floor: new Float64Array(1),
    band: createRangeSum(),
    pressure: createRangeSum(),
  };
}

/** The side has changed by [side, tick, old lots, new lots] at `entry` of `entries`; `place` is what `takeChange` said of it. */
export function noteChange(
  memory: SideMemory,
  levels: Levels,
  place: number,
  entries: Float64Array,
  entry: number,
): void {
  if (!memory.known) return;
  adjust(memory.pressure, entries, entry);
  // Windows that begin beyond the band are looked at when the band comes to them.
  if (!adjust(memory.band, entries, entry)) return;
  const lot = entries[entry + 3] as number;
  // Less of what stays makes no window heavier.
  if (lot !== 0 && lot < (entries[entry + 2] as number)) return;
  const first = place - memory.length + 1;
  lookAt(memory, levels, entries[entry] as number, first, place + 1);
}

/** Remembers those of the places [first, last) whose window is heavy. */
function lookAt(memory: SideMemory, levels: Levels, side: number, first: number, last: number): void {
  const { ticks, units, from, end } = levels;
  const { length } = memory;
  const floor = memory.floor[0] as number;
  let i = first > from ? first : from;
  let next = i + length < end ? i + length : end;
  let sum = notionalOf(levels, i, next);
  const close = last < end ? last : end;
  for (; i < close; i++) {
    if (sum >= floor) remember(memory, side, ticks[i] as number);
    sum -= units[i] as number;
    if (next === end) continue;
    sum += units[next] as number;
    next++;
  }
}

function remember(memory: SideMemory, side: number, tick: number): void {
  const { heavy, heavyCount } = memory;
  let low = 0;
  let high = heavyCount;
  while (low < high) {
    const half = (low + high) >> 1;
    const other = heavy[half] as number;
    if (side === 0 ? other > tick : other < tick) low = half + 1;
    else high = half;
  }
  if (low < heavyCount && heavy[low] === tick) return;
  if (heavyCount === heavy.length) makeRoom(memory, 2 * heavyCount);
  memory.heavy.copyWithin(low + 1, low, heavyCount);
  memory.heavy[low] = tick;
  memory.heavyCount = heavyCount + 1;
}

/** Cold: made for the most that a side ever had. */
function makeRoom(memory: SideMemory, length: number): void {
  const heavy = new Int32Array(length);
  heavy.set(memory.heavy);
  memory.heavy = heavy;
  memory.places = new Int32Array(length);
}

/**
 * Finds the places before `within`, from the touch outward, of all windows of `length` levels that hold `asked[0]` notional
 * units, and of few others. The band must have been measured.
 */
export function findHeavy(
  memory: SideMemory,
  levels: Levels,
  side: number,
  within: number,
  length: number,
  asked: Float64Array,
): void {
  const least = asked[0] as number;
  const floor = memory.floor[0] as number;
  if (!memory.known || memory.length !== length || least < floor || least > floor * FLOOR_TIMES_MAX) {
    memory.length = length;
    memory.floor[0] = least * FLOOR_PART;
    findAll(memory, levels, within);
  } else findRemembered(memory, levels, side, within);
}

function findAll(memory: SideMemory, levels: Levels, within: number): void {
  const { ticks, units, from, end } = levels;
  const { length } = memory;
  const floor = memory.floor[0] as number;
  if (memory.heavy.length < within - from) makeRoom(memory, within - from);
  let count = 0;
  let next = from + length < end ? from + length : end;
  let sum = notionalOf(levels, from, next);
  for (let i = from; i < within; i++) {
    if (sum >= floor) {
      memory.heavy[count] = ticks[i] as number;
      memory.places[count++] = i;
    }
    sum -= units[i] as number;
    if (next === end) continue;
    sum += units[next] as number;
    next++;
  }
  memory.heavyCount = count;
  memory.count = count;
}

function findRemembered(memory: SideMemory, levels: Levels, side: number, within: number): void {
  const { ticks, end } = levels;
  const { heavy, places, length } = memory;
  const floor = memory.floor[0] as number;
  let count = 0;
  let place = levels.from;
  for (let k = 0; k < memory.heavyCount; k++) {
    const tick = heavy[k] as number;
    // Windows overlap: mostly the next one begins at the next level.
    if (place + 1 < end && ticks[place + 1] === tick) place++;
    else place = placeOf(levels, side, tick, place);
    if (place >= within) break;
    if (ticks[place] !== tick) continue;
    if (notionalOf(levels, place, place + length < end ? place + length : end) < floor) continue;
    heavy[count] = tick;
    places[count++] = place;
  }
  memory.heavyCount = count;
  memory.count = count;
}

/** Brings the sum over the band, the levels before `within`, up to date. */
export function measure(memory: SideMemory, levels: Levels, side: number, within: number): void {
  if (!memory.known) addUp(memory.band, levels, side, within);
  else {
    const was = moveEnd(memory.band, levels, side, within);
    if (was < within) lookAt(memory, levels, side, was - memory.length + 1, within);
  }
}

/** The same for the pressure. */
export function measurePressure(memory: SideMemory, levels: Levels, side: number, within: number): void {
  if (memory.known) moveEnd(memory.pressure, levels, side, within);
  else addUp(memory.pressure, levels, side, within);
}
