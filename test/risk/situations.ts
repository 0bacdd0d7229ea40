// Which situations are judged? Sound ones on random grids and books, with a few facts spoiled, most of them at a boundary.
import { createView, type BookView } from '../../src/book/read.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng, type Rng } from '../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { moneyFromNumber } from '../../src/market/money.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import type { Situation } from '../../src/risk/situation.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';

type Draft<T> = T extends bigint | string | number | boolean | undefined | Instrument | BookView | readonly unknown[]
  ? T
  : { -readonly [Key in keyof T]: Draft<T[Key]> };
export type DraftSituation = Draft<Situation>;

const NOW = 50_000_000;
const EXCHANGE = 1_786_310_820_000;
const GIB = 2 ** 30;

const between = (rng: Rng, low: number, high: number): number => low + rng.below(high - low + 1);
const pick = <T>(rng: Rng, values: readonly T[]): T => values[rng.below(values.length)] as T;
/** The boundary itself, a step on either side, or somewhere around. */
const near = (rng: Rng, boundary: number, step = 1, spread = 100): number =>
  boundary + step * pick(rng, [-1, 0, 1, between(rng, -spread, spread)]);
const flag = (rng: Rng): boolean | undefined => pick(rng, [true, false, undefined]);
const hundredth = (rng: Rng, low: number, high: number): number => between(rng, low, high) / 100;

/** A book of random levels, one side's best next to the other's. Written into `view`: a million are made. */
function writeBook(view: BookView, rng: Rng, bid: number, ask: number, lots: number): void {
  view.epoch = 3;
  view.tenancy = 1;
  view.trust = 2;
  for (const side of [0, 1] as const) {
    const count = between(rng, 5, 30);
    view.counts[side] = count;
    let tick = side === 0 ? bid : ask;
    for (let i = 0; i < count; i++) {
      view.ticks[side][i] = tick;
      view.lots[side][i] = Math.max(1, Math.round(lots * (0.2 + 3 * rng.next())));
      tick += (side === 0 ? -1 : 1) * pick(rng, [1, 1, 1, 2, 5]);
    }
  }
}

/** Where the density lies that the signal speaks of, and what of it the book shows. */
function place(view: BookView, rng: Rng, long: boolean, breakout: boolean): AnalysisEvent {
  const [bid, ask] = [view.ticks[0][0] as number, view.ticks[1][0] as number];
  const side: 0 | 1 = breakout === long ? 1 : 0;
  const width = between(rng, 0, 2);
  let [low, high] = [0, 0];
  let rests = 0;
  if (breakout) {
    const far = long ? bid - between(rng, 0, 2) : ask + between(rng, 0, 2);
    [low, high] = long ? [far - width, far] : [far, far + width];
  } else {
    const at = view.ticks[side][between(rng, 1, 4)] as number;
    [low, high] = [at, at + width];
    for (let i = 0; i < (view.counts[side] as number); i++) {
      const tick = view.ticks[side][i] as number;
      if (tick >= low && tick <= high) rests += tick * (view.lots[side][i] as number);
    }
  }
  const seen = breakout ? between(rng, 1_000_000, 9_000_000) : rests;
  return {
    ...({} as AnalysisEvent),
    kind: 'signal',
    signal: breakout ? 'breakout' : 'bounce',
    side,
    low,
    high,
    price: low,
    peak: seen,
    current: breakout ? 0 : Math.round(seen * (0.9 + 0.5 * rng.next())),
    middle: bid + ask + between(rng, -1, 1),
    epoch: 3,
    tenancy: 1,
    receivedMs: NOW - between(rng, 0, 300),
  };
}

