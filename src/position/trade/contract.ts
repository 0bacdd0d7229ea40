// What must be known of a contract to trade it, and to leave it?
import type { Ms } from '../../lib/brand.ts';
import type { ContractFacts } from '../../risk/situation.ts';
import type { DayChange, ListedInstrument } from '../../universe/listing.ts';

export interface Contract extends ContractFacts {
  /** How far from the mark an order may be priced, as a fraction: X of the price band. */
  readonly bandRatio: number;
}

/** `takerFee` as a fraction, `readAt` monotonic. Undefined where the list does not tell what orders must keep to. */
export function contractOf(
  listed: ListedInstrument,
  day: DayChange | undefined,
  takerFee: number,
  readAt: Ms,
): Contract | undefined {
  const { instrument, terms, status, isPreListing, deliveryTime: deliveryMs } = listed;
  if (terms === undefined) return undefined;
  const isTrading = status === 'Trading';
  return {
    instrument,
    isTrading,
    isPreListing,
    deliveryMs,
    ...terms,
    takerFee,
    nextFundingMs: day?.nextFundingMs,
    fundingRate: fractionOf(day?.fundingRateText),
    readAt,
  };
}

function fractionOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
