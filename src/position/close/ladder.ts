// Over which path is a close sent next? (failure-modes 8: every path, one that timed out last, until the exchange says zero)
import type { Ms } from '../../lib/brand.ts';
import type { PositionSide } from '../../market/side.ts';
import type { Lot, Tick } from '../../market/units.ts';
import type { Answer } from '../../order/gateway.ts';
import type { Path } from '../../order/words.ts';
import type { Contract } from '../trade/contract.ts';

export const PATHS: readonly Path[] = ['trade-socket', 'rest-1', 'rest-2'];
/** An attempt without an answer is given up after this, whatever the gateway says. */
export const ATTEMPT_MS = 2_000;
const BACKOFF_MS = [500, 1_000, 2_000] as const;
const ALL_DEAD_MS = 1_000;
export const ALERT_EVERY_MS = 10_000;

/** As a market order; at the end of the band, a limit (`edge`); as a market order of a number, where the first is of `all`. */
export type Means = 'market' | 'edge' | 'sized';

/** What was refused, or has found nothing to take, gives way to the next: one of them is taken in the end. */
const NEXT: Readonly<Record<Means, Means>> = { market: 'edge', edge: 'sized', sized: 'market' };

interface Underway {
  readonly path: Path;
  readonly linkId: string;
  readonly at: Ms;
}

export interface Ladder {
  readonly attempts: number;
  /** Attempts that were answered and left it open: the longer, the slower. */
  readonly unfinished: number;
  readonly means: Means;
  /** The exchange takes only so much at once. */
  readonly isChunked: boolean;
  /** How often a part was refused too. */
  readonly halvings: number;
  /** When each path last failed to answer. */
  readonly timedOutAt: Readonly<Partial<Record<Path, Ms>>>;
  /** Paths over which nothing left, since something last did. */
  readonly dead: readonly Path[];
  readonly lastPath: Path | undefined;
  readonly underway: readonly Underway[];
  readonly nextAt: Ms;
}

export function startLadder(now: Ms): Ladder {
  return {
    attempts: 0,
    unfinished: 0,
    means: 'market',
    isChunked: false,
    halvings: 0,
    timedOutAt: {},
    dead: [],
    lastPath: undefined,
    underway: [],
    nextAt: now,
  };
}

/** The paths to try now: one, all of them where every one is dead, none while there is something to wait for. */
export function pathsNow(ladder: Ladder, now: Ms, isUp: (path: Path) => boolean): readonly Path[] {
  if (ladder.underway.length > 0 || now < ladder.nextAt) return [];
  const alive = PATHS.filter((path) => isUp(path) && !ladder.dead.includes(path));
  if (alive.length === 0) return PATHS;
  const ranked = [...alive].sort((a, b) => (ladder.timedOutAt[a] ?? -1) - (ladder.timedOutAt[b] ?? -1));
  // Not flat after an answered attempt: the next path, of those that answer.
  const answering = ranked.filter((path) => ladder.timedOutAt[path] === undefined);
  const pool = answering.length > 0 ? answering : ranked.slice(0, 1);
  const last = ladder.lastPath === undefined ? -1 : pool.indexOf(ladder.lastPath);
  return [pool[(last + 1) % pool.length] as Path];
}

export function attempted(
  ladder: Ladder,
  paths: readonly Path[],
  linkIds: readonly string[],
  isFan: boolean,
  now: Ms,
): Ladder {
  return {
    ...ladder,
    attempts: ladder.attempts + 1,
    lastPath: isFan ? undefined : paths[0],
    // In the state in which nothing goes out, one attempt a second over all of them: nobody waits for the others' silence.
    underway: isFan ? [] : paths.map((path, i) => ({ path, linkId: linkIds[i] as string, at: now })),
    dead: isFan ? [] : ladder.dead,
    nextAt: (isFan ? now + ALL_DEAD_MS : now) as Ms,
  };
}

/** What an answer makes of it. An order of the fan is not under way any more and only tells of its path. */
export function answered(ladder: Ladder, linkId: string, path: Path, answer: Answer, now: Ms): Ladder {
  const underway = ladder.underway.filter((other) => other.linkId !== linkId);
  const one = ladder.underway.find((other) => other.linkId === linkId);
  switch (answer.outcome) {
    case 'not-sent': {
      const dead = ladder.dead.includes(path) ? ladder.dead : [...ladder.dead, path];
      const isAll = dead.length >= PATHS.length;
      const nextAt = isAll && one !== undefined ? ((now + ALL_DEAD_MS) as Ms) : ladder.nextAt;
      return { ...ladder, underway, dead, nextAt };
    }
    case 'unknown': {
      const doubted = { ...ladder, underway, timedOutAt: { ...ladder.timedOutAt, [path]: now } };
      // A server that restarts says so for minutes, and as often as it is asked: the second time it gets its pause, like any attempt.
      const isAgain = one !== undefined && ladder.timedOutAt[path] !== undefined;
      return isAgain ? rested(doubted, one.at) : doubted;
    }
    case 'accepted': {
      // A part was taken: the limit may have gone, and by parts of what is left nothing ever ends, so the whole is next.
      const isChunked = ladder.isChunked && ladder.halvings === 0;
      return rested({ ...works(ladder, path), underway, isChunked }, now);
    }
    case 'refused':
      return refused({ ...works(ladder, path), underway }, answer.class, now);
  }
}

