// What does the engine do when its connection is lost with positions open? A whole life in virtual time, judged by the exchange.
import { makeSignal } from '../campaign/signals.ts';
import { SeedRoom } from '../campaign/seed-room.ts';

export type Stream = 'public' | 'private' | 'trade';
export type RestHost = 'rest-1' | 'rest-2';

export interface Lost {
  readonly road: Stream | RestHost;
  /** A socket ends, or stands and is deaf; a host refuses, or takes everything and answers nothing. */
  readonly how: 'ended' | 'deaf';
  /** So long after the books have fallen silent. */
  readonly afterMs?: number;
}

export interface EmergencyVariant {
  readonly name: string;
  readonly positions: number;
  readonly lost: readonly Lost[];
  /** The first that can be reached again, so long after the trigger. */
  readonly returns?: { readonly road: 'trade' | RestHost; readonly afterMs: number };
  /** From the trigger, or from the return, until nothing is open. */
  readonly flatMsMax: number;
}

const socket = (road: Stream, how: Lost['how'] = 'ended', afterMs = 0): Lost => ({ road, how, afterMs });
const SOCKETS: readonly Lost[] = [socket('public'), socket('private'), socket('trade')];
const EVERYTHING: readonly Lost[] = [...SOCKETS, { road: 'rest-1', how: 'deaf' }, { road: 'rest-2', how: 'ended' }];
/** So shortly before the trigger that nobody can have noticed. */
const JUST_BEFORE_MS = 29_500;

export const EMERGENCIES: readonly EmergencyVariant[] = [
  { name: 'every socket ended, REST up', positions: 10, lost: SOCKETS, flatMsMax: 5_000 },
  { name: 'public alone, all paths up', positions: 10, lost: [socket('public', 'deaf')], flatMsMax: 5_000 },
  ...(['trade', 'rest-1', 'rest-2'] as const).flatMap((road) =>
    [0, JUST_BEFORE_MS].map((afterMs) => ({
      name: `${road} deaf ${afterMs === 0 ? 'from the start' : 'since half a second'}`,
      positions: 10,
      lost: [socket('public'), { road, how: 'deaf' as const, afterMs }],
      flatMsMax: 8_000,
    })),
  ),
  ...(['rest-1', 'rest-2', 'trade'] as const).map((road) => ({
    name: `everything lost, ${road} first back`,
    positions: 10,
    lost: EVERYTHING,
    returns: { road, afterMs: 25_000 },
    flatMsMax: 2_000,
  })),
  { name: 'every socket ended, REST up', positions: 20, lost: SOCKETS, flatMsMax: 5_000 },
  {
    name: 'trade deaf since half a second',
    positions: 20,
    lost: [socket('public'), socket('trade', 'deaf', JUST_BEFORE_MS)],
    flatMsMax: 8_000,
  },
  {
    name: 'everything lost, rest-1 first back',
    positions: 20,
    lost: EVERYTHING,
    returns: { road: 'rest-1', afterMs: 25_000 },
    flatMsMax: 4_000,
  },
];

export interface Emergency {
  readonly held: number;
  /** From the last word of the first book of ours to fall silent, or of the account, and from the moment of loss. */
  readonly triggerMs: { readonly sinceFrame: number; readonly sinceLoss: number };
  /** From the trigger, or the return of the first path, until the exchange held nothing. */
  readonly flatMs: number;
  /** The same, until the engine had read it. */
  readonly verifiedMs: number;
  /** Positions whose stop went before they were flat. */
  readonly bared: readonly string[];
  /** Trades that were not told to have ended so. */
  readonly untold: readonly string[];
  readonly violations: readonly string[];
  readonly mode: string;
  /** The last that was said. */
  readonly story: readonly string[];
}

/** What the account is asked, as opposed to the market and the time. */
const ACCOUNT = /^\/v5\/(position|order|execution|account)\//;
const START_MS = 1_786_310_820_000;
const OPEN_MS_MAX = 120_000;
const LOST_MS = 600_000;
const TRIGGER_MS_MAX = 40_000;
const REDIAL_MS_MAX = 40_000;
const FLAT_MS_MAX = 60_000;
const SETTLE_MS = 3_000;
const REASON = 'emergency_connection_loss';
const SPARE_SYMBOLS = 6;
const FRAMES_A_SYMBOL = 10;

