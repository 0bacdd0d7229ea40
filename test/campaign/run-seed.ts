// What is the story of one seed? Faults are on and everything is judged; then they stop, and engine and exchange must agree.
import { createRng, type Rng } from '../../src/lib/rng.ts';
import type { Mutation } from './life.ts';
import type { Invariant, Violation } from './judge.ts';
import { rest } from './rest.ts';
import type { RowOf } from './row.ts';
import { ROW_IDS, ROWS } from './rows.ts';
import { SeedRoom } from './seed-room.ts';
import { drawSettings, drawVariants, type Drawn } from './settings.ts';

export interface SeedResult {
  readonly seed: number;
  /** The row of the catalogue that was forced. */
  readonly row: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly hash: number;
  readonly hits: Readonly<Record<string, number>>;
  readonly judged: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  /** The last that was said, where something is wrong. */
  readonly last: readonly string[];
  readonly entries: number;
  readonly trades: number;
  readonly crashes: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly honouredMs: number;
  readonly reactionMs: number;
  /** From the first evidence that a stop is missing to a stop or to nothing. */
  readonly graceMs: number;
  /** Positions that were closed because their stop could not be set. */
  readonly graceCloses: number;
  readonly blindMs: number;
  readonly nakedMs: number;
}

export interface SeedOptions {
  readonly mutation?: Mutation;
  /** In place of the row that the seed names; undefined within for none. */
  readonly row?: string;
  /** Without the other rows that the seed draws. */
  readonly isAlone?: boolean;
  /** Ends as soon as this is found broken. */
  readonly until?: Invariant;
  /** Its last texts are wanted, also where nothing is wrong. */
  readonly isTold?: boolean;
}

/** A whole minute. */
const START_MS = 1_786_310_820_000;
const FAULTS_MS = 9_000;

export async function runSeed(
  seed: number,
  { mutation, row, isAlone = false, isTold = false, until }: SeedOptions = {},
): Promise<SeedResult> {
  const rng = createRng(seed).fork('seed');
  const forced = row ?? (ROW_IDS[seed % ROW_IDS.length] as string);
  // One round of four makes each row happen for itself: what else was drawn might keep it from coming about.
  const isOwnRound = Math.floor(seed / ROW_IDS.length) % 4 === 1;
  const isOnlyOne = isAlone || isOwnRound || ROWS[forced]?.isQuiet === true;
  const others = isOnlyOne ? [] : drawRows(rng, forced);
  const ids = [forced, ...others];
  const rows = ids.map((id) => ROWS[id] as RowOf);
  const fundingMs = Math.max(0, ...rows.map(({ beforeFundingMs = 0 }) => beforeFundingMs));
  const startMs = START_MS - fundingMs;
  const drawn = drawSettings(rng);
  const hopMsMin = 1 + rng.below(8);
  const room = new SeedRoom({
    seed,
    symbols: Math.max(3 + rng.below(2), ...rows.map(({ symbols = 0 }) => symbols)),
    rate: 6 + rng.below(20),
    startMs,
    variants: drawVariants(createRng(seed).fork('variants')),
    hopMsMin,
    hopMsMax: hopMsMin + rng.below(40),
    drawn: combined(drawn, rows),
    mutation,
  });
  const { world, judge } = room;
  const isFound = (): boolean => until !== undefined && judge.violations.some(({ invariant }) => invariant === until);
  // The exchange has gone over to another rhythm of funding, which its tickers do not tell yet.
  if (fundingMs > 0) for (const symbol of room.symbols) world.exchange.market.relist(symbol, { fundingMinutes: 1 });
  try {
    await faults(room, rng, ids, isFound);
    if (!isFound()) await rest(room, isFound);
  } catch (error) {
    // Whatever is thrown is a bug: an engine that runs would end here.
    judge.check('BUG', false, () => (error instanceof Error ? (error.stack ?? error.message) : String(error)));
  }
  return {
    seed,
    row: forced,
    events: world.events,
    virtualMs: world.atMs,
    hash: world.hash,
    hits: room.hits,
    judged: judge.judged,
    violations: judge.violations,
    last: judge.violations.length === 0 && !isTold ? [] : world.story(),
    entries: room.truth.entries.size,
    trades: judge.rows.trades.size,
    crashes: room.disk.epoch - 1,
    refusals: room.refusals,
    honouredMs: judge.longestHonouredMs,
    reactionMs: judge.longestReactionMs,
    graceMs: judge.grace.longestMs,
    graceCloses: judge.grace.closed,
    blindMs: judge.longestBlindMs,
    nakedMs: judge.longestNakedMs,
  };
}

function drawRows(rng: Rng, forced: string): string[] {
  const drawn = new Set<string>();
  for (let left = rng.below(4); left > 0; left--) drawn.add(ROW_IDS[rng.below(ROW_IDS.length)] as string);
  drawn.delete(forced);
  return [...drawn];
}

function combined(drawn: Drawn, rows: readonly RowOf[]): Drawn {
  let all = drawn;
  for (const { drawn: own = {} } of [...rows].reverse())
    all = {
      trading: { ...all.trading, ...own.trading },
      strategy: { ...all.strategy, ...own.strategy },
      safety: { ...all.safety, ...own.safety },
      websocket: { ...all.websocket, ...own.websocket },
    };
  return all;
}

/** What happens all the time: signals, moves, an operator who closes, looks and resumes. */
function act(room: SeedRoom, rng: Rng, isQuiet: boolean): void {
  const x = rng.next();
  if (x < 0.7) room.signal();
  if (isQuiet) return;
  if (x < 0.2) {
    const place = room.held;
    // With profit as often as not: a loss takes its symbol out of trade for minutes.
    if (place !== undefined) room.push(place.symbol, (rng.next() < 0.6 ? 0.3 : -0.2) * Math.sign(place.ours));
  } else if (x > 0.97) room.command({ kind: 'close', symbol: room.pick(room.symbols) });
  else if (x > 0.965) room.command({ kind: 'pause' });
  else if (x > 0.962) room.command({ kind: 'flatten' });
  else if (x > 0.85) room.command({ kind: 'resume' });
}

async function faults(room: SeedRoom, rng: Rng, ids: readonly string[], isFound: () => boolean): Promise<void> {
  const { world } = room;
  const rows = ids.map((id) => ROWS[id] as RowOf);
  await world.run(20);
  const leverage = String(room.drawn.trading['leverage']);
  // A person has set it before, so that signals need not wait; one symbol is left to the engine.
  for (const symbol of room.symbols.slice(0, -1))
    room.human('setLeverage', { symbol, buyLeverage: leverage, sellLeverage: leverage });
  for (const [i, one] of rows.entries()) one.before?.(room, ids[i] as string);
  room.start();
  await world.run(2_500);
  for (const [i, one] of rows.entries())
    room.at(i === 0 ? 0 : rng.below(5_000), () => one.make(room, ids[i] as string));
  const lastsMs = Math.max(FAULTS_MS, ...rows.map(({ lastsMs: own = 0 }) => own));
  const least = world.nowMs + lastsMs;
  // The forced row is waited for a while longer: what it needs may not have come yet.
  const most = least + 25_000;
  while (world.nowMs < (room.hits[ids[0] as string] === undefined ? most : least)) {
    act(room, rng, rows[0]?.isQuiet === true);
    await world.run(150 + rng.below(500));
    if (isFound()) break;
  }
}
