// How well were the planted walls found and told apart? Judged by the market's own log and by nothing else of it.
//
// A planted wall is *positive* when for an unbroken stretch of at least twice the minimum life its notional exceeded every
// threshold × 1.2 inside the subscribed window of a symbol that was being watched. Those stretches are "that time". It is
// *found* when confirmed densities of its side and price were there for at least half of that time. A density counts from
// its confirmation to its end: eroding, it is still the confirmed density that a wall being eaten must be found by.
//
// A confirmed density is a *false positive* when it matches no planted wall and no natural level. A decoy is a wall only as
// far as the log's own view says that it could rightly be confirmed (threshold × 0.8 for the minimum life inside the
// window), a ladder never is. One that matches only what is not scored (a wall too small or too brief to be positive, a
// natural level) counts neither for nor against.
import { readTruth } from './truth-log.ts';
import type { Truth, TruthNatural, TruthWall } from './truth-log.ts';

const CLEAR_RATIO = 1.2;
const GREY_RATIO = 0.8;
const POSITIVE_LIFETIMES = 2;
const FOUND_SHARE = 0.5;

/** One density as the engine reported it; times are the exchange's. */
export interface ObservedLife {
  readonly id: number | string;
  readonly symbol: string;
  readonly side: 'bid' | 'ask';
  readonly lowPrice: string;
  readonly highPrice: string;
  readonly firstSeenMs: number;
  /** Null: never confirmed, and so never counted. */
  readonly confirmedMs: number | null;
  /** Null: alive at the end of the run. */
  readonly endedMs: number | null;
  readonly label: string | null;
}

export interface ScoreOptions {
  /** Exchange time of the last message that the engine has seen. */
  readonly endMs: number;
  /** When each symbol's book was followed: a wall that nobody looked at is not scored. */
  readonly watched: Iterable<{ readonly symbol: string; readonly fromMs: number; readonly toMs: number }>;
}

export interface Score {
  /** Confirmed densities that match a positive wall ÷ `detected`. */
  readonly precision: number;
  /** Positive walls found ÷ `planted`. */
  readonly recall: number;
  /** Found walls whose density got the label of their ending ÷ found walls whose ending was watched. */
  readonly labelAccuracy: number;
  /** Positive walls. */
  readonly planted: number;
  /** Confirmed densities that are scored: those that match a positive wall, and the false ones. */
  readonly detected: number;
  /** Found walls by ending, then by the label their density got. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface Judgement {
  readonly score: Score;
  /** Positive walls that were not found. */
  readonly missed: readonly TruthWall[];
  readonly falsePositives: readonly ObservedLife[];
  readonly mislabelled: readonly { readonly wall: TruthWall; readonly life: ObservedLife; readonly ending: string }[];
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const meets = (a: Span, b: Span): boolean => a.fromMs <= b.toMs && b.fromMs <= a.toMs;
const lengthMs = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + span.toMs - span.fromMs, 0);

function intersect(a: readonly Span[], b: readonly Span[]): Span[] {
  const parts = a.flatMap((one) =>
    b.map((two) => ({ fromMs: Math.max(one.fromMs, two.fromMs), toMs: Math.min(one.toMs, two.toMs) })),
  );
  return parts.filter((part) => part.fromMs <= part.toMs);
}

/** Overlapping and adjoining spans joined. */
function union(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last === undefined || span.fromMs > last.toMs) joined.push(span);
    else joined[joined.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
  }
  return joined;
}

/** When the wall stood inside the window with a ratio that `clears`. */
function viewSpans(wall: TruthWall, endMs: number, clears: (ratio: number) => boolean): Span[] {
  const wallEnd = wall.endedMs ?? Math.max(endMs, wall.view.at(-1)?.[0] ?? endMs);
  const spans = wall.view.flatMap(([fromMs, ratio, inView], i) => {
    const toMs = wall.view[i + 1]?.[0] ?? wallEnd;
    return inView === 1 && clears(ratio) && toMs > fromMs ? [{ fromMs, toMs }] : [];
  });
  return union(spans);
}

/** Numbers order and equal these texts exactly: a decimal of up to 15 digits has a double of its own. */
function pricesMeet(life: ObservedLife, lowPrice: string, highPrice: string): boolean {
  return Number(life.lowPrice) <= Number(highPrice) && Number(lowPrice) <= Number(life.highPrice);
}

const bookOf = (line: { readonly symbol: string; readonly side: string }): string => `${line.symbol} ${line.side}`;

interface ConfirmedLife {
  readonly life: ObservedLife;
  readonly confirmed: Span;
  readonly seen: Span;
}

/** A wall with the time in which it had to be found; empty where it is not positive. */
interface Subject {
  readonly wall: TruthWall;
  readonly due: readonly Span[];
  readonly watched: readonly Span[];
}

function subjectOf(wall: TruthWall, truth: Truth, watched: readonly Span[], endMs: number): Subject {
  const clear = wall.decoy === 'grid' ? [] : viewSpans(wall, endMs, (ratio) => ratio > CLEAR_RATIO);
  const due = intersect(clear, watched).filter(
    (span) => span.toMs - span.fromMs >= POSITIVE_LIFETIMES * truth.minLifetimeMs,
  );
  return { wall, due, watched };
}

