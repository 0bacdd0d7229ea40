// How is an instrument written, in the exchange's answers and in our own recordings?
import { formatDecimal } from '../market/decimal.ts';
import { createInstrument, type Instrument } from '../market/instrument.ts';

export interface InstrumentRow {
  readonly symbol: string;
  readonly tickSize: string;
  readonly qtyStep: string;
  readonly priceScale: number;
}

export function rowOf(instrument: Instrument): InstrumentRow {
  const { symbol, priceScale, tickScaled, lotScale, lotScaled } = instrument;
  return {
    symbol,
    tickSize: formatDecimal(tickScaled, priceScale),
    qtyStep: formatDecimal(lotScaled, lotScale),
    priceScale,
  };
}

/** Undefined for anything that is no whole row. */
export function instrumentOfRow(row: unknown): Instrument | undefined {
  const { symbol, tickSize, qtyStep, priceScale } = fieldsOf(row);
  const scale = Number(priceScale);
  if (typeof symbol !== 'string' || typeof tickSize !== 'string' || typeof qtyStep !== 'string') return undefined;
  if (!Number.isInteger(scale) || scale < 0 || scale > 15) return undefined;
  return createInstrument(symbol, tickSize, qtyStep, scale);
}

/** The instruments of one answer to `GET /v5/market/instruments-info`; undefined where it is no such answer. */
export function instrumentsOfAnswer(answer: unknown): Instrument[] | undefined {
  const body = fieldsOf(answer);
  const { list } = fieldsOf(body['result'] ?? body);
  if (!Array.isArray(list)) return undefined;
  const instruments: Instrument[] = [];
  for (const item of list as unknown[]) {
    const { symbol, priceScale, priceFilter, lotSizeFilter } = fieldsOf(item);
    const { tickSize } = fieldsOf(priceFilter);
    const { qtyStep } = fieldsOf(lotSizeFilter);
    const instrument = instrumentOfRow({ symbol, priceScale, tickSize, qtyStep });
    if (instrument !== undefined) instruments.push(instrument);
  }
  return instruments.length === 0 ? undefined : instruments;
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
