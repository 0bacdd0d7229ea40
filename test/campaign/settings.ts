// With which configuration does the engine of a seed run? A valid file, with what the seed draws over it.
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Rng } from '../../src/lib/rng.ts';
import type { WireVariants } from '../../src/simulator/gateway/wire-variants.ts';
import type { Variants } from '../../src/simulator/venue/variants.ts';

export interface Drawn {
  readonly trading: Readonly<Record<string, unknown>>;
  readonly strategy: Readonly<Record<string, unknown>>;
  readonly safety: Readonly<Record<string, unknown>>;
  readonly websocket?: Readonly<Record<string, unknown>>;
}

export function configOf(symbols: readonly string[], { trading, strategy, safety, websocket }: Drawn): Config {
  const file = {
    exchange: { environment: 'simulator' },
    market: { symbols, slots: symbols.length + 1, update_interval: 10 },
    // Deep enough for the size that is traded, and little to carry.
    websocket: { orderbook_depth: 50, ...websocket },
    trading: { position_size_usd: 200, max_exposure_percent: 20, ...trading },
    strategy: {
      // Signals are made near the touch: what they cost against so near a stop is not what is tried here.
      tp_min_reward_ratio: 0.1,
      max_cost_to_stop_ratio: 0.9,
      max_slippage_percent: 0.2,
      max_spread_percent: 0.2,
      max_holding_minutes: 1,
      ...strategy,
    },
    safety: {
      max_consecutive_losses: 20,
      max_orders_per_minute: 60,
      crash_loop_exits: 1_000,
      max_daily_loss_percent: 5,
      ...safety,
    },
    database: { mode: 'off' },
    dashboard: { enabled: false },
  };
  const read = parseConfig(JSON.stringify(file), 'campaign.yaml', { env: {} });
  if (!read.ok) throw new Error(`the campaign's configuration is wrong: ${read.errors.join('; ')}`);
  return read.config;
}

/** What nobody has settled of the exchange: of each the usual as often as not. */
export function drawVariants(rng: Rng): Partial<Variants & WireVariants> {
  const one = <T>(...of: readonly T[]): T => of[rng.below(of.length)] as T;
  return {
    newBeforeFill: one(false, true),
    triggered: one('Triggered', 'Triggered', 'Triggered and New', 'nothing'),
    stopTold: one('after position', 'before position'),
    clearedStop: one('Deactivated', 'Cancelled'),
    refusedAfterAck: one('Rejected', 'Cancelled'),
    removedStop: one('CancelByUser', 'CancelByTpSlTsClear'),
    emptyMarketOrder: one('cancelled', 'cancelled', '10001', '110118'),
    notionalPrice: one('last', 'last', 'mark', 'touch'),
    positionToldOnFunding: one(false, true),
    isolatedTotals: one('', '0'),
    orderBuckets: one('shared', 'separate'),
    reqIdScope: one('connection', 'account'),
    refusedLogin: one('stays', 'closes'),
    unknownKey: one('code', 'status'),
    lastPage: one('cursor', 'no cursor'),
    unknownOrder: one('no rows', 'code'),
    delivery: one('recorded', 'shuffled'),
  };
}

export function drawSettings(rng: Rng): Drawn {
  const one = <T>(...of: readonly T[]): T => of[rng.below(of.length)] as T;
  return {
    trading: {
      entry_order: one('ioc_limit', 'ioc_limit', 'market'),
      leverage: one(3, 10, 20),
      position_size_usd: one(150, 200, 400),
    },
    strategy: {
      stop_loss_trigger: one('mark', 'mark', 'last'),
      max_holding_minutes: one(1, 1, 2, 30),
      breakout_breakeven_profit_percent: one(0.13, 0.2, 0.5),
      bounce_stop_loss_behind_density_percent: one(0.1, 0.3),
      tp_min_move_percent: one(0.05, 0.3),
      max_signal_age_ms: one(200, 500),
    },
    safety: { emergency_close_all: true },
  };
}