export async function liveEmergency(variant: EmergencyVariant, seed: number): Promise<Emergency> {
  const room = new SeedRoom({
    seed,
    symbols: variant.positions + SPARE_SYMBOLS,
    rate: (variant.positions + SPARE_SYMBOLS) * FRAMES_A_SYMBOL,
    startMs: START_MS,
    hopMsMin: 1,
    hopMsMax: 8,
    drawn: {
      // As many longs as shorts may come: three quarters of the limit may look the same way.
      trading: {
        max_concurrent_positions: variant.positions,
        position_size_usd: 100,
        max_exposure_percent: 100,
        leverage: 10,
      },
      strategy: {
        max_holding_minutes: 30,
        breakout_min_stop_loss_percent: 0.9,
        max_stop_percent: 2,
        breakout_breakeven_profit_percent: 0.5,
        tp_min_move_percent: 5,
      },
      safety: { emergency_close_all: true, max_orders_per_minute: 300 },
    },
  });
  const { world, truth } = room;
  const heardAt = new Map<string, number>();
  world.tamper = (bytes) => {
    const symbol = /"topic":"orderbook\.\d+\.(\w+)"/.exec(bytes.toString('latin1', 0, 80))?.[1];
    if (symbol !== undefined) heardAt.set(symbol, world.nowMs);
    return bytes;
  };
  for (const symbol of room.symbols) room.human('setLeverage', { symbol, buyLeverage: '10', sellLeverage: '10' });
  const spokenAt = { private: 0, rest: 0 };
  const { listener } = world;
  world.listener = {
    ...listener,
    heard(channel, text, path) {
      const isAccount = channel === 'private' || (channel === 'rest' && ACCOUNT.test(path));
      if (isAccount) spokenAt[channel] = world.nowMs;
      listener.heard(channel, text, path);
    },
  };
  let triggeredAt: number | undefined;
  room.whenLogged('connection.lost', () => void (triggeredAt = world.nowMs));
  room.start();
  await world.run(3_000);
  let ordinal = 0;
  const until = world.nowMs + OPEN_MS_MAX;
  // Everything is read and settled before it is lost; a stop that was taken meanwhile makes room for another.
  for (let settledAt = Infinity; world.nowMs < settledAt;) {
    if (world.nowMs > until)
      throw new Error(`${truth.held} positions: ${JSON.stringify(room.refusals)}\n${world.story().join('\n')}`);
    const made = room.life && makeSignal(room.life, room.pick(room.symbols), ++ordinal, room.rng);
    // A bounce may end when its density does, and nothing is to end here before the connection.
    const isWanted =
      truth.held < variant.positions && made?.signal.kind === 'signal' && made.signal.signal === 'breakout';
    if (made !== undefined && isWanted) room.offer(made);
    await world.run(20 + room.rng.below(50));
    settledAt = truth.held < variant.positions ? Infinity : Math.min(settledAt, world.nowMs + SETTLE_MS);
  }

  const lostAt = world.nowMs;
  const heldSymbols = heldBy(room);
  // Stops are near: nobody takes any more, so that what was open is open still when nobody speaks.
  for (const symbol of room.symbols) room.fault('calm-market', { symbol });
  const bared = new Set<string>();
  room.onTruth.add(() => {
    for (const { symbol, nakedSince } of truth.places.values()) if (nakedSince !== undefined) bared.add(symbol);
    return false;
  });
  for (const { road, how, afterMs = 0 } of variant.lost) room.at(afterMs, () => lose(room, road, how));
  await world.run(TRIGGER_MS_MAX, () => triggeredAt !== undefined);
  if (triggeredAt === undefined) throw new Error(`no emergency:\n${world.story().join('\n')}`);
  const firstSilent = Math.min(...heldSymbols.map((symbol) => heardAt.get(symbol) ?? lostAt));
  const accountSilent = Math.max(spokenAt.private, spokenAt.rest);

  const left = heldBy(room);
  const { returns } = variant;
  let from = triggeredAt;
  if (returns !== undefined) {
    await world.run(returns.afterMs);
    giveBack(room, returns.road);
    from = world.nowMs;
  }
  // A socket is back when it stands: it is dialled again by its own backoff.
  if (returns?.road === 'trade') {
    let isUp = false;
    room.whenLogged('link.up', ({ link }) => link === 'trade-socket' && (isUp = true));
    await world.run(REDIAL_MS_MAX, () => isUp);
    from = world.nowMs;
  }
  await world.run(FLAT_MS_MAX, () => truth.held === 0);
  const flatMs = truth.held === 0 ? world.nowMs - from : Infinity;
  const isVerified = (): boolean => room.life?.trader.status().mode === 'HALTED';
  // By the trade socket alone nobody can read anything: it is verified when REST is back.
  if (returns?.road === 'trade') giveBack(room, 'rest-1');
  await world.run(FLAT_MS_MAX, isVerified);
  const verifiedMs = isVerified() ? world.nowMs - from : Infinity;
  if (returns !== undefined) for (const host of ['rest-1', 'rest-2'] as const) giveBack(room, host);
  await world.run(15_000);
  const told = [...room.judge.rows.trades.values()];
  const untold = left.filter(
    (symbol) => !told.some((row) => row.symbol === symbol && row.exitTime !== undefined && row.exitReason === REASON),
  );
  const violations = room.judge.violations.map(({ invariant, atMs, text }) => `${invariant} at ${atMs}: ${text}`);
  const mode = room.life?.trader.status().mode ?? 'gone';
  await room.life?.close();
  return {
    held: left.length,
    triggerMs: { sinceFrame: triggeredAt - Math.min(firstSilent, accountSilent), sinceLoss: triggeredAt - lostAt },
    flatMs,
    verifiedMs,
    bared: [...bared],
    untold,
    violations,
    mode,
    story: world.story(),
  };
}

