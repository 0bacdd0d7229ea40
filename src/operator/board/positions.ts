// How does a position stand, in words and numbers of a person?
import { EARNS } from '../../market/side.ts';
import type { PositionState } from '../../position/state.ts';
import type { Prices } from './market-views.ts';
import type { PositionDigest } from '../port.ts';
import type { PositionView } from '../page/protocol-status.ts';

export function positionView(position: PositionDigest, { mid, mark }: Prices): PositionView {
  const { side, size, entryPrice, stop } = position;
  const entry = entryPrice === undefined ? undefined : Number(entryPrice);
  const now = mark ?? mid;
  const lots = Number(size);
  const move = side === undefined || entry === undefined || now === undefined ? undefined : (now - entry) * EARNS[side];
  // Of the prices that a stop may wait for the last and the index are not told here: the last is about the mid, the index the mark.
  const trigger = stop?.by === 'last' ? (mid ?? mark) : now;
  const toStop =
    side === undefined || stop === undefined || trigger === undefined
      ? undefined
      : (trigger - Number(stop.price)) * EARNS[side] * (100 / trigger);
  return {
    symbol: position.symbol,
    state: position.state,
    side,
    size,
    foreignSize: position.foreignSize,
    notional: now === undefined ? undefined : lots * now,
    entryPrice,
    mark,
    mid,
    profit: move === undefined ? undefined : move * lots,
    profitPercent: move === undefined || entry === undefined ? undefined : (move / entry) * 100,
    stop: stop?.price,
    stopBy: stop?.by,
    stopState: stopState(position),
    nakedSinceMs: position.nakedSinceMs,
    stopDistancePercent: toStop,
    isBreakeven: position.isBreakeven,
    strategy: position.strategy,
    openedMs: position.openedMs,
    expiresMs: position.expiresMs,
    leverage: position.leverage,
    entryOrder: position.entryOrder,
    reason: reasonOf(position),
    closing: position.closing,
    tradeId: position.tradeId,
    signalId: position.signalId,
  };
}

function stopState({ stop, state, nakedSinceMs }: PositionDigest): PositionView['stopState'] {
  if (state === 'opening') return 'pending';
  if (nakedSinceMs !== undefined || stop === undefined) return 'missing';
  return stop.isConfirmed && state !== 'amending' ? 'confirmed' : 'pending';
}

const STATES: Readonly<Record<Exclude<PositionState, 'protected' | 'amending'>, string>> = {
  opening: 'the entry is under way',
  unprotected: 'its stop is being set; without one it is closed',
  closing: 'being closed',
  'emergency-closing': 'being closed',
  'exchange-closing': 'the exchange is closing it',
  foreign: 'not ours: it is not touched',
  quarantined: 'what the exchange says of it contradicts itself: nothing is done until that is clear',
  flat: 'nothing is open',
};

function reasonOf({ state, closing, strategy, wall, isBreakeven }: PositionDigest): string {
  if (closing !== undefined) return `leaving: ${closing.replaceAll('_', ' ')}`;
  if (state !== 'protected' && state !== 'amending') return STATES[state];
  const guard = isBreakeven ? '; the stop is at break-even' : '';
  if (strategy === 'recovered') return `found at the exchange: held by its stop alone${guard}`;
  if (wall === undefined) return `${strategy ?? 'held'}: no exit has been met${guard}`;
  const place = wall.low === wall.high ? wall.low : `${wall.low} to ${wall.high}`;
  return strategy === 'breakout'
    ? `broke through the ${wall.side} density at ${place}; no exit has been met${guard}`
    : `bounces off the ${wall.side} density at ${place}, which still rests${guard}`;
}