/** When the wall could rightly be confirmed. */
function rightfulSpans(wall: TruthWall, minLifetimeMs: number, endMs: number): Span[] {
  if (wall.decoy === null) return [{ fromMs: wall.bornMs, toMs: wall.endedMs ?? endMs }];
  if (wall.decoy === 'grid') return [];
  return viewSpans(wall, endMs, (ratio) => ratio >= GREY_RATIO).filter(
    (span) => span.toMs - span.fromMs >= minLifetimeMs,
  );
}

/** How the wall had ended when the engine stopped looking; undefined where nobody saw it end. */
function endingSeen({ wall, watched }: Subject, endMs: number): string | undefined {
  const endedLater = wall.endedMs === null || wall.endedMs > endMs;
  const momentMs = endedLater ? endMs : wall.endedMs;
  if (!watched.some((span) => span.fromMs <= momentMs && momentMs <= span.toMs)) return undefined;
  return endedLater ? 'held' : wall.ending;
}

/** The density that was there longest tells the label; where it was absorbed, the size went on in another. */
function labelBearer(matches: readonly ConfirmedLife[], due: readonly Span[]): ConfirmedLife | undefined {
  const overlap = (one: ConfirmedLife): number => lengthMs(intersect([one.confirmed], due));
  const byOverlap = matches.toSorted((a, b) => overlap(b) - overlap(a));
  return byOverlap.find((one) => one.life.label !== 'absorbed') ?? byOverlap[0];
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** The score with what it is made of. With nothing to judge every figure is 0: an empty run proves nothing. */
export function judgeRun(
  truthLines: Iterable<string>,
  lives: Iterable<ObservedLife>,
  { endMs, watched }: ScoreOptions,
): Judgement {
  const truth = readTruth(truthLines);
  const watchedBySymbol = Map.groupBy(watched, (span) => span.symbol);
  const confirmed = [...lives].flatMap((life): ConfirmedLife[] => {
    if (life.confirmedMs === null) return [];
    const toMs = life.endedMs ?? endMs;
    return [{ life, confirmed: { fromMs: life.confirmedMs, toMs }, seen: { fromMs: life.firstSeenMs, toMs } }];
  });
  const confirmedByBook = Map.groupBy(confirmed, ({ life }) => bookOf(life));
  const subjects = truth.walls.map((wall) =>
    subjectOf(wall, truth, union(watchedBySymbol.get(wall.symbol) ?? []), endMs),
  );
  const positives = subjects.filter((subject) => subject.due.length > 0);

  const missed: TruthWall[] = [];
  const mislabelled: Judgement['mislabelled'][number][] = [];
  const confusion: Record<string, Record<string, number>> = {};
  const matching = new Set<ConfirmedLife>();
  let labelled = 0;
  for (const subject of positives) {
    const { wall, due } = subject;
    const matches = (confirmedByBook.get(bookOf(wall)) ?? []).filter(
      (one) => pricesMeet(one.life, wall.lowPrice, wall.highPrice) && due.some((span) => meets(span, one.confirmed)),
    );
    for (const one of matches) matching.add(one);
    const there = union(
      intersect(
        matches.map((one) => one.confirmed),
        due,
      ),
    );
    const bearer = labelBearer(matches, due);
    if (bearer === undefined || lengthMs(there) < FOUND_SHARE * lengthMs(due)) {
      missed.push(wall);
      continue;
    }
    const ending = endingSeen(subject, endMs);
    if (ending === undefined) continue;
    const { life } = bearer;
    const label = life.label ?? (life.endedMs === null ? 'held' : 'none');
    labelled += 1;
    const row = (confusion[ending] ??= {});
    row[label] = (row[label] ?? 0) + 1;
    if (label !== ending) mislabelled.push({ wall, life, ending });
  }

  const falsePositives = findFalse(
    confirmed.filter((one) => !matching.has(one)),
    truth,
    endMs,
  );
  const detected = matching.size + falsePositives.length;
  const score = {
    precision: share(matching.size, detected),
    recall: share(positives.length - missed.length, positives.length),
    labelAccuracy: share(labelled - mislabelled.length, labelled),
    planted: positives.length,
    detected,
    confusion,
  };
  return { score, missed, falsePositives, mislabelled };
}

function findFalse(lives: readonly ConfirmedLife[], truth: Truth, endMs: number): ObservedLife[] {
  const walls = Map.groupBy(truth.walls, bookOf);
  const naturals = Map.groupBy(truth.naturals, bookOf);
  const isWall = (one: ConfirmedLife, wall: TruthWall): boolean =>
    pricesMeet(one.life, wall.lowPrice, wall.highPrice) &&
    rightfulSpans(wall, truth.minLifetimeMs, endMs).some((span) => meets(span, one.seen));
  const isNatural = (one: ConfirmedLife, natural: TruthNatural): boolean =>
    pricesMeet(one.life, natural.price, natural.price) && meets(natural, one.seen);
  const isFalse = (one: ConfirmedLife): boolean =>
    !(walls.get(bookOf(one.life)) ?? []).some((wall) => isWall(one, wall)) &&
    !(naturals.get(bookOf(one.life)) ?? []).some((natural) => isNatural(one, natural));
  return lives.filter(isFalse).map((one) => one.life);
}