/** What is not as it has to be; empty where everything is. */
export function faultsOf({ positions, flatMsMax, returns }: EmergencyVariant, lived: Emergency): string[] {
  const { triggerMs, flatMs, verifiedMs, bared, untold, violations, mode, held } = lived;
  const isReadable = returns?.road !== 'trade';
  return [
    ...(held === positions ? [] : [`${held} positions`]),
    ...(triggerMs.sinceFrame >= 30_000 ? [] : [`too early: ${triggerMs.sinceFrame} ms after the last frame`]),
    ...(triggerMs.sinceLoss <= 30_500 ? [] : [`too late: ${triggerMs.sinceLoss} ms after the loss`]),
    ...(flatMs <= flatMsMax ? [] : [`flat after ${flatMs} ms`]),
    ...(!isReadable || verifiedMs <= flatMsMax ? [] : [`verified after ${verifiedMs} ms`]),
    ...(mode === 'HALTED' ? [] : [`mode ${mode}`]),
    ...bared.map((symbol) => `${symbol} lost its stop before it was flat`),
    ...untold.map((symbol) => `${symbol} is in no row as closed so`),
    ...violations,
  ];
}

const heldBy = ({ truth }: SeedRoom): string[] =>
  [...truth.places.values()].filter(({ ours }) => ours !== 0).map(({ symbol }) => symbol);

function lose(room: SeedRoom, road: Lost['road'], how: Lost['how']): void {
  if (road === 'rest-1' || road === 'rest-2')
    return room.world.shut(road, how === 'deaf' ? 'silent' : 'refused', LOST_MS);
  room.fault('refuse-connections', { channel: road, ms: LOST_MS });
  room.fault(how === 'deaf' ? 'half-open' : 'cut', { channel: road });
}

function giveBack(room: SeedRoom, road: 'trade' | RestHost): void {
  if (road === 'trade') room.fault('refuse-connections', { channel: 'trade', ms: 1 });
  else room.world.shut(road, 'refused', 0);
}
