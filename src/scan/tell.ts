// hot: a few times a second per symbol; allocates nothing.
// How does a life's record become an event?
import { claim, commit } from '../lib/ring.ts';
import { VIEW_EXCHANGE, VIEW_MESSAGE, VIEW_RECEIVED, VIEW_UPDATE } from '../book/read.ts';
import {
  E_ADJUSTED,
  E_CLUSTER,
  E_CONFIRMED,
  E_CRITERIA,
  E_CROSSED,
  E_CURRENT,
  E_EATEN,
  E_EPOCH,
  E_EXCHANGE,
  E_FIRST_SEEN,
  E_HIGH,
  E_INITIAL,
  E_KIND,
  E_LABEL,
  E_LIFE,
  E_LOW,
  E_MASK,
  E_MESSAGE,
  E_MIDDLE,
  E_NEW_TERRITORY,
  E_PEAK,
  E_PRICE,
  E_PRIORITY,
  E_PULLED,
  E_RECEIVED,
  E_REFILLED,
  E_RELATIVE,
  E_ROUND,
  E_RPI,
  E_SHARE,
  E_SHARE_THRESHOLD,
  E_SIDE,
  E_SIGNAL_KIND,
  E_SLOT,
  E_STAMP,
  E_STATE,
  E_TENANCY,
  E_TOUCHES,
  E_TRADED,
  E_TYPICAL,
  E_UPDATE,
  EROSION,
  LABEL,
} from './event.ts';
import {
  ABRIDGED,
  L_ADJUSTED,
  L_CLUSTER,
  L_CONFIRMED,
  L_CROSSED,
  L_CURRENT,
  L_EATEN,
  L_FIRST_SEEN,
  L_GONE_AT,
  L_HIGH,
  L_ID,
  L_INITIAL,
  L_LAST_SEEN,
  L_LOW,
  L_PEAK,
  L_PRICE,
  L_PULLED,
  L_REFILLED,
  L_RELATIVE,
  L_ROUND,
  L_RPI,
  L_SHARE,
  L_SHARE_THRESHOLD,
  L_SIDE,
  L_STATE,
  L_STORED_AT,
  L_TOUCHES,
  L_TRADED,
  L_TYPICAL,
  SLOT_WORDS,
  TENANCY,
} from './layout.ts';
import type { Workspace } from './workspace.ts';

const COPIED: readonly (readonly [event: number, life: number])[] = [
  [E_LIFE, L_ID],
  [E_SIDE, L_SIDE],
  [E_LOW, L_LOW],
  [E_HIGH, L_HIGH],
  [E_PRICE, L_PRICE],
  [E_STATE, L_STATE],
  [E_FIRST_SEEN, L_FIRST_SEEN],
  [E_CONFIRMED, L_CONFIRMED],
  [E_INITIAL, L_INITIAL],
  [E_PEAK, L_PEAK],
  [E_CURRENT, L_CURRENT],
  [E_EATEN, L_EATEN],
  [E_PULLED, L_PULLED],
  [E_REFILLED, L_REFILLED],
  [E_TRADED, L_TRADED],
  [E_ADJUSTED, L_ADJUSTED],
  [E_RPI, L_RPI],
  [E_TOUCHES, L_TOUCHES],
  [E_CROSSED, L_CROSSED],
  [E_ROUND, L_ROUND],
  [E_CLUSTER, L_CLUSTER],
  [E_RELATIVE, L_RELATIVE],
  [E_SHARE, L_SHARE],
  [E_TYPICAL, L_TYPICAL],
  [E_SHARE_THRESHOLD, L_SHARE_THRESHOLD],
];
const FROM = new Int32Array(COPIED.map(([, life]) => life));
const INTO = new Int32Array(COPIED.map(([event]) => event));

/**
 * Writes an event about the life at `life` and returns where it lies, for the caller to add to before `publish`;
 * −1 where the ring is full (counted there).
 */
export function draft(work: Workspace, slot: number, life: number, kind: number): number {
  const at = claim(work.events);
  if (at < 0) return -1;
  const out = work.events.numbers;
  const lives = work.lives.numbers;
  const stamps = work.view.stamps;
  for (let i = 0; i < FROM.length; i++) out[at + (INTO[i] as number)] = lives[life + (FROM[i] as number)] as number;
  out[at + E_KIND] = kind;
  out[at + E_SLOT] = slot;
  out[at + E_TENANCY] = work.lives.words[slot * SLOT_WORDS + TENANCY] as number;
  out[at + E_EPOCH] = work.view.epoch;
  out[at + E_MESSAGE] = stamps[VIEW_MESSAGE] as number;
  out[at + E_UPDATE] = stamps[VIEW_UPDATE] as number;
  // A book that was emptied, for another symbol or for none, has no time: then it is that of the last look at the life.
  const exchange = stamps[VIEW_EXCHANGE] as number;
  out[at + E_EXCHANGE] = exchange === 0 ? lastLook(lives, life) : exchange;
  out[at + E_RECEIVED] = stamps[VIEW_RECEIVED] as number;
  out[at + E_LABEL] = 0;
  out[at + E_SIGNAL_KIND] = 0;
  out[at + E_MASK] = 0;
  out[at + E_PRIORITY] = 0;
  out[at + E_MIDDLE] = 0;
  out[at + E_NEW_TERRITORY] = 0;
  for (let i = E_CRITERIA; i < E_NEW_TERRITORY; i++) out[at + i] = 0;
  work.stampNow(work.stamp);
  out[at + E_STAMP] = work.stamp[0] as number;
  return at;
}

function lastLook(lives: Float64Array, life: number): number {
  const told = Math.max(lives[life + L_GONE_AT] as number, lives[life + L_STORED_AT] as number);
  return Math.max(lives[life + L_LAST_SEEN] as number, told);
}

export function publish(work: Workspace): void {
  commit(work.events);
}

/** Tells what has become of a life. */
export function tell(work: Workspace, slot: number, life: number, kind: number): void {
  if (isAbridged(work, slot) && !isOfNote(work, life, kind)) return;
  if (draft(work, slot, life, kind) >= 0) publish(work);
}

export function tellLabel(work: Workspace, slot: number, life: number, label: number): void {
  if (isAbridged(work, slot) && work.lives.numbers[life + L_CONFIRMED] === 0) return;
  const at = draft(work, slot, life, LABEL);
  if (at < 0) return;
  work.events.numbers[at + E_LABEL] = label;
  publish(work);
}

function isAbridged({ lives }: Workspace, slot: number): boolean {
  return lives.words[slot * SLOT_WORDS + ABRIDGED] === 1;
}

/** Of one that has been confirmed: that it just has, and how it erodes. */
function isOfNote({ lives, time }: Workspace, life: number, kind: number): boolean {
  const confirmed = lives.numbers[life + L_CONFIRMED];
  return confirmed !== 0 && (kind === EROSION || confirmed === time[0]);
}
