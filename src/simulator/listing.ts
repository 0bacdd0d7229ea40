// Which contracts does the simulated exchange list, and on which grids?
import type { Rng } from '../lib/rng.ts';
import { createInstrument, type Instrument } from '../market/instrument.ts';

export interface Listing {
  readonly instrument: Instrument;
  readonly symbol: string;
  readonly tickSize: string;
  readonly qtyStep: string;
  readonly maxOrderQty: string;
  readonly maxMktOrderQty: string;
  readonly maxLeverage: number;
  readonly fundingMinutes: number;
  readonly bandX: string;
  readonly bandY: string;
  readonly baseCoin: string;
  readonly quoteCoin: string;
  readonly contractType: 'LinearPerpetual' | 'LinearFutures';
  readonly status: 'Trading' | 'PendingOpen' | 'PreLaunch' | 'Delivering' | 'Closed';
  readonly symbolType: '' | 'innovation' | 'stock' | 'commodity';
  /** Negative where it is yet to be launched. */
  readonly ageDays: number;
  /** Days until delivery; 0 for none. On a perpetual: delisting is scheduled. */
  readonly deliveryDays: number;
  /** Opening price in USDT; the tick nearest to it opens the book. */
  readonly price: number;
  /** Whether participants trade it here: only these have a book. */
  readonly traded: boolean;
}

type Row = readonly [string, string, number, string, string, string, number, number, string, string, number];

// Mainnet's grids and limits of August 2026; prices of the capture where known.
const MAINNET: readonly Row[] = [
  ['BTCUSDT', '0.10', 2, '0.001', '1500', '150', 100, 480, '0.01', '0.02', 65114.2],
  ['ETHUSDT', '0.01', 2, '0.01', '10000', '2000', 100, 480, '0.02', '0.04', 1922.4],
  ['SOLUSDT', '0.010', 3, '0.1', '96000', '12000', 100, 480, '0.05', '0.1', 77.31],
  ['XRPUSDT', '0.0001', 4, '0.1', '7500000', '1500000', 100, 480, '0.05', '0.1', 2.8181],
  ['DOGEUSDT', '0.00001', 5, '1', '43678900', '5991100', 75, 480, '0.05', '0.1', 0.07053],
  ['ADAUSDT', '0.0001', 4, '1', '1500000', '590000', 75, 480, '0.05', '0.1', 0.6512],
  ['LINKUSDT', '0.001', 3, '0.1', '41000', '15000', 50, 480, '0.05', '0.1', 28.114],
  ['AVAXUSDT', '0.001', 3, '0.1', '110000', '22000', 50, 480, '0.02', '0.1', 29.307],
  ['SUIUSDT', '0.00010', 5, '10', '330000', '66000', 50, 480, '0.05', '0.1', 3.1442],
  ['LTCUSDT', '0.01', 2, '0.1', '8800', '3000', 50, 480, '0.05', '0.1', 88.25],
  ['BNBUSDT', '0.10', 2, '0.01', '940', '370', 50, 480, '0.05', '0.1', 690.4],
  ['TRXUSDT', '0.00001', 5, '1', '1500000', '460000', 75, 480, '0.05', '0.1', 0.33127],
  ['HYPEUSDT', '0.001', 3, '0.01', '73500', '14700', 75, 480, '0.05', '0.1', 41.385],
  ['ARBUSDT', '0.00001', 5, '0.1', '21500000', '4300000', 50, 480, '0.05', '0.1', 0.35418],
  ['APTUSDT', '0.0001', 4, '0.01', '800000', '160000', 50, 480, '0.05', '0.1', 4.5127],
  ['NEARUSDT', '0.0001', 4, '0.1', '469060', '66470', 50, 480, '0.05', '0.1', 2.9118],
  ['WIFUSDT', '0.00001', 5, '1', '1500000', '300000', 50, 240, '0.05', '0.1', 0.38655],
  ['1000PEPEUSDT', '0.0000010', 7, '100', '110000000', '42000000', 50, 480, '0.05', '0.1', 0.007324],
  ['SHIB1000USDT', '0.000001', 6, '10', '134076000', '15555000', 50, 480, '0.05', '0.1', 0.008416],
];

/** A third of the names that three syllables make: beyond all of them there is no further one to be found. */
export const SYMBOLS_MAX = 1_000;
const SYLLABLES = ['ka', 'ze', 'mo', 'ri', 'tu', 'la', 'vo', 'xi', 'na', 'pe', 'du', 'sy', 'qo', 'be', 'fi'];

function grid(symbol: string, tickSize: string, qtyStep: string, priceScale: number): Instrument {
  const instrument = createInstrument(symbol, tickSize, qtyStep, priceScale);
  if (instrument === undefined) throw new Error(`broken invariant: grid of ${symbol}`);
  return instrument;
}

