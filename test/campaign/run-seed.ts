// What is the story of one seed? Faults are on and everything is judged; then they stop, and engine and exchange must agree.
import { createRng, type Rng } from '../../src/lib/rng.ts';
import { moneyFromDecimal } from '../../src/market/money.ts';
import { priceText, sizeText } from '../../src/market/instrument.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import type { Mutation } from './life.ts';
import type { Invariant, Violation } from './judge.ts';
import type { RowOf } from './row.ts';
import { ROW_IDS, ROWS } from './rows.ts';
import { SeedRoom } from './seed-room.ts';
import { drawSettings, type Drawn } from './settings.ts';

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
const REST_MS = 60_000;
const FLAT_MS = 60_000;
const LEDGER_MS = 140_000;
const FAULTS_MS = 9_000;

export async function runSeed(
  seed: number,
  { mutation, row, isAlone = false, isTold = false, until }: SeedOptions = {},
): Promise<SeedResult> {
  const rng = createRng(seed).fork('seed');
  const forced = row ?? (ROW_IDS[seed % ROW_IDS.length] as string);
  const isOnlyOne = isAlone || ROWS[forced]?.isQuiet === true;
  const others = isOnlyOne ? [] : drawRows(rng, forced);
  const ids = [forced, ...others];
  const rows = ids.map((id) => ROWS[id] as RowOf);
  const fundingMs = Math.max(0, ...rows.map(({ beforeFundingMs = 0 }) => beforeFundingMs));
  const startMs = START_MS - fundingMs;
  const drawn = drawSettings(rng);
  const hopMsMin = 1 + rng.below(8);
  const room = new SeedRoom({
    seed,
    symbols: 3 + rng.below(2),
    rate: 6 + rng.below(20),
    startMs,
    hopMsMin,
    hopMsMax: hopMsMin + rng.below(40),
    drawn: combined(drawn, rows),
    mutation,
  });
  const { world, judge } = room;
  const isFound = (): boolean => until !== undefined && judge.violations.some(({ invariant }) => invariant === until);
  // The exchange has gone over to another rhythm of funding, which its tickers do not tell yet.
  if (fundingMs > 0) for (const symbol of room.symbols) world.exchange.market.relist(symbol, { fundingMinutes: 1 });
  await room.world.run(20);
  const leverage = String(combined(drawn, rows).trading['leverage']);
  for (const symbol of room.symbols)
    room.human('setLeverage', { symbol, buyLeverage: leverage, sellLeverage: leverage });
  for (const [i, one] of rows.entries()) one.before?.(room, ids[i] as string);
  room.start();
  await room.world.run(2_500);
  for (const [i, one] of rows.entries())
    room.at(i === 0 ? 0 : rng.below(5_000), () => one.make(room, ids[i] as string));
  const lastsMs = Math.max(FAULTS_MS, ...rows.map(({ lastsMs: own = 0 }) => own));
  const least = room.world.nowMs + lastsMs;
  // The forced row is waited for a while longer: what it needs may not have come yet.
  const most = least + 25_000;
  while (room.world.nowMs < (room.hits[forced] === undefined ? most : least)) {
    act(room, rng, rows[0]?.isQuiet === true);
    await room.world.run(150 + rng.below(500));
    if (isFound()) break;
  }
  if (!isFound()) await rest(room, isFound);
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

/** Faults off: within a minute the engine knows the truth and protects it; then everything is closed, and adds up. */
async function rest(room: SeedRoom, isFound: () => boolean): Promise<void> {
  const { world, judge, truth } = room;
  calm(room);
  let what = '';
  await world.run(
    REST_MS + room.patienceMs,
    () => isFound() || (world.nowMs % 100 === 0 && (what = unrest(room)) === ''),
  );
  judge.check('REST', what === '', () => `not at rest after a minute without faults: ${what}`);
  if (what !== '') return;
  room.command({ kind: 'resume' });
  room.command({ kind: 'flatten' });
  await world.run(FLAT_MS, () => isFound() || (world.nowMs % 100 === 0 && (what = unflat(room)) === ''));
  judge.check('REST', what === '', () => `not flat a minute after the order to flatten: ${what}`);
  if (what !== '') return;
  await world.run(LEDGER_MS, () => world.nowMs % 500 === 0 && (what = unbalanced(room)) === '');
  judge.check('REST', what === '', () => `the books differ: ${what}`);
  for (const place of truth.places.values()) {
    let sum = 0;
    for (const { execution } of truth.fills.values())
      if (execution.instrument.symbol === place.symbol && execution.type !== 'Funding')
        sum += execution.side === 'Buy' ? execution.lots : -execution.lots;
    if (!judge.isGridNew)
      judge.check('I-09', sum === place.lots, () => `${place.symbol}: executions ${sum}, position ${place.lots}`);
  }
  await room.life?.close();
}

function calm(room: SeedRoom): void {
  const { world, symbols } = room;
  room.forgetWatches();
  room.isResumeOff = false;
  room.fault('clear');
  world.openRoads();
  world.tamper = undefined;
  world.hopMsMax = Math.min(world.hopMsMax, 60);
  world.hopMsMin = Math.min(world.hopMsMin, 20);
  for (const symbol of symbols) {
    room.fault('symbol-status', { symbol, status: 'trading' });
    room.fault('risk-limited', { symbol, limited: false });
    room.fault('price-band', { symbol, ratioX: '0.05', ratioY: '0.1' });
    room.fault('lot-limits', { symbol, maxMktOrderQty: '100000000', maxOrderQty: '100000000' });
  }
  room.fault('partial-fill', { part: 1, count: 1 });
  room.fault('account-state', { positionMode: 'one-way', marginMode: 'ISOLATED_MARGIN' });
  world.exchange.stage.doors.maintenance = undefined;
  room.disk.syncMsMax = 4;
  if (room.disk.isBroken) room.disk.repair();
  for (const reason of ['workers.down', 'flap']) room.life?.trader.block(reason, false);
  if (room.life === undefined) room.start();
}

/** What the engine does not know yet, or has not protected; '' for nothing. */
function unrest({ life, truth }: SeedRoom): string {
  if (life === undefined) return 'no engine';
  const status = life.trader.status();
  if (status.mode === 'RECONCILING' || status.mode === 'BOOT' || status.reconciledAt === undefined)
    return `mode ${status.mode}`;
  for (const { symbol, lots, ours, stopTick } of truth.places.values()) {
    const known = status.positions.find((position) => position.symbol === symbol);
    const size = (known?.ours ?? 0) + (known?.foreign ?? 0);
    if (size !== lots) return `${symbol} holds ${lots}, the engine believes ${size} (${known?.state})`;
    if (ours !== 0 && (known?.ours ?? 0) !== 0 && stopTick === undefined)
      return `${symbol} of ours has no stop (${known?.state})`;
    if (known?.entry === 'unknown') return `${symbol} has an unknown entry`;
    if (known?.state === 'quarantined') return `${symbol} is quarantined`;
  }
  return '';
}

function unflat({ life, truth }: SeedRoom): string {
  if (life === undefined) return 'no engine';
  const open = life.trader.status().positions.find(({ ours }) => ours !== 0);
  if (open !== undefined) return `${open.symbol} ${open.ours} (${open.state})`;
  const held = [...truth.places.values()].find(({ ours, isMeddled }) => ours !== 0 && !isMeddled);
  return held === undefined ? '' : `${held.symbol} holds ${held.ours}, and the engine does not know`;
}

/** What the rows for the database lack, or have wrong. */
function unbalanced(room: SeedRoom): string {
  const { truth, judge } = room;
  let net = 0n;
  for (const [id, { execution, isOurs }] of truth.fills) {
    if (!isOurs) continue;
    net += execution.pnl - execution.fee;
    const row = judge.rows.executions.get(id);
    if (row === undefined) {
      if (room.isLedgerShared) continue;
      return `execution ${id} of ${execution.order?.linkId} (${execution.type} ${execution.createType}) is in no row`;
    }
    const { instrument, side, lots, tick, fee } = execution;
    const [rowSide, size, price, rowFee] = row.split(' ');
    const isSame =
      rowSide === side.toLowerCase() &&
      size === String(moneyFromDecimal(sizeText(lots as Lot, instrument))) &&
      price === String(moneyFromDecimal(priceText(tick as Tick, instrument))) &&
      rowFee === String(fee);
    if (!isSame) return `execution ${id} is stored as ${row}`;
  }
  for (const id of judge.rows.executions.keys()) if (!truth.fills.has(id)) return `nobody has executed ${id}`;
  const isOursAlone = !room.isLedgerShared && [...truth.fills.values()].every(({ isOurs }) => isOurs);
  if (!isOursAlone) return '';
  let told = 0n;
  for (const { tradeId, profitLoss, exitTime } of judge.rows.trades.values()) {
    if (exitTime === undefined) return `trade ${tradeId} has no end`;
    told += moneyFromDecimal(profitLoss ?? '0') ?? 0n;
  }
  return told === net ? '' : `trades say ${told}, executions ${net}`;
}
