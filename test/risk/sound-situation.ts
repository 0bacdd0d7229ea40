// What does a situation look like in which nothing is wrong? Random grids, prices and books, and a fitting signal.
import type { BookView } from '../../src/book/read.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { Rng } from '../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { moneyFromNumber } from '../../src/market/money.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import type { Situation } from '../../src/risk/situation.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { between, pick } from './chance.ts';

type Draft<T> = T extends bigint | string | number | boolean | undefined | Instrument | BookView | readonly unknown[]
  ? T
  : { -readonly [Key in keyof T]: Draft<T[Key]> };
export type DraftSituation = Draft<Situation>;

export const NOW = 50_000_000;
export const EXCHANGE = 1_786_310_820_000;
export const GIB = 2 ** 30;

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
export function sound(rng: Rng, view: BookView): DraftSituation {
  const price = pick(rng, [between(rng, 1_000, 3_000), between(rng, 2_000, 900_000)]);
  const long = rng.next() < 0.5;
  const breakout = rng.next() < 0.5;
  const sizeUsd = pick(rng, [10, 12.5, 25, 40, 99.99, 250]);
  // One lot is worth between a hundred-thousandth and a fifth of the position.
  const tickScale = between(rng, 0, 8);
  const tickUnits = pick(rng, [1, 1, 2, 5]);
  const stepUnits = pick(rng, [1, 1, 5, 10]);
  const usdtPerUnit = (price * tickUnits * stepUnits) / 10 ** tickScale;
  const lotScale = Math.max(0, Math.ceil(Math.log10((5 * usdtPerUnit) / sizeUsd)) + between(rng, 0, 4));
  const tick = (tickUnits / 10 ** tickScale).toFixed(tickScale);
  const step = (stepUnits / 10 ** lotScale).toFixed(lotScale);
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
      breakoutMaxChasePercent: pick(rng, [0.05, 0.15]),
      breakoutMinStopLossPercent: 0.1,
      bounceStopLossBehindDensityPercent: 0.3,
      maxCostToStopRatio: 0.5,
      maxStopPercent: 2,
      // Of a coin of few ticks the lesser is not even one.
      maxSlippagePercent: pick(rng, [0.05, 0.2]),
      maxSpreadPercent: 0.1,
      maxTickPercent: 0.25,
      stopLossTrigger: 'mark',
      tpMinRewardRatio: 0.5,
      maxHoldingMinutes: 30,
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
      maintenance: [],
    },
    account: {
      exposure: { total: 0n, pending: 0n, positions: 0, long: 0, short: 0 },
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
      nextFundingMs: (EXCHANGE + 3_600_000) as Ms,
      fundingIntervalMs: (8 * 3_600_000) as Ms,
      fundingRate: pick(rng, [0.0001, -0.0001, 0]),
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
      isMarginFixed: true,
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
