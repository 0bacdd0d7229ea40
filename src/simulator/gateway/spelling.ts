// How does the exchange spell a number? Exact in, text out; padded where the exchange pads, plain where it does not.
import { decimalText } from '../../market/decimal.ts';
import { priceText, type Instrument } from '../../market/instrument.ts';
import type { Tick } from '../../market/units.ts';
import { type Money, MONEY_DECIMALS } from '../venue/model.ts';

const MONEY_UNIT = 10n ** BigInt(MONEY_DECIMALS);

export function moneyText(money: Money): string {
  return decimalText(money, MONEY_DECIMALS);
}

/** `'77.31'`: as private streams spell a price. */
export function plainPrice(tick: number, { tickScaled, priceScale }: Instrument): string {
  return decimalText(BigInt(tick) * BigInt(tickScaled), priceScale);
}

/** `'77.310'`: as books, tickers and orders over REST spell a price. */
export function paddedPrice(tick: number, instrument: Instrument): string {
  return priceText(tick as Tick, instrument);
}

export function quantityText(lots: number, { lotScaled, lotScale }: Instrument): string {
  return decimalText(BigInt(lots) * BigInt(lotScaled), lotScale);
}

/** USDT in a sum of tick × lots, exact down to the last unit that is kept. */
export function moneyOfUnits(units: number | bigint, instrument: Instrument): Money {
  const { tickScaled, lotScaled, priceScale, lotScale } = instrument;
  const scaled = BigInt(units) * BigInt(tickScaled) * BigInt(lotScaled);
  return (scaled * MONEY_UNIT) / 10n ** BigInt(priceScale + lotScale);
}

/** Price per unit of base of `value` over `lots`, cut after eight decimals. */
export function averagePrice(value: Money, lots: number, { lotScaled, lotScale }: Instrument): string {
  return lots === 0 ? '0' : moneyText((value * 10n ** BigInt(lotScale)) / (BigInt(lots) * BigInt(lotScaled)));
}

/** `1000` → `'10'`: leverage is kept in hundredths. */
export function leverageText(hundredths: number): string {
  return decimalText(BigInt(hundredths), 2);
}
