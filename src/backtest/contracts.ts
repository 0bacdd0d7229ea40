// What must orders keep to in a recorded contract? The exchange's list where it is at hand, else what most contracts have.
import { fieldsOf, listOf } from '../bybit/fields.ts';
import { listedFrom } from '../bybit/rest/rest-rows.ts';
import type { Ms } from '../lib/brand.ts';
import { sameGrid, type Instrument } from '../market/instrument.ts';
import { moneyText } from '../market/money.ts';
import type { Slot } from '../market/units.ts';
import { usualContract } from '../paper/contract.ts';
import { readInstruments } from '../record/instruments.ts';
import { readWhole } from '../record/recording.ts';
import type { ListedInstrument } from '../universe/listing.ts';

export type Listing = ReadonlyMap<string, ListedInstrument>;

/** Of the most frequent contracts: how far from the mark an order may be priced. */
const USUAL_BAND_RATIO = 0.05;

/** Rows of an answer to `GET /v5/market/instruments-info`; throws a RecordError for anything else. */
export async function readListing(path: string): Promise<Listing> {
  await readInstruments(path);
  const answer = fieldsOf(JSON.parse(await readWhole(path)));
  const rows = listOf(fieldsOf(answer['result'] ?? answer)['list']).flatMap((row) => listedFrom(row) ?? []);
  return new Map(rows.map((row) => [row.instrument.symbol, row]));
}

/** `isUsual`: nobody has told the terms. */
export function contractRow(
  instrument: Instrument,
  listing: Listing,
): { readonly row: ListedInstrument; readonly isUsual: boolean } {
  const listed = listing.get(instrument.symbol);
  // Terms are in lots: on another grid they are other numbers.
  if (listed?.terms !== undefined && sameGrid(listed.instrument, instrument)) {
    return { row: { ...listed, instrument }, isUsual: false };
  }
  const { lotsMin, lotsMaxMarket, lotsMaxLimit, notionalMin, leverageMax, fundingMs } = usualContract(
    instrument,
    0 as Slot,
  );
  const terms = { lotsMin, lotsMaxMarket, lotsMaxLimit, notionalMin, leverageMax, fundingIntervalMs: fundingMs };
  const row: ListedInstrument = {
    instrument,
    contractType: 'LinearPerpetual',
    status: 'Trading',
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    symbolType: '',
    isPreListing: false,
    launchTime: 0 as Ms,
    deliveryTime: 0 as Ms,
    terms: { ...terms, bandRatio: USUAL_BAND_RATIO },
  };
  return { row, isUsual: true };
}

/** For people. */
export function usualTermsText(symbols: string): string {
  const { notionalMin, leverageMax } = usualContract({} as Instrument, 0 as Slot);
  const terms = `one lot at least, ${moneyText(notionalMin)} USDT at least, no largest order, ${leverageMax / 100} x`;
  return `order limits of ${symbols} are not told: ${terms} (--instruments FILE tells them)`;
}
