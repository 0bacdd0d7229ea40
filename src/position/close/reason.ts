// Why did a position end? A closed list, and what the exchange's words about an execution say of it.
import type { Fill } from '../../order/words.ts';

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

/** Has the exchange taken the position away (P06)? */
export function isTaking(reason: ExitReason): boolean {
  return reason === 'liquidation' || reason === 'adl';
}

/** Did the exchange execute the position's own stop? */
export function isStopFill(fill: Fill): boolean {
  return STOPS.has(fill.createType);
}

/** Why did the exchange close the position, if it did? It reports parts of that as ordinary trades of its own. */
export function forcedReason({ kind, createType }: Fill): 'liquidation' | 'adl' | 'settlement' | undefined {
  if (kind === 'liquidation' || kind === 'adl' || kind === 'settlement') return kind;
  if (createType.startsWith('CreateByLiq') || createType.startsWith('CreateByTakeOver')) return 'liquidation';
  if (createType.startsWith('CreateByAdl')) return 'adl';
  return createType === 'CreateBySettle' ? 'settlement' : undefined;
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
  const forced = forcedReason(fill);
  if (forced !== undefined) return forced;
  if (isStopFill(fill)) return isBreakeven ? 'breakeven_stop' : 'stop_loss';
  return isOurs ? (closing ?? 'manual') : 'manual';
}
