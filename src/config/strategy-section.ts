// What counts as a density, a signal and a reason to leave? (strategy.md, section 15; names and defaults are the same)
import { BOUNDS } from '../risk/limits.ts';
import { RESTS_PERCENT } from '../signal/offer.ts';
import { amount, choice, count, reloadableAll } from './key.ts';

const density = {
  density_threshold_abs: amount(50_000, 1, 1e9, 'USDT', 'Minimum notional of a density.'),
  density_threshold_relative: amount(3, 1, 1_000, '× typical', 'Minimum multiple of the median neighbour’s notional.'),
  density_threshold_percent: amount(5, 0, 100, '% of side', 'Minimum share of the side’s notional within the band.'),
  density_share_band_percent: amount(
    1,
    0.01,
    50,
    '% of mid',
    'The band for the share; levels outside are no candidates.',
  ),
  density_grid_min_levels: count(4, 3, 50, 'levels', 'Equal sizes at this many equal steps are a market maker’s grid.'),
  density_round_multiplier: amount(1, 1, 100, '×', 'Raises the relative threshold at round prices, of clusters too.'),
  density_min_lifetime_ms: count(3_000, 0, 600_000, 'ms', 'A density must rest this long before it is confirmed.'),
  density_peak_window_ms: count(
    60_000,
    1_000,
    3_600_000,
    'ms',
    'A density erodes below nine tenths of the peak of this window.',
  ),
  density_out_of_view_ms: count(
    60_000,
    1_000,
    3_600_000,
    'ms',
    'A density ends after this long outside the visible depth.',
  ),
  cluster_range_percent: amount(0.05, 0, 5, '% of price', 'Widest span of a cluster; never under two ticks.'),
  cluster_max_levels: count(5, 2, 16, 'levels', 'Most levels of a cluster.'),
  book_range_percent: amount(
    0.5,
    0.01,
    20,
    '% of mid',
    'Distance from the mid that the automatic depth tries to cover.',
  ),
};

const trend = {
  trend_min_change_percent: amount(3, 0, 1_000, '%', 'Minimum 24 h change of a trend.'),
  trend_pressure_range_percent: amount(0.5, 0.01, 20, '% of mid', 'Levels that count for the pressure of the book.'),
  trend_pressure_halflife_ms: count(2_000, 1, 600_000, 'ms', 'Half-life of the smoothed pressure.'),
  trend_min_imbalance: amount(0.2, 0, 1, '', 'Minimum pressure, from 0 to 1, that has a direction.'),
};

const breakout = {
  breakout_erosion_percent: amount(
    30,
    0,
    100,
    '% of peak',
    'Minimum part of the density that trades have eaten; at 0 it need only be smaller.',
  ),
  breakout_window_ms: count(3_000, 100, 600_000, 'ms', 'For how long a vanished density can still be broken through.'),
  breakout_max_chase_percent: amount(
    0.15,
    0.001,
    BOUNDS.breakoutMaxChasePercent,
    '% of price',
    'How far the mid may be beyond the density; two ticks are always allowed.',
  ),
  breakout_min_stop_loss_percent: amount(
    0.1,
    0.01,
    BOUNDS.maxStopPercent,
    '% of price',
    'Minimum distance of the stop behind the broken level; never under two ticks.',
  ),
  breakout_breakeven_profit_percent: amount(
    0.5,
    0.01,
    50,
    '% of price',
    'Profit at which the stop moves to the entry plus both fees, of a bounce too.',
  ),
};

const bounce = {
  bounce_touch_tolerance_percent: amount(
    0.2,
    0.001,
    10,
    '% of price',
    'How near the other side must come; at most a quarter of what the side shows, never under one tick.',
  ),
  bounce_stability_window_ms: count(3_000, 100, 600_000, 'ms', 'Over this window the density must be stable.'),
  bounce_density_stable_percent: amount(10, 0, 100, '% of mean', 'Largest deviation that is still stable.'),
  bounce_min_time_to_eat_ms: count(30_000, 0, 3_600_000, 'ms', 'Minimum time the present flow would need to eat it.'),
  bounce_stop_loss_behind_density_percent: amount(
    0.3,
    0.01,
    BOUNDS.maxStopPercent,
    '% of price',
    'Distance of the stop behind the density; never under two ticks.',
  ),
  bounce_density_erosion_exit_percent: amount(
    65,
    100 - RESTS_PERCENT,
    100,
    '% of its size at the signal',
    'Erosion that closes the position.',
  ),
};

const entry = {
  max_signal_age_ms: count(500, 1, BOUNDS.maxSignalAgeMs, 'ms', 'An older signal is refused.'),
  signal_cooldown_ms: count(10_000, 0, 3_600_000, 'ms', 'No second signal of a symbol within this time.'),
  max_cost_to_stop_ratio: amount(
    0.5,
    0.01,
    1,
    '',
    'Largest share of the stop distance that fees, spread, slippage and the funding to be paid may take.',
  ),
  max_stop_percent: amount(
    1,
    0.05,
    BOUNDS.maxStopPercent,
    '% of price',
    'Farthest stop; a signal that needs more is refused.',
  ),
  max_slippage_percent: amount(
    0.05,
    0.001,
    BOUNDS.maxSlippagePercent,
    '% of price',
    'Largest expected slippage of an entry; so far beyond the touch its limit lies, at least one tick.',
  ),
  max_spread_percent: amount(0.1, 0.001, BOUNDS.maxSpreadPercent, '% of mid', 'Widest spread at entry.'),
  max_tick_percent: amount(
    0.25,
    0.001,
    BOUNDS.maxTickPercent,
    '% of price',
    'Coarsest tick of a symbol that is traded; beyond max_spread_percent it changes nothing, for no spread is under one tick.',
  ),
};

const exit = {
  stop_loss_trigger: choice(
    'mark',
    ['mark', 'last', 'index'],
    'The price that triggers the stop; on paper the mark stands for the index.',
  ),
  stop_loss_grace_ms: count(3_000, 500, 60_000, 'ms', 'A position whose stop is not confirmed by then is closed.'),
  max_holding_minutes: amount(30, 0.1, 10_080, 'min', 'A position is closed after this time.'),
  tp_slowdown_multiplier: amount(3, 1, 100, '×', 'Recent speed below the whole trade’s by this factor takes profit.'),
  tp_slowdown_window_ms: count(3_000, 100, 600_000, 'ms', 'What counts as recent.'),
  tp_min_move_percent: amount(0.3, 0, 50, '% of price', 'Minimum best move before slowing down counts.'),
  tp_counter_density_range_percent: amount(
    0.2,
    0.001,
    10,
    '% of price',
    'A confirmed density ahead this near takes profit.',
  ),
  tp_counter_flow_imbalance: amount(0.6, 0, 1, '', 'Trades against the position, from 0 to 1, that take profit.'),
  tp_local_extrema_hours: amount(4, 0.1, 24, 'h', 'Reach of the local high and low.'),
  tp_min_reward_ratio: amount(0.5, 0, 100, '× stop', 'No profit is taken below this multiple of the stop distance.'),
};

/** Each of these may be set for one symbol in the table `coin_parameters`. */
export const strategy = reloadableAll({ ...density, ...trend, ...breakout, ...bounce, ...entry, ...exit });
