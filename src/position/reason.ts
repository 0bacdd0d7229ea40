// Why did a position end? A closed list, and what the exchange's words about an execution say of it.
import type { Fill } from '../order/words.ts';

export const EXIT_REASONS = [
  'stop_loss',
  'breakeven_stop',
  'take_profit_slowdown',
  'take_profit_counter_density',
  'take_profit_counter_flow',
  'take_profit_known_level',
  'density_erosion',
  'density_lost',
  'timeout',
  'stop_loss_failed',
  'emergency_connection_loss',
  'kill_switch',
  'shutdown',
  'liquidation',
  'adl',
  'settlement',
  'manual',
] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];

const STOPS = new Set(['CreateByStopLoss', 'CreateByPartialStopLoss', 'CreateByTrailingStop', 'CreateByStopOrder']);

/** Did the exchange execute the position's own stop? */
export function isStopFill(fill: Fill): boolean {
  return fill.kind === 'trade' && STOPS.has(fill.createType);
}

/** Has the exchange taken the position away? */
export function isForcedFill(fill: Fill): boolean {
  return fill.kind === 'liquidation' || fill.kind === 'adl' || fill.kind === 'settlement';
}

/**
 * Of the fills that ended the position the last one says why; `closing` is our own reason, for fills of our own orders.
 * `isBreakeven`: the stop had been moved to where nothing is lost.
 */
export function reasonOf(
  fill: Fill | undefined,
  isOurs: boolean,
  closing: ExitReason | undefined,
  isBreakeven: boolean,
): ExitReason {
  if (fill === undefined) return closing ?? 'manual';
  if (fill.kind === 'liquidation') return 'liquidation';
  if (fill.kind === 'adl') return 'adl';
  if (fill.kind === 'settlement') return 'settlement';
  if (fill.createType.startsWith('CreateByLiq') || fill.createType.startsWith('CreateByTakeOver')) return 'liquidation';
  if (fill.createType.startsWith('CreateByAdl')) return 'adl';
  if (fill.createType === 'CreateBySettle') return 'settlement';
  if (isStopFill(fill)) return isBreakeven ? 'breakeven_stop' : 'stop_loss';
  return isOurs ? (closing ?? 'manual') : 'manual';
}
