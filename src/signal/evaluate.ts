// hot: once per scan, for densities that have been confirmed; allocates nothing.
// Does a density give a reason to enter now, and if not, why not?
import { OLDER_MS_MAX } from '../book/exchange-time.ts';
import { VIEW_EXCHANGE } from '../book/read.ts';
import {
  BOUNCE,
  BREAKOUT,
  CANDIDATE,
  CRITERIA,
  E_CRITERIA,
  E_MASK,
  E_MIDDLE,
  E_NEW_TERRITORY,
  E_PRIORITY,
  E_SIGNAL_KIND,
  SIGNAL,
} from '../scan/event.ts';
import {
  CONFIRMED,
  COOLDOWN_UNTIL,
  ERODING,
  GONE,
  HEADER_AT,
  L_BOUNCE_MASK,
  L_BREAKOUT_AT,
  L_BREAKOUT_MASK,
  L_CONFIRMED,
  L_OUT_AT,
  L_SIDE,
  L_STATE,
  L_TOLD_AT,
  L_TOUCHING,
  LIFE_COUNT,
  lifeAt,
  PARAMS_AT,
  SLOT_NUMBERS,
  SLOT_WORDS,
} from '../scan/layout.ts';
import { P_COOLDOWN_MS } from '../scan/params.ts';
import { draft, publish } from '../scan/tell.ts';
import type { Workspace } from '../scan/workspace.ts';
import { followTouch, judgeBounce, SPENT } from './bounce.ts';
import { judgeBreakout } from './breakout.ts';
import { ALL_PASSED, createJudgement, type Judgement } from './criteria.ts';
import { isNewTerritory } from './extrema.ts';
import { readTrend, trendStrength } from './trend.ts';

/** Between two tellings of one density whose criteria flicker. A signal is never held back. */
const CANDIDATE_TOLD_MS = 250;

const judgement: Judgement = createJudgement();
/** By side: its best tick, and how many ticks it shows. */
const best = new Int32Array(2);
const span = new Int32Array(2);

/** Judges every density of a slot. The book in the view must be live and have both sides; `middle` is twice its mid. */
export function evaluate(work: Workspace, slot: number, middle: number): void {
  const { words, numbers } = work.lives;
  const params = slot * SLOT_NUMBERS + PARAMS_AT;
  const trend = readTrend(work, slot, middle);
  const count = words[slot * SLOT_WORDS + LIFE_COUNT] as number;
  look(work, 0);
  look(work, 1);
  for (let place = 0; place < count; place++) {
    const life = lifeAt(work.lives, slot, place);
    if (numbers[life + L_CONFIRMED] === 0 || numbers[life + L_OUT_AT] !== 0) continue;
    const state = numbers[life + L_STATE] as number;
    const side = numbers[life + L_SIDE] as 0 | 1;
    const opposite = best[1 - side] as number;
    const shown = span[side] as number;
    // Also while it erodes: the price comes and goes all the same, and a touch that ends then has ended.
    if (state !== GONE) followTouch(numbers, life, params, opposite, shown);
    if (state === CONFIRMED) {
      judgeBounce(numbers, life, params, opposite, shown, trend, work.time, judgement);
      const fires = judgement.mask === ALL_PASSED && numbers[life + L_TOUCHING] !== SPENT;
      conclude(work, slot, life, BOUNCE, L_BOUNCE_MASK, fires, middle, trend);
    }
    if (state === ERODING || state === GONE || numbers[life + L_BREAKOUT_MASK] === -1) {
      judgeBreakout(numbers, life, params, middle, trend, work.time, judgement);
      const fires = judgement.mask === ALL_PASSED && numbers[life + L_BREAKOUT_AT] === 0;
      conclude(work, slot, life, BREAKOUT, L_BREAKOUT_MASK, fires, middle, trend);
    }
  }
}

/** Tells a signal, or a candidate whose set of passed criteria has changed. */
function conclude(
  work: Workspace,
  slot: number,
  life: number,
  kind: number,
  lastMask: number,
  fires: boolean,
  middle: number,
  trend: number,
): void {
  const { numbers } = work.lives;
  if (!fires && numbers[life + lastMask] === judgement.mask) return;
  const now = work.time[0] as number;
  const header = slot * SLOT_NUMBERS + HEADER_AT;
  const cooldown = numbers[slot * SLOT_NUMBERS + PARAMS_AT + P_COOLDOWN_MS] as number;
  const left = (numbers[header + COOLDOWN_UNTIL] as number) - now;
  // More than that is left only of one that was set at a time from the future.
  const cool = left <= 0 || left > cooldown + OLDER_MS_MAX;
  if (fires && cool) {
    if (!report(work, slot, life, kind, SIGNAL, middle, trend)) return;
    numbers[header + COOLDOWN_UNTIL] = now + cooldown;
    if (kind === BREAKOUT) numbers[life + L_BREAKOUT_AT] = now;
    else numbers[life + L_TOUCHING] = SPENT;
  } else {
    const first = numbers[life + lastMask] === -1;
    if (numbers[life + lastMask] === judgement.mask) return;
    if (!first && now - (numbers[life + L_TOLD_AT] as number) < CANDIDATE_TOLD_MS) return;
    if (!report(work, slot, life, kind, CANDIDATE, middle, trend)) return;
  }
  numbers[life + lastMask] = judgement.mask;
  numbers[life + L_TOLD_AT] = now;
}

function report(
  work: Workspace,
  slot: number,
  life: number,
  kind: number,
  event: number,
  middle: number,
  trend: number,
): boolean {
  const at = draft(work, slot, life, event);
  if (at < 0) return false;
  const out = work.events.numbers;
  // A breakout of an ask and a bounce off a bid are long.
  const up = (kind === BREAKOUT) === (work.lives.numbers[life + L_SIDE] === 1);
  const fresh = isNewTerritory(work.tape, slot, up, middle, work.view.stamps[VIEW_EXCHANGE] as number);
  out[at + E_SIGNAL_KIND] = kind;
  out[at + E_MASK] = judgement.mask;
  out[at + E_MIDDLE] = middle;
  out[at + E_NEW_TERRITORY] = fresh ? 1 : 0;
  out[at + E_PRIORITY] = (fresh ? 2 : 1) * trendStrength(trend);
  for (let i = 0; i < CRITERIA; i++) {
    out[at + E_CRITERIA + 2 * i] = judgement.values[i] as number;
    out[at + E_CRITERIA + 2 * i + 1] = judgement.thresholds[i] as number;
  }
  publish(work);
  return true;
}

function look(work: Workspace, side: 0 | 1): void {
  const levels = work.view.sides[side];
  const first = levels.tickAt(levels.from);
  best[side] = first;
  span[side] = Math.abs(first - levels.tickAt(levels.end - 1));
}
