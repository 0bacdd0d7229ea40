// How does what main tells become what the page shows?
import { parseJson } from '../../lib/parse-json.ts';
import { usdt, type Instrument } from '../../market/instrument.ts';
import { SIDE_NAMES } from '../../market/side.ts';
import type { NotionalUnits } from '../../market/units.ts';
import type { AnalysisEvent, Criterion } from '../../scan/event.ts';
import type { ExecutionTold, Happening, TradeTold } from '../port.ts';
import type { CriterionView, EndingView, FillView, LogView, SignalView, TradeView } from '../page/protocol-events.ts';

type Analysis = Extract<Happening, { kind: 'analysis' }>;

const LINE_MAX = 2_000;

export function signalView({ event, instrument, atMs, signalId, refusal }: Analysis): SignalView {
  const { signal } = event;
  const isBreakout = signal === 'breakout';
  const isCandidate = event.kind !== 'signal';
  return {
    id: signalId ?? `${instrument.symbol}-${event.slot}-${event.life}-${event.message}-${signal}`,
    atMs,
    symbol: instrument.symbol,
    kind: isBreakout ? 'breakout' : 'bounce',
    direction: isBreakout === (event.side === 1) ? 'long' : 'short',
    outcome: isCandidate ? 'candidate' : refusal === undefined ? 'offered' : 'refused',
    refusal,
    detail: '',
    life: event.life,
    side: SIDE_NAMES[event.side],
    price: event.price,
    mid: event.middle / 2,
    priority: event.priority,
    relative: event.relative,
    criteria: event.criteria.map(criterionView),
  };
}

/** JSON knows no NaN and no infinity. */
function criterionView({ name, value, threshold, passed }: Criterion): CriterionView {
  const finite = (number: number): number | null => (Number.isFinite(number) ? number : null);
  return { name, value: finite(value), threshold: finite(threshold), passed };
}

export function endingView({ event, instrument, atMs }: Analysis): EndingView {
  const worth = (units: number): number => usdt(units as NotionalUnits, instrument);
  return {
    id: event.life,
    atMs,
    symbol: instrument.symbol,
    side: SIDE_NAMES[event.side],
    low: event.low,
    high: event.high,
    price: event.price,
    label: event.label,
    // Its own times are the exchange's, and our calendar may be another.
    firstSeenMs: atMs - (event.exchangeMs - event.firstSeenMs),
    ...amounts(event, worth),
    touches: event.touches,
  };
}

function amounts(
  { peak, eaten, pulled, refilled }: AnalysisEvent,
  worth: (units: number) => number,
): Pick<EndingView, 'peak' | 'eaten' | 'pulled' | 'refilled'> {
  return { peak: worth(peak), eaten: worth(eaten), pulled: worth(pulled), refilled: worth(refilled) };
}

export const optional = (value: number | string | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

export function tradeView(row: TradeTold): TradeView {
  return {
    id: row.id,
    symbol: row.symbol,
    side: row.side,
    strategy: row.signalType,
    signalId: row.signalId,
    entryMs: row.entryMs,
    entryPrice: Number(row.entryPrice),
    size: row.size,
    stop: Number(row.stopLossPrice),
    exitMs: row.exitMs,
    exitPrice: optional(row.exitPrice),
    fees: Number(row.fees) + Number(row.funding),
    profit: optional(row.profitLoss),
    profitPercent: optional(row.profitLossPercent),
    exitReason: row.exitReason,
  };
}

export function fillView(row: ExecutionTold): FillView {
  const { execId, tradeId, timeMs, symbol, side, price, size, kind } = row;
  return { id: execId, tradeId, atMs: timeMs, symbol, side, price: Number(price), size, kind };
}

/** A line that is no JSON object is shown as it stands. */
export function logView({ line, atMs }: Extract<Happening, { kind: 'log' }>): LogView {
  const short = line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line.trimEnd();
  const fields = fieldsOf(line);
  if (fields === undefined) return { atMs, level: 'info', event: 'log.line', symbol: undefined, fields: short };
  const { time, level, event, symbol, ...rest } = fields;
  void time;
  const text = JSON.stringify(rest);
  return {
    atMs,
    level: wordOf(level, 'info'),
    event: wordOf(event, 'log.line'),
    symbol: typeof symbol === 'string' ? symbol : undefined,
    fields: text === '{}' ? '' : text.length > LINE_MAX ? `${text.slice(0, LINE_MAX)}…` : text,
  };
}

function wordOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function fieldsOf(line: string): Record<string, unknown> | undefined {
  const value = parseJson(line);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** Ends of densities that never were confirmed are nobody's news. */
export function isEnding({ event }: { readonly event: AnalysisEvent; readonly instrument: Instrument }): boolean {
  return event.kind === 'label' && event.confirmedMs !== 0;
}
