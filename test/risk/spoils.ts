// How is a sound situation spoiled? Each spoil moves the facts of one gate, most of them to a boundary, or takes one away.
import type { Ms } from '../../src/lib/brand.ts';
import type { Rng } from '../../src/lib/rng.ts';
import { moneyFromNumber } from '../../src/market/money.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { plainDecision } from '../oracle/gates.ts';
import { between, flag, hundredth, near, pick } from './chance.ts';
import { EXCHANGE, GIB, NOW, type DraftSituation } from './sound-situation.ts';

export type Spoil = (s: DraftSituation, rng: Rng) => void;

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
    s.offer.signal.receivedMs = near(rng, NOW - pick(rng, [0, Math.min(5_000, s.rules.maxSignalAgeMs)]));
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
    // Twice the mid: a tick of it is two.
    const boundary = pick(rng, [2, 4, Math.round((signal.middle * percent) / 100)]);
    signal.middle += pick(rng, [-1, 1]) * near(rng, boundary, 1, 4);
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
    s.account.exposure = pick(rng, [
      undefined,
      { total: total < 0n ? 0n : total, pending: 0n, positions: 1, long: 1, short: 0 },
    ]);
  },
  wallet: (s, rng) => {
    const equity = s.account.wallet?.equity ?? 0n;
    s.account.wallet = pick(rng, [undefined, { equity, free: equity, readAt: near(rng, NOW - 30_000) as Ms }]);
  },
  margin: (s, rng) => {
    if (s.account.wallet === undefined) return;
    const pending = pick(rng, [0, 1, 40]);
    const size = s.settings.positionSizeUsd + pending;
    s.account.exposure = { total: 0n, pending: moneyFromNumber(pending), positions: 0, long: 0, short: 0 };
    s.account.wallet.free = moneyFromNumber(
      1.2 * (size / s.settings.leverage + 0.0011 * size) * (0.9 + 0.2 * rng.next()),
    );
  },
  positions: (s, rng) => {
    const most = pick(rng, [1, 2, 10, 200]);
    s.settings.maxConcurrentPositions = most;
    const positions = Math.max(0, near(rng, Math.min(100, most) - 1, 1, 3));
    const long = between(rng, 0, positions);
    s.account.exposure = { total: 0n, pending: 0n, positions, long, short: positions - long };
  },
  held: (s, rng) => {
    s.symbol.isHeld = flag(rng);
  },
  sameSide: (s, rng) => {
    const most = Math.ceil(s.settings.maxConcurrentPositions * 0.75);
    const [long, short] = [Math.max(0, near(rng, most - 1, 1, 2)), Math.max(0, near(rng, most - 1, 1, 2))];
    s.account.exposure = { total: 0n, pending: 0n, positions: 0, long, short };
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
  nearLiquidation: (s, rng) => {
    if (s.contract === undefined) return;
    const leverage = between(rng, 16, 30);
    const rate = pick(rng, [0.005, 0.01]);
    s.settings.leverage = leverage;
    s.symbol.leverage = leverage * 100;
    s.contract.leverageMax = 100 / rate;
    const share = (80 * (1 / leverage - rate)) / (1 + rate);
    s.rules.maxStopPercent = 5;
    s.rules.bounceStopLossBehindDensityPercent = Math.round(near(rng, share, 0.001, 30) * 1_000) / 1_000;
    s.rules.breakoutMinStopLossPercent = s.rules.bounceStopLossBehindDensityPercent;
  },
  atStop: (s, rng) => {
    const answer = plainDecision(s);
    if (!('order' in answer)) return;
    const tick = (Number(answer.order.stop) + between(rng, -1, 1)) as Tick;
    if (rng.next() < 0.5) s.symbol.lastTick = tick;
    else s.symbol.mark = { tick, readAt: NOW as Ms };
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
  fundingPassed: (s, rng) => {
    if (s.contract === undefined) return;
    const hours = pick(rng, [1, 4, 8]);
    const known = near(rng, EXCHANGE + pick(rng, [-10_000, 0, 120_000]));
    s.contract.fundingIntervalMs = (hours * 3_600_000) as Ms;
    s.contract.nextFundingMs = (known - between(rng, -1, 3) * hours * 3_600_000) as Ms;
  },
  maintenance: (s, rng) => {
    const one = (): { fromMs: Ms; untilMs: Ms } => {
      const fromMs = near(rng, EXCHANGE + pick(rng, [-3_600_000, 600_000])) as Ms;
      return { fromMs, untilMs: (fromMs + 3_600_000) as Ms };
    };
    s.system.maintenance = pick(rng, [undefined, [one()], [one(), one()]]);
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
    if (rng.next() < 0.5) s.symbol[pick(rng, ['isIsolated', 'isOneWay', 'isMarginFixed'] as const)] = flag(rng);
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
  fundingDue: (s, rng) => {
    if (s.contract === undefined) return;
    const minutes = between(rng, 3, 90);
    s.contract.nextFundingMs = (EXCHANGE + minutes * 60_000) as Ms;
    s.contract.fundingIntervalMs = (pick(rng, [1, 4, 8]) * 3_600_000) as Ms;
    s.contract.fundingRate = pick(rng, [undefined, 0.0001, -0.0001, 0.02, -0.02, between(rng, -300, 300) / 1e5]);
    s.rules.maxHoldingMinutes = pick(rng, [minutes, minutes - 1, 30, 240]);
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
    const touches = [s.book?.ticks[0][0], s.book?.ticks[1][0]].map((touch) => (touch ?? tick) as Tick);
    s.symbol.counterTicks = pick(rng, [undefined, [near(rng, tick + ahead) as Tick], [pick(rng, touches)]]);
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