/** Its answer never came: the gateway owes one, and a close does not wait for it. */
export function overdue(ladder: Ladder, now: Ms): Ladder {
  const late = ladder.underway.filter(({ at }) => now - at >= ATTEMPT_MS);
  const timedOutAt = { ...ladder.timedOutAt };
  for (const { path } of late) timedOutAt[path] = now;
  return { ...ladder, timedOutAt, underway: ladder.underway.filter(({ at }) => now - at < ATTEMPT_MS) };
}

/** An attempt that was accepted ended without any fill: nothing was there to take, or its report rejects it. */
export function closedNothing(ladder: Ladder): Ladder {
  return { ...ladder, means: NEXT[ladder.means] };
}

/** Its stop has just gone: the pause was for something that was protected, and no silence is waited for any more. */
export function hurried(ladder: Ladder, now: Ms): Ladder {
  const timedOutAt = { ...ladder.timedOutAt };
  for (const { path } of ladder.underway) timedOutAt[path] = now;
  return { ...ladder, underway: [], timedOutAt, nextAt: now };
}

/** A path has come back: it is tried at once. */
export function returned(ladder: Ladder, path: Path, now: Ms): Ladder {
  const wasDead = ladder.dead.length > 0 || ladder.lastPath === undefined;
  return { ...works(ladder, path), nextAt: wasDead ? now : ladder.nextAt };
}

/** The price at which an order in the band is as willing as it can be. A band as wide as the mark leaves the lowest price there is. */
export function bandEdge(side: PositionSide, mark: Tick, ratio: number): Tick {
  return (side === 'long' ? Math.max(1, Math.ceil(mark * (1 - ratio))) : Math.floor(mark * (1 + ratio))) as Tick;
}

/** How much one order takes: `all` as long as nothing stands against it. */
export function portion(
  ours: number,
  isShared: boolean,
  { means, isChunked, halvings }: Pick<Ladder, 'means' | 'isChunked' | 'halvings'>,
  { lotsMin, lotsMaxMarket, lotsMaxLimit }: Pick<Contract, 'lotsMin' | 'lotsMaxMarket' | 'lotsMaxLimit'>,
): Lot | 'all' {
  const size = Math.abs(ours);
  const most = means === 'edge' ? lotsMaxLimit : lotsMaxMarket;
  if (!isShared && means === 'market' && !isChunked && size <= most) return 'all';
  const whole = Math.min(size, most);
  return (isChunked ? Math.min(whole, Math.max(lotsMin, Math.floor(whole / 2 ** halvings))) : whole) as Lot;
}

function works(ladder: Ladder, path: Path): Ladder {
  const timedOutAt = { ...ladder.timedOutAt };
  delete timedOutAt[path];
  return { ...ladder, timedOutAt, dead: ladder.dead.filter((one) => one !== path) };
}

/** Time for the fills to be told, or for the exchange to recover, before another one leaves. */
function rested(ladder: Ladder, from: Ms): Ladder {
  const wait = BACKOFF_MS[Math.min(ladder.unfinished, BACKOFF_MS.length - 1)] as number;
  return { ...ladder, unfinished: ladder.unfinished + 1, nextAt: (from + wait) as Ms };
}

function refused(ladder: Ladder, group: Extract<Answer, { outcome: 'refused' }>['class'], now: Ms): Ladder {
  switch (group) {
    // Too much, or too little: parts and the whole are tried in turn, and each time the parts are smaller.
    case 'limits':
      return ladder.isChunked
        ? rested({ ...ladder, means: NEXT[ladder.means], isChunked: false, halvings: ladder.halvings + 1 }, now)
        : { ...ladder, isChunked: true, nextAt: ladder.halvings === 0 ? now : rested(ladder, now).nextAt };
    // Its id was used before, by an attempt that a crash made us forget; or the clock has just been put right.
    case 'duplicate':
    case 'clock':
      return ladder.attempts < 3 ? { ...ladder, nextAt: now } : rested(ladder, now);
    // An edge may lie beyond what the exchange takes for a price at all, or between the ticks of a grid that is not known yet; market
    // orders it may suspend, by a code that nobody knows; `all` is spelt as size 0, with a flag that no other order has; and of a size
    // that somebody's resting reduce-only orders have claimed nothing is left to close, but by an order that goes before them (110017).
    default:
      return rested({ ...ladder, means: NEXT[ladder.means] }, now);
  }
}
