// Which numbers does a frame print, and with how many decimals? Cold: only to find a grid and to print like the exchange.
import { parseJson } from '../lib/parse-json.ts';
import { parseDecimal, rescale, trimDecimal, type Decimal } from '../market/decimal.ts';
import { fieldsOf } from './instrument-row.ts';

export interface Printed {
  /** Prices of book levels, or of trades. */
  readonly prices: readonly Decimal[];
  /** Without zeros: they mean that a level is gone, and are printed without decimals. */
  readonly sizes: readonly Decimal[];
  /** Prices as printed, by side; empty for trades. */
  readonly touched: readonly [ReadonlySet<string>, ReadonlySet<string>];
}

/** Undefined where the frame is neither a book nor trades. */
export function readPrinted(text: string): Printed | undefined {
  const { data } = fieldsOf(parseJson(text));
  if (Array.isArray(data))
    return collect(
      data.map((trade) => [fieldsOf(trade)['p'], fieldsOf(trade)['v']]),
      [],
    );
  const { b, a } = fieldsOf(data);
  return Array.isArray(b) && Array.isArray(a) ? collect(b, a) : undefined;
}

function collect(bids: readonly unknown[], asks: readonly unknown[]): Printed {
  const prices: Decimal[] = [];
  const sizes: Decimal[] = [];
  const touched = [new Set<string>(), new Set<string>()] as const;
  for (const [side, levels] of [bids, asks].entries()) {
    for (const level of levels) {
      if (!Array.isArray(level)) continue;
      const price = typeof level[0] === 'string' ? parseDecimal(level[0]) : undefined;
      const size = typeof level[1] === 'string' ? parseDecimal(level[1]) : undefined;
      if (price === undefined || size === undefined) continue;
      prices.push(price);
      touched[side as 0 | 1].add(canonical(price));
      if (size.mantissa > 0) sizes.push(size);
    }
  }
  return { prices, sizes, touched };
}

/** One text for one value: `65114.20` and `65114.2` are the same price. */
export function canonical(value: Decimal): string {
  const { mantissa, decimals } = trimDecimal(value);
  return `${mantissa}e-${decimals}`;
}

export function mostDecimals(values: readonly Decimal[]): number {
  return values.reduce((most, { decimals }) => Math.max(most, decimals), 0);
}

/** The greatest step that every value is a multiple of, in units of 10^-decimals; 0 where there is no value. */
export function commonStep(values: readonly Decimal[], decimals: number): number {
  let step = 0;
  for (const value of values) {
    let rest = rescale(value, decimals) ?? 1;
    while (rest !== 0) [step, rest] = [rest, step % rest];
  }
  return step;
}
