// Is every value that a key is said to allow allowed, if not alone then beside the right others?
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { SECTIONS } from '../../src/config/schema.ts';

interface Bounded {
  readonly minValue?: number | null;
  readonly maxValue?: number | null;
}

/** What a bound asks of other keys. Of a limit that must stay off another one the value beside it is tried. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'market.update_interval=86400': ['trading.mode=off'],
  'market.top_gainers_count=500': ['market.slots=520'],
  'market.top_losers_count=500': ['market.slots=520'],
  'trading.leverage=100': ['strategy.max_stop_percent=0.5'],
  'paper.latency_ms_min=1500': ['paper.latency_ms_max=1500'],
  'paper.latency_ms_max=0': ['paper.latency_ms_min=0'],
  'websocket.reconnect_delay_initial=60': ['websocket.reconnect_delay_max=60', 'safety.connection_loss_timeout=60'],
  'strategy.density_share_band_percent=0.01': ['strategy.cluster_range_percent=0'],
  'strategy.cluster_range_percent=5': ['strategy.density_share_band_percent=5'],
  'strategy.breakout_min_stop_loss_percent=4.999': ['strategy.max_stop_percent=5'],
  'strategy.bounce_stop_loss_behind_density_percent=4.999': ['strategy.max_stop_percent=5'],
  'strategy.breakout_breakeven_profit_percent=0.01': ['trading.mode=paper', 'paper.taker_fee_percent=0'],
  'strategy.max_cost_to_stop_ratio=0.01': ['trading.mode=paper', 'paper.taker_fee_percent=0'],
  'strategy.max_stop_percent=0.05': [
    'trading.mode=paper',
    'paper.taker_fee_percent=0.01',
    'strategy.breakout_min_stop_loss_percent=0.01',
    'strategy.bounce_stop_loss_behind_density_percent=0.01',
  ],
  'strategy.stop_loss_grace_ms=60000': ['strategy.max_holding_minutes=1'],
  'strategy.tp_slowdown_window_ms=600000': ['strategy.max_holding_minutes=20'],
};

const SKIN = 0.001;
const ENDS = Object.entries(SECTIONS).flatMap(([section, { def }]) =>
  Object.entries(def.innerType.shape).flatMap(([key, field]) => {
    const { minValue, maxValue } = (field as unknown as { unwrap?(): Bounded }).unwrap?.() ?? {};
    if (typeof minValue !== 'number' || typeof maxValue !== 'number') return [];
    return [
      [`${section}.${key}`, minValue, SKIN],
      [`${section}.${key}`, maxValue, -SKIN],
    ] as const;
  }),
);

function isAllowed(set: string): boolean {
  const sets = [set, ...(BESIDE[set] ?? [])];
  return parseConfig('', 'c', { env: {}, overrides: { set: sets } }).ok;
}

test('no key is said to allow what every configuration refuses', () => {
  const dead = ENDS.filter(
    ([key, end, inward]) => !isAllowed(`${key}=${end}`) && !isAllowed(`${key}=${+(end + inward).toFixed(3)}`),
  );
  expect(ENDS.length).toBeGreaterThan(120);
  expect(dead.map(([key, end]) => `${key}=${end}`)).toEqual([]);
});