function mainnetListing(row: Row): Listing {
  const [
    symbol,
    tickSize,
    priceScale,
    qtyStep,
    maxOrderQty,
    maxMktOrderQty,
    maxLeverage,
    fundingMinutes,
    bandX,
    bandY,
    price,
  ] = row;
  return {
    instrument: grid(symbol, tickSize, qtyStep, priceScale),
    symbol,
    tickSize,
    qtyStep,
    maxOrderQty,
    maxMktOrderQty,
    maxLeverage,
    fundingMinutes,
    bandX,
    bandY,
    price,
    baseCoin: symbol.slice(0, -4),
    quoteCoin: 'USDT',
    contractType: 'LinearPerpetual',
    status: 'Trading',
    symbolType: '',
    ageDays: 1_500,
    deliveryDays: 0,
    traded: true,
  };
}

function coinName(index: number, rng: Rng): string {
  const syllable = (): string => SYLLABLES[rng.below(SYLLABLES.length)] as string;
  return `${syllable()}${syllable()}${index >= 200 ? syllable() : ''}`.toUpperCase();
}

/** Small coins: most have ticks of 1.1 to 1.8 bp (50 levels cover half a percent), one in five is fine-grained. */
function smallCoin(baseCoin: string, rng: Rng): Listing {
  const fine = rng.next() < 0.2;
  const ticks = fine ? 28_000 + rng.below(16_000) : 5_600 + rng.below(3_400);
  const decimals = 2 + rng.below(4);
  const price = ticks / 10 ** decimals;
  const stepExponent = Math.floor(Math.log10(price));
  const qtyStep = stepExponent <= 0 ? String(10 ** -stepExponent) : `0.${'0'.repeat(stepExponent - 1)}1`;
  const tickSize = `0.${'0'.repeat(decimals - 1)}1`;
  const symbol = `${baseCoin}USDT`;
  return {
    instrument: grid(symbol, tickSize, qtyStep, decimals),
    symbol,
    tickSize,
    qtyStep,
    price,
    baseCoin,
    quoteCoin: 'USDT',
    bandX: '0.05',
    bandY: '0.1',
    maxOrderQty: '1500000',
    maxMktOrderQty: '300000',
    maxLeverage: 50,
    fundingMinutes: rng.next() < 0.5 ? 240 : 480,
    contractType: 'LinearPerpetual',
    status: 'Trading',
    symbolType: rng.next() < 0.3 ? 'innovation' : '',
    ageDays: 30 + rng.below(900),
    deliveryDays: 0,
    traded: true,
  };
}

/** Rows that a universe of ordinary USDT perpetuals must leave out, each for another reason. */
function unwanted(): Listing[] {
  const [btc, eth] = MAINNET.slice(0, 2).map(mainnetListing) as [Listing, Listing];
  const like = (model: Listing, symbol: string, changes: Partial<Listing>): Listing => ({
    ...model,
    symbol,
    instrument: { ...model.instrument, symbol },
    traded: false,
    ...changes,
  });
  return [
    like(btc, 'BTCPERP', { quoteCoin: 'USDC' }),
    like(eth, 'ETHPERP', { quoteCoin: 'USDC' }),
    like(btc, 'BTCUSDT-25DEC26', { contractType: 'LinearFutures', deliveryDays: 60, ageDays: 90 }),
    like(eth, 'ETHUSDT-25DEC26', { contractType: 'LinearFutures', deliveryDays: 60, ageDays: 90 }),
    like(eth, 'TSLAUSDT', { baseCoin: 'TSLA', symbolType: 'stock', price: 312.44 }),
    like(eth, 'XAUUSDT', { baseCoin: 'XAU', symbolType: 'commodity', price: 3_388.12 }),
    like(eth, 'NEXTUSDT', { baseCoin: 'NEXT', status: 'PendingOpen', price: 2.6, ageDays: -1 }),
    like(eth, 'SOONUSDT', { baseCoin: 'SOON', status: 'PreLaunch', price: 1.25, ageDays: 1 }),
    like(eth, 'LEAVEUSDT', { baseCoin: 'LEAVE', deliveryDays: 3, price: 4.11 }),
    like(eth, 'FRESHUSDT', { baseCoin: 'FRESH', ageDays: 3, price: 18.02 }),
    like(eth, 'GONEUSDT', { baseCoin: 'GONE', status: 'Closed', price: 0.52 }),
  ];
}

/** `count` traded USDT perpetuals, mainnet's best known first, and the unwanted rows among them. */
export function createListings(count: number, rng: Rng): Listing[] {
  const listings = MAINNET.slice(0, count).map(mainnetListing);
  const taken = new Set(listings.map((listing) => listing.symbol));
  while (listings.length < count) {
    const name = coinName(listings.length, rng);
    if (taken.has(`${name}USDT`)) continue;
    taken.add(`${name}USDT`);
    listings.push(smallCoin(name, rng));
  }
  return [...listings, ...unwanted()];
}

/** The same contract on another grid; undefined where a text is no plain positive decimal. */
export function regrid(listing: Listing, tickSize: string, qtyStep: string): Listing | undefined {
  const instrument = createInstrument(listing.symbol, tickSize, qtyStep);
  return instrument === undefined ? undefined : { ...listing, instrument, tickSize, qtyStep };
}