/** Nearly always approved. */
function sound(rng: Rng, view: BookView): DraftSituation {
  const price = between(rng, 2_000, 900_000);
  const long = rng.next() < 0.5;
  const breakout = rng.next() < 0.5;
  const sizeUsd = pick(rng, [10, 12.5, 25, 40, 99.99, 250]);
  // One lot is worth between a thousandth and a fifth of the position.
  const tickScale = between(rng, 0, 6);
  const usdtPerUnit = price / 10 ** tickScale;
  const lotScale = Math.max(0, Math.ceil(Math.log10((5 * usdtPerUnit) / sizeUsd)) + between(rng, 0, 2));
  const tick = tickScale === 0 ? '1' : `0.${'1'.padStart(tickScale, '0')}`;
  const step = lotScale === 0 ? '1' : `0.${'1'.padStart(lotScale, '0')}`;
  const instrument = createInstrument('ANYUSDT', tick, step) as Instrument;
  const lots = Math.floor((sizeUsd / usdtPerUnit) * 10 ** lotScale);
  const bid = price;
  const ask = price + Math.max(1, Math.floor(price * 0.0005 * rng.next()));
  writeBook(view, rng, bid, ask, lots);
  const signal = place(view, rng, long, breakout);
  const equity = moneyFromNumber(sizeUsd * between(rng, 50, 500));
  const away = Math.ceil(price * 0.03);
  const leverage = between(rng, 1, 10);
  return {
    now: NOW as Ms,
    exchangeMs: EXCHANGE as Ms,
    offer: { signalId: 's-1', slot: 4 as Slot, symbol: 'ANYUSDT', signal, configHash: 'c0ffee' },
    settings: {
      positionSizeUsd: sizeUsd,
      maxConcurrentPositions: between(rng, 2, 20),
      maxExposurePercent: between(rng, 5, 100),
      leverage,
      entryOrder: pick(rng, ['ioc_limit', 'market']),
      maxDailyLossPercent: 2,
      maxConsecutiveLosses: 5,
      maxOrdersPerMinute: 30,
    },
    rules: {
      maxSignalAgeMs: 500,
      breakoutMaxChasePercent: 0.15,
      breakoutMinStopLossPercent: 0.1,
      bounceStopLossBehindDensityPercent: 0.3,
      maxCostToStopRatio: 0.5,
      maxStopPercent: 2,
      maxSlippagePercent: 0.2,
      maxSpreadPercent: 0.1,
      maxTickPercent: 0.25,
      stopLossTrigger: 'mark',
      tpMinRewardRatio: 0.5,
    },
    system: {
      mode: 'ACTIVE',
      blocks: [],
      killedInMemory: false,
      killedInJournal: false,
      killedByFile: false,
      lockHeld: true,
      twinSeen: false,
      privateUp: true,
      reconciledAt: (NOW - between(rng, 0, 10_000)) as Ms,
      clock: { offsetMs: between(rng, -400, 400), measuredAt: (NOW - 30_000) as Ms },
      loopLagMs: between(rng, 0, 50),
      journalWritable: true,
      diskFreeBytes: 20 * GIB,
      entryTokens: between(rng, 1, 5),
      maintenance: 'none',
    },
    account: {
      exposure: { total: 0n, positions: 0, long: 0, short: 0 },
      wallet: { equity, free: equity, readAt: (NOW - 5_000) as Ms },
      day: { result: moneyFromNumber(between(rng, -5, 20) / 100), startEquity: equity, tripped: false },
      lossesInRow: between(rng, 0, 4),
      entries: { minute: between(rng, 0, 5), hour: between(rng, 5, 50), day: between(rng, 50, 200) },
    },
    contract: {
      instrument,
      isTrading: true,
      isPreListing: false,
      deliveryMs: 0 as Ms,
      lotsMin: 1 as Lot,
      lotsMaxMarket: 1e9 as Lot,
      lotsMaxLimit: 2e9 as Lot,
      notionalMin: moneyFromNumber(5),
      leverageMax: pick(rng, [2_500, 5_000, 10_000]),
      takerFee: pick(rng, [0.00055, 0.0004, 0.001]),
      maintenanceRate: pick(rng, [0.005, 0.01, undefined]),
      nextFundingMs: (EXCHANGE + 3_600_000) as Ms,
      readAt: (NOW - 600_000) as Ms,
    },
    symbol: {
      intent: 'none',
      isHeld: false,
      signalUsed: false,
      cooldownUntil: 0 as Ms,
      rejects: { symbol: between(rng, 0, 2), total: between(rng, 0, 9) },
      isReduceOnly: false,
      leverage: leverage * 100,
      isIsolated: true,
      isOneWay: true,
      isEnabled: true,
      breakoutAllowed: true,
      bounceAllowed: true,
      lastTick: (price + between(rng, -1, 1)) as Tick,
      mark: { tick: (price + between(rng, -1, 1)) as Tick, readAt: (NOW - 900) as Ms },
      counterTicks: rng.next() < 0.5 ? [] : [(price + (long ? away : -away)) as Tick],
      extrema: { high: (price + away) as Tick, low: (price - away) as Tick },
    },
    book: view,
  };
}

