// Which part of a list fits into one answer, and how does the next request go on from there?
import type { Params } from '../venue/venue.ts';
import { type Refusal, refusal } from '../venue/model.ts';
import { textOf } from './answer.ts';

const DAY_MS = 86_400_000;
const WINDOW_MS_MAX = 7 * DAY_MS;

export interface PageSize {
  readonly usual: number;
  readonly most: number;
  /** A page with rows has a cursor even where it is the last one. */
  readonly cursorAtEnd?: boolean;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** Already percent-encoded, as the exchange hands it out; empty where there is nothing behind it. */
  readonly cursor: string;
}

/** A row's place in a list that is newest first: its name and its time. */
export type PlaceOf<T> = (row: T) => readonly [id: string, ms: number];

export function pageOf<T>(rows: readonly T[], params: Params, size: PageSize, placeOf: PlaceOf<T>): Page<T> | Refusal {
  const limit = Number(textOf(params, 'limit') ?? size.usual);
  if (!Number.isInteger(limit) || limit < 1 || limit > size.most)
    return refusal(10_001, 'params error: limit is invalid');
  const start = startOf(rows, textOf(params, 'cursor'), placeOf);
  if (start === undefined) return refusal(10_001, 'params error: cursor is invalid');
  const page = rows.slice(start, start + limit);
  const last = page.at(-1);
  const more = start + limit < rows.length || size.cursorAtEnd === true;
  return { rows: page, cursor: more && last !== undefined ? encodeURIComponent(placeOf(last).join(':')) : '' };
}

/** The row after the one that a cursor names; what has come in since moves nothing, what has gone is skipped. */
function startOf<T>(rows: readonly T[], cursor: string | undefined, placeOf: PlaceOf<T>): number | undefined {
  if (cursor === undefined) return 0;
  // It comes back as it was given, percent-encoded once more or not.
  const match = /^(.*)(?::|%3A)(\d+)$/.exec(cursor);
  if (match === null) return undefined;
  const [name, ms] = [match[1], Number(match[2])];
  const at = rows.findIndex((row) => placeOf(row)[0] === name && placeOf(row)[1] === ms);
  if (at >= 0) return at + 1;
  const older = rows.findIndex((row) => placeOf(row)[1] < ms);
  return older < 0 ? rows.length : older;
}

/** From when to when a history is asked for: at most a week, by default the last `usualDays`. */
export function windowOf(
  params: Params,
  nowMs: number,
  usualDays = 7,
): { readonly fromMs: number; readonly toMs: number } | Refusal {
  const [start, end] = ['startTime', 'endTime'].map((name) => textOf(params, name));
  if (![start, end].every((text) => text === undefined || /^\d{1,15}$/.test(text)))
    return refusal(10_001, 'params error: startTime or endTime is invalid');
  const usual = usualDays * DAY_MS;
  // Whoever names no end gets the newest, also while the exchange's clock is behind its market.
  if (start === undefined && end === undefined) return { fromMs: nowMs - usual, toMs: Infinity };
  const toMs = end === undefined ? Number(start) + usual : Number(end);
  const fromMs = start === undefined ? toMs - usual : Number(start);
  if (fromMs > toMs) return refusal(10_001, 'params error: startTime is after endTime');
  if (toMs - fromMs > WINDOW_MS_MAX)
    return refusal(10_001, 'The interval between the startTime and endTime cannot exceed 7 days.');
  return { fromMs, toMs };
}
