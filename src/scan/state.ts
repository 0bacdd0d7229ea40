// hot: for the few lives of one symbol, once per scan; allocates nothing.
// In which state is each life after this scan, and which end? (strategy 3)
import { EROSION, STATE } from './event.ts';
import {
  CONFIRMED,
  ERODING,
  FORMING,
  GONE,
  L_CONFIRMED,
  L_CURRENT,
  L_DETECTED,
  L_FALL_AT,
  L_FALL_BASE,
  L_FIRST_SEEN,
  L_GONE_AT,
  L_OUT_AT,
  L_PEAK,
  L_STATE,
  L_STORED_AT,
  L_STORED_TENTH,
  L_WINDOW_PEAK,
  LIFE_COUNT,
  lifeAt,
  OUT_OF_VIEW,
  PARAMS_AT,
  SLOT_NUMBERS,
  SLOT_WORDS,
} from './layout.ts';
import { endLife, isVanished, labelBySums, restartPeak } from './life.ts';
import { P_BREAKOUT_MS, P_LIFETIME_MS, P_OUT_OF_VIEW_MS } from './params.ts';
import { tell } from './tell.ts';
import type { Workspace } from './workspace.ts';

const ERODING_PART = 0.9;
const FALL_PART = 0.98;
const EROSION_TOLD_MS = 1_000;

/** Moves every life of a slot to its state of now and ends those whose time is over. */
export function advance(work: Workspace, slot: number): void {
  const { words, numbers } = work.lives;
  const now = work.time[0] as number;
  const params = slot * SLOT_NUMBERS + PARAMS_AT;
  for (let place = (words[slot * SLOT_WORDS + LIFE_COUNT] as number) - 1; place >= 0; place--) {
    const life = lifeAt(work.lives, slot, place);
    const out = numbers[life + L_OUT_AT] as number;
    if (out !== 0) {
      // What cannot be seen neither grows nor falls; what was gone before stays gone.
      if (numbers[life + L_STATE] === GONE) expire(work, slot, place);
      else if (now - out >= (numbers[params + P_OUT_OF_VIEW_MS] as number)) endLife(work, slot, place, OUT_OF_VIEW);
      continue;
    }
    const before = numbers[life + L_STATE] as number;
    const after = nextState(numbers, life, params, work.time);
    if (after !== before) {
      numbers[life + L_STATE] = after;
      enter(numbers, life, params, after, work.time);
      tell(work, slot, life, STATE);
    } else if (after === ERODING) tellErosion(work, slot, life);
    if (after === GONE) expire(work, slot, place);
  }
}

/** A gone density is kept for a while: it may be broken through. Then it gets its label. */
function expire(work: Workspace, slot: number, place: number): void {
  const { numbers } = work.lives;
  const now = work.time[0] as number;
  const life = lifeAt(work.lives, slot, place);
  const window = numbers[slot * SLOT_NUMBERS + PARAMS_AT + P_BREAKOUT_MS] as number;
  if (now - (numbers[life + L_GONE_AT] as number) > window) endLife(work, slot, place, labelBySums(numbers, life));
}

function nextState(numbers: Float64Array, life: number, params: number, time: Float64Array): number {
  const now = time[0] as number;
  const lifetime = numbers[params + P_LIFETIME_MS] as number;
  if (isVanished(numbers, life)) return GONE;
  const detected = numbers[life + L_DETECTED] !== 0;
  switch (numbers[life + L_STATE]) {
    case GONE:
      return numbers[life + L_CONFIRMED] === 0 ? FORMING : ERODING;
    case FORMING:
      return detected && now - (numbers[life + L_FIRST_SEEN] as number) >= lifetime ? CONFIRMED : FORMING;
    case CONFIRMED:
      return (numbers[life + L_CURRENT] as number) < ERODING_PART * (numbers[life + L_WINDOW_PEAK] as number)
        ? ERODING
        : CONFIRMED;
    default:
      return stillErodes(numbers, life, params, time, detected) ? ERODING : CONFIRMED;
  }
}

/** Eroding ends when for a lifetime it has not fallen by over 2 % below what the last such fall left. */
function stillErodes(
  numbers: Float64Array,
  life: number,
  params: number,
  time: Float64Array,
  detected: boolean,
): boolean {
  const now = time[0] as number;
  const current = numbers[life + L_CURRENT] as number;
  const base = numbers[life + L_FALL_BASE] as number;
  if (current < FALL_PART * base) {
    numbers[life + L_FALL_AT] = now;
    numbers[life + L_FALL_BASE] = current;
    return true;
  }
  return !detected || now - (numbers[life + L_FALL_AT] as number) < (numbers[params + P_LIFETIME_MS] as number);
}

function enter(numbers: Float64Array, life: number, params: number, state: number, time: Float64Array): void {
  const now = time[0] as number;
  numbers[life + L_GONE_AT] = state === GONE ? now : 0;
  if (state === ERODING) {
    numbers[life + L_FALL_AT] = now;
    numbers[life + L_FALL_BASE] = numbers[life + L_CURRENT] as number;
  }
  if (state !== CONFIRMED) return;
  if (numbers[life + L_CONFIRMED] === 0) numbers[life + L_CONFIRMED] = now;
  // Confirmed anew at a smaller size: erosion is from now on a fall from there.
  else restartPeak(numbers, life, params, time);
}

function tellErosion(work: Workspace, slot: number, life: number): void {
  const now = work.time[0] as number;
  const { numbers } = work.lives;
  const peak = numbers[life + L_PEAK] as number;
  const tenth = Math.floor(((peak - (numbers[life + L_CURRENT] as number)) * 10) / peak);
  if (tenth <= (numbers[life + L_STORED_TENTH] as number)) return;
  if (now - (numbers[life + L_STORED_AT] as number) < EROSION_TOLD_MS) return;
  numbers[life + L_STORED_TENTH] = tenth;
  numbers[life + L_STORED_AT] = now;
  tell(work, slot, life, EROSION);
}