type Spoil = (s: DraftSituation, rng: Rng) => void;

/** Each moves the facts of one gate, or takes one away. */
export const SPOILS: Readonly<Record<string, Spoil>> = {
  mode: (s, rng) => {
    s.system.mode = pick(rng, ['REDUCE_ONLY', 'HALTED', 'RECONCILING', 'EMERGENCY', 'DRAINING', undefined]);
  },
  blocks: (s, rng) => {
    s.system.blocks = pick(rng, [['private_stream'], undefined]);
  },
  kill: (s, rng) => {
    s.system[pick(rng, ['killedInMemory', 'killedInJournal', 'killedByFile'] as const)] = flag(rng);
  },
  instance: (s, rng) => {
    s.system[pick(rng, ['lockHeld', 'twinSeen'] as const)] = flag(rng);
  },
  private: (s, rng) => {
    if (rng.next() < 0.3) s.system.privateUp = flag(rng);
    else s.system.reconciledAt = pick(rng, [undefined, near(rng, NOW - 15_000) as Ms]);
  },
  clock: (s, rng) => {
    const offsetMs = near(rng, pick(rng, [-500, 500]));
    const measuredAt = near(rng, NOW - pick(rng, [0, 120_000])) as Ms;
    s.system.clock = pick(rng, [undefined, { offsetMs, measuredAt }]);
  },
  lag: (s, rng) => {
    s.system.loopLagMs = pick(rng, [undefined, near(rng, 250)]);
  },
  age: (s, rng) => {
    s.rules.maxSignalAgeMs = pick(rng, [200, 500, 20_000]);
    s.offer.signal.receivedMs = near(rng, NOW - Math.min(5_000, s.rules.maxSignalAgeMs));
  },
  status: (s, rng) => {
    if (s.contract === undefined) return;
    const what = between(rng, 0, 5);
    if (what === 0) s.contract.isTrading = false;
    else if (what === 1) s.contract.isPreListing = true;
    else if (what === 2) s.symbol.isReduceOnly = flag(rng);
    else s.contract.deliveryMs = near(rng, EXCHANGE + 72 * 3_600_000) as Ms;
  },
  noContract: (s) => {
    s.contract = undefined;
  },
  contractAge: (s, rng) => {
    if (s.contract !== undefined) s.contract.readAt = near(rng, NOW - 3_600_000) as Ms;
  },
  noBook: (s) => {
    s.book = undefined;
  },
  trust: (s, rng) => {
    if (s.book !== undefined) s.book.trust = between(rng, 0, 4);
  },
  epoch: (s, rng) => {
    if (rng.next() < 0.5) s.offer.signal.epoch = between(rng, 2, 4);
    else s.offer.signal.tenancy = between(rng, 0, 2);
  },
  emptySide: (s, rng) => {
    if (s.book !== undefined) s.book.counts[between(rng, 0, 1)] = 0;
  },
  spread: (s, rng) => {
    if (s.book === undefined) return;
    const [bid, ask] = [s.book.ticks[0][0] as number, s.book.ticks[1][0] as number];
    const shift = Math.floor(bid * pick(rng, [0.0005, 0.001, 0.005, 0.01, 0.02]) + between(rng, -1, 2)) - (ask - bid);
    for (let i = 0; i < (s.book.counts[1] as number); i++) {
      s.book.ticks[1][i] = (s.book.ticks[1][i] as number) + Math.max(shift, -1);
    }
    s.offer.signal.middle = (s.book.ticks[0][0] as number) + (s.book.ticks[1][0] as number);
  },
  mark: (s, rng) => {
    const tick = Math.round((s.symbol.lastTick ?? 1_000) * (1 + pick(rng, [-1, 1]) * hundredth(rng, 0, 2)));
    s.symbol.mark = pick(rng, [
      undefined,
      { tick: Math.max(1, near(rng, tick)) as Tick, readAt: near(rng, NOW - pick(rng, [0, 10_000])) as Ms },
    ]);
  },
  last: (s, rng) => {
    const tick = Math.round((s.symbol.mark?.tick ?? 1_000) * (1 + pick(rng, [-1, 1]) * hundredth(rng, 0, 2)));
    s.symbol.lastTick = pick(rng, [undefined, Math.max(1, tick) as Tick]);
  },
  density: (s, rng) => {
    const { signal } = s.offer;
    if (signal.signal === 'bounce') signal.current = Math.round((signal.current / 0.7) * (0.9 + 0.3 * rng.next()));
    else if (rng.next() < 0.5) signal.side = (1 - signal.side) as 0 | 1;
    else [signal.low, signal.high] = [signal.low + between(rng, -20, 20), signal.high + 20 + between(rng, 0, 10)];
  },
  refilled: (s, rng) => {
    const { signal } = s.offer;
    if (s.book === undefined || signal.signal !== 'breakout') return;
    const tick = s.book.ticks[signal.side][0] as number;
    [signal.low, signal.high] = [Math.min(signal.low, tick), Math.max(signal.high, tick)];
    signal.peak = near(rng, 10 * tick * (s.book.lots[signal.side][0] as number));
  },
  drift: (s, rng) => {
    const { signal } = s.offer;
    const percent = signal.signal === 'breakout' ? s.rules.breakoutMaxChasePercent : s.rules.maxSlippagePercent;
    const moved = near(rng, Math.round((signal.middle * percent) / 100), 1, 4);
    signal.middle += pick(rng, [-1, 1]) * moved;
  },
  intent: (s, rng) => {
    if (rng.next() < 0.5) s.symbol.intent = pick(rng, ['live', 'unknown', undefined]);
    else s.symbol.signalUsed = flag(rng);
  },
  lots: (s, rng) => {
    if (s.contract === undefined) return;
    const lots = Math.max(
      1,
      Math.floor(s.settings.positionSizeUsd / (s.contract.instrument.notionalUnit * (s.symbol.lastTick ?? 1))),
    );
    s.contract[pick(rng, ['lotsMin', 'lotsMaxMarket', 'lotsMaxLimit'] as const)] = Math.max(
      1,
      near(rng, lots, 1, 10),
    ) as Lot;
  },
  tiny: (s, rng) => {
    s.settings.positionSizeUsd = pick(rng, [0.1, 0.5, 4.9, 5.1, 5.15, 5.2]);
  },
  notionalMin: (s, rng) => {
    if (s.contract === undefined) return;
    s.contract.notionalMin = moneyFromNumber((s.settings.positionSizeUsd / 1.02) * (0.95 + 0.1 * rng.next()));
  },
  huge: (s, rng) => {
    s.settings.positionSizeUsd = pick(rng, [100_000, 100_001, 150_000, 1_000_000]);
    if (s.account.wallet !== undefined) s.account.wallet.equity *= 1_000_000n;
    for (let i = 0; s.book !== undefined && i < 30; i++) {
      s.book.lots[0][i] = (s.book.lots[0][i] as number) * 1_000_000;
      s.book.lots[1][i] = (s.book.lots[1][i] as number) * 1_000_000;
    }
    if (s.account.wallet !== undefined) s.account.wallet.free = s.account.wallet.equity;
  },
  exposure: (s, rng) => {
    const equity = s.account.wallet?.equity ?? 0n;
    const percent = pick(rng, [5, 20, 100, 300]);
    s.settings.maxExposurePercent = percent;
    const full = (equity * BigInt(Math.min(100, percent))) / 100n - moneyFromNumber(s.settings.positionSizeUsd);
    const total = full + moneyFromNumber(between(rng, -200, 200) / 100);
    s.account.exposure = pick(rng, [undefined, { total: total < 0n ? 0n : total, positions: 1, long: 1, short: 0 }]);
  },
  wallet: (s, rng) => {
    const equity = s.account.wallet?.equity ?? 0n;
    s.account.wallet = pick(rng, [undefined, { equity, free: equity, readAt: near(rng, NOW - 30_000) as Ms }]);
  },
  margin: (s, rng) => {
    if (s.account.wallet === undefined) return;
    const size = s.settings.positionSizeUsd;
    s.account.wallet.free = moneyFromNumber(
      1.2 * (size / s.settings.leverage + 0.0011 * size) * (0.9 + 0.2 * rng.next()),
    );
  },
  positions: (s, rng) => {
    const most = pick(rng, [1, 2, 10, 200]);
    s.settings.maxConcurrentPositions = most;
    const positions = Math.max(0, near(rng, Math.min(100, most) - 1, 1, 3));
    const long = between(rng, 0, positions);
    s.account.exposure = { total: 0n, positions, long, short: positions - long };
  },
  held: (s, rng) => {
    s.symbol.isHeld = flag(rng);
  },
  sameSide: (s, rng) => {
    const most = Math.ceil(s.settings.maxConcurrentPositions * 0.75);
    const [long, short] = [Math.max(0, near(rng, most - 1, 1, 2)), Math.max(0, near(rng, most - 1, 1, 2))];
    s.account.exposure = { total: 0n, positions: 0, long, short };
  },
  dailyLoss: (s, rng) => {
    const startEquity = s.account.wallet?.equity ?? 0n;
    const percent = pick(rng, [1, 2, 20, 50]);
    s.settings.maxDailyLossPercent = percent;
    const limit = (startEquity * BigInt(Math.min(20, percent))) / 100n;
    const result = -limit + BigInt(near(rng, 0, 1, 1_000_000));
    s.account.day = pick(rng, [undefined, { result, startEquity, tripped: rng.next() < 0.2 }]);
  },
  streak: (s, rng) => {
    s.settings.maxConsecutiveLosses = pick(rng, [1, 5, 100]);
    s.account.lossesInRow = pick(rng, [undefined, near(rng, Math.min(20, s.settings.maxConsecutiveLosses), 1, 3)]);
  },
  cooldown: (s, rng) => {
    s.symbol.cooldownUntil = pick(rng, [undefined, near(rng, EXCHANGE) as Ms]);
  },
  entries: (s, rng) => {
    const most = pick(rng, [1, 30, 600]);
    s.settings.maxOrdersPerMinute = most;
    const limit = Math.min(300, most);
    s.account.entries = pick(rng, [
      undefined,
      { minute: near(rng, limit, 1, 5), hour: 0, day: 0 },
      { minute: 0, hour: near(rng, 10 * limit, 1, 5), day: 0 },
      { minute: 0, hour: 0, day: near(rng, 60 * limit, 1, 5) },
    ]);
  },
  rejects: (s, rng) => {
    s.symbol.rejects = pick(rng, [undefined, { symbol: between(rng, 0, 4), total: between(rng, 8, 12) }]);
  },
  stopWide: (s, rng) => {
    s.rules.maxStopPercent = pick(rng, [0.05, 0.2, 0.3, 0.5, 20]);
    s.rules.bounceStopLossBehindDensityPercent = pick(rng, [0.3, 0.5, 6]);
  },
  nearMark: (s, rng) => {
    // Inside the deviation allowed, and still beyond the stop.
    const away = 1 + pick(rng, [-1, 1]) * 0.0001 * between(rng, 5, 95);
    const tick = Math.round((s.symbol.lastTick ?? 1_000) * away) as Tick;
    if (rng.next() < 0.5) s.symbol.mark = { tick, readAt: NOW as Ms };
    else s.symbol.lastTick = tick;
  },
  liquidation: (s, rng) => {
    const leverage = pick(rng, [10, 20, 25, 50, 75, 100]);
    s.settings.leverage = leverage;
    s.symbol.leverage = leverage * 100;
    if (s.contract !== undefined) s.contract.leverageMax = pick(rng, [1_000, 5_000, 10_000]);
  },
  tradeRisk: (s, rng) => {
    if (s.account.wallet === undefined) return;
    s.settings.maxExposurePercent = 100;
    s.account.wallet.equity = moneyFromNumber(s.settings.positionSizeUsd * (1.01 + 0.4 * rng.next()));
    s.rules.bounceStopLossBehindDensityPercent = 0.8;
    s.rules.breakoutMinStopLossPercent = pick(rng, [0.8, 1, 1.5]);
  },
  funding: (s, rng) => {
    if (s.contract !== undefined)
      s.contract.nextFundingMs = pick(rng, [undefined, near(rng, EXCHANGE + 120_000) as Ms]);
  },
  maintenance: (s, rng) => {
    const fromMs = near(rng, EXCHANGE + pick(rng, [-3_600_000, 600_000])) as Ms;
    s.system.maintenance = pick(rng, [undefined, { fromMs, untilMs: (fromMs + 3_600_000) as Ms }]);
  },
  exchangeTime: (s) => {
    s.exchangeMs = undefined;
  },
  lane: (s, rng) => {
    s.system.entryTokens = pick(rng, [undefined, 0, 1]);
  },
  journal: (s, rng) => {
    if (rng.next() < 0.3) s.system.journalWritable = flag(rng);
    else s.system.diskFreeBytes = pick(rng, [undefined, near(rng, GIB)]);
  },
  setting: (s, rng) => {
    if (rng.next() < 0.5) s.symbol[pick(rng, ['isIsolated', 'isOneWay'] as const)] = flag(rng);
    else s.symbol.leverage = pick(rng, [undefined, near(rng, s.settings.leverage * 100)]);
  },
  enabled: (s, rng) => {
    s.symbol[pick(rng, ['isEnabled', 'breakoutAllowed', 'bounceAllowed'] as const)] = flag(rng);
  },
  coarse: (s, rng) => {
    const tick = s.symbol.lastTick ?? 1_000;
    s.rules.maxTickPercent = pick(rng, [0.001, Math.max(0.001, Math.round(1e8 / tick) / 1e6)]);
  },
  costly: (s, rng) => {
    s.rules.maxCostToStopRatio = pick(rng, [0.05, 0.1, 0.2, 0.3]);
    s.rules.maxStopPercent = pick(rng, [0.5, 1]);
  },
  slippage: (s, rng) => {
    s.rules.maxSlippagePercent = pick(rng, [0.001, 0.01, 0.05, 5]);
    if (s.book === undefined) return;
    for (const side of [0, 1] as const) {
      for (let i = 0; i < (s.book.counts[side] as number); i++) {
        s.book.lots[side][i] = Math.max(1, Math.round((s.book.lots[side][i] as number) * 0.2 * rng.next()));
      }
    }
  },
  narrow: (s, rng) => {
    s.rules.maxSpreadPercent = pick(rng, [0.001, 0.01, 0.02, 5]);
  },
  counter: (s, rng) => {
    const tick = s.symbol.lastTick ?? 1_000;
    const ahead = Math.round(tick * 0.0001 * between(rng, -60, 60));
    s.symbol.counterTicks = pick(rng, [undefined, [near(rng, tick + ahead) as Tick]]);
  },
  extrema: (s, rng) => {
    const tick = s.symbol.lastTick ?? 1_000;
    const reach = (): number => Math.round(tick * 0.0001 * between(rng, -60, 60));
    s.symbol.extrema = pick(rng, [undefined, { high: (tick + reach()) as Tick, low: (tick - reach()) as Tick }]);
  },
  reward: (s, rng) => {
    s.rules.tpMinRewardRatio = pick(rng, [0, 0.5, 3, 100]);
  },
};

export const SPOIL_NAMES = Object.keys(SPOILS);

/** The same seed and spoils give the same situation. `view` is written over. */
export function situationOf(seed: number, spoils: readonly string[], view: BookView = createView()): DraftSituation {
  const rng = createRng(seed);
  const situation = sound(rng, view);
  for (const name of spoils) (SPOILS[name] as Spoil)(situation, rng.fork(name));
  return situation;
}

/** Up to four spoils, most often one. */
export function randomSpoils(rng: Rng): string[] {
  const count = pick(rng, [0, 1, 1, 1, 2, 2, 3, 4]);
  return Array.from({ length: count }, () => pick(rng, SPOIL_NAMES));
}
