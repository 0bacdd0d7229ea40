// How does what the analysis told become rows? Ticks and units turn into the exchange's decimals here.
import type { Instrument } from '../../market/instrument.ts';
import { priceText, sizeText, usdtText } from '../../market/instrument.ts';
import { SIDE_NAMES } from '../../market/side.ts';
import type { Lot, NotionalUnits, Tick } from '../../market/units.ts';
import type { Ms } from '../../lib/brand.ts';
import type { AnalysisEvent } from '../../scan/event.ts';
import { signalIdOf } from '../../signal/signal-id.ts';
import type { DensityFacts } from './density-facts.ts';
import type { Criterion, DensityRow, SignalRow } from './rows.ts';

/** Of the three tests of a density. */
export interface Thresholds {
  readonly densityThresholdAbs: number;
  readonly densityThresholdRelative: number;
  /** Of the one before, at round prices. */
  readonly densityRoundMultiplier: number;
  readonly densityThresholdPercent: number;
}

/** What stands around an event: whose it is and by which thresholds it was judged. */
export interface EventContext {
  readonly sessionId: string;
  readonly instrument: Instrument;
  /** Counts the stored moments of one life, or the tellings of one run. */
  readonly ordinal: number;
  readonly thresholds: Thresholds;
  /** Wall clock minus monotonic clock: stamps are monotonic, people are not. */
  readonly wallShift: number;
}

export function lifeIdOf({ slot, life }: Pick<AnalysisEvent, 'slot' | 'life'>, { symbol }: Instrument): string {
  return `${symbol}-${slot}-${life}`;
}

/** A life that reached `confirmed`, at one of its stored moments; at its end with its `label`. */
export function densityRow(
  event: DensityFacts,
  moment: DensityRow['moment'],
  label: string,
  context: EventContext,
): DensityRow {
  const { instrument, sessionId, ordinal } = context;
  const worth = (units: number): string => usdtText(units as NotionalUnits, instrument);
  const price = (tick: number): string => priceText(tick as Tick, instrument);
  return {
    table: 'densities',
    time: event.exchangeMs as Ms,
    sessionId,
    lifeId: lifeIdOf(event, instrument),
    moment,
    ordinal,
    symbol: instrument.symbol,
    side: SIDE_NAMES[event.side],
    price: price(event.price),
    lowPrice: price(event.low),
    highPrice: price(event.high),
    notional: worth(event.current),
    volume: sizeText(Math.round(event.current / event.price) as Lot, instrument),
    volumePercent: event.sharePercent,
    relativeStrength: event.relative,
    isCluster: event.cluster,
    isRound: event.round,
    state: event.state as DensityRow['state'],
    ...(moment === 'closed' ? { label: label as NonNullable<DensityRow['label']> } : {}),
    appearedAt: event.firstSeenMs as Ms,
    confirmedAt: event.confirmedMs as Ms,
    ...(moment === 'closed' ? { disappearedAt: event.exchangeMs as Ms } : {}),
    initialNotional: worth(event.initial),
    peakNotional: worth(event.peak),
    eaten: worth(event.eaten),
    pulled: worth(event.pulled),
    refilled: worth(event.refilled),
    rpiEaten: worth(event.rpi),
    touches: event.touches,
    crossed: event.crossed,
    criteria: densityCriteria(event, Number(worth(event.current)), context),
  };
}

function densityCriteria(event: DensityFacts, notional: number, { thresholds }: EventContext): Criterion[] {
  const test = (name: string, value: number, threshold: number): Criterion => ({
    name,
    value,
    threshold,
    passed: value >= threshold,
  });
  const { densityThresholdRelative, densityRoundMultiplier } = thresholds;
  return [
    test('notional_usdt', notional, thresholds.densityThresholdAbs),
    test('relative', event.relative, densityThresholdRelative * (event.round ? densityRoundMultiplier : 1)),
    test('share_percent', event.sharePercent, thresholds.densityThresholdPercent),
  ];
}

/** A candidate, or a signal; `reason` where a signal that met every criterion was not offered. */
export function signalRow(event: AnalysisEvent, reason: string | undefined, context: EventContext): SignalRow {
  const { instrument, sessionId, ordinal } = context;
  const isBreakout = event.signal === 'breakout';
  const offered = event.kind === 'signal' && reason === undefined;
  return {
    table: 'signals',
    time: event.exchangeMs as Ms,
    sessionId,
    // Of a candidate nothing follows; a signal bears the name that its order and its trade will bear.
    signalId:
      event.kind === 'signal' ? signalIdOf(instrument.symbol, event) : `${lifeIdOf(event, instrument)}-${ordinal}`,
    outcome: offered ? 'signal' : 'candidate',
    ...(reason === undefined ? {} : { reason }),
    kind: isBreakout ? 'breakout' : 'bounce',
    direction: isBreakout === (event.side === 1) ? 'long' : 'short',
    symbol: instrument.symbol,
    lifeId: lifeIdOf(event, instrument),
    price: priceText(event.price as Tick, instrument),
    mid: halfTickText(event.middle, instrument),
    priority: event.priority,
    relativeStrength: event.relative,
    updateId: event.updateId,
    exchangeMs: event.exchangeMs,
    receivedMs: Math.round(event.receivedMs + context.wallShift),
    scannedMs: Math.round(event.stamp + context.wallShift),
    criteria: event.criteria,
  };
}

/** `middle` is twice the mid in ticks, so that the mid is exact also between two ticks. */
export function halfTickText(middle: number, instrument: Instrument): string {
  const whole = { ...instrument, priceScale: instrument.priceScale + 1, tickScaled: instrument.tickScaled * 5 };
  return priceText(middle as Tick, whole);
}
