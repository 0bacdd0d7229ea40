// How does instruments-info print one contract?
import { formatDecimal } from '../market/decimal.ts';
import type { Listing } from './listing.ts';
import type { Market } from './market.ts';
import { TICK_MAX } from './venue/band.ts';

const DAY_MS = 86_400_000;

export function listingRow(listing: Listing, { listings, startMs }: Pick<Market, 'listings' | 'startMs'>): object {
  const { priceScale, tickScaled } = listing.instrument;
  const delivery = listing.deliveryDays === 0 ? 0 : startMs + listing.deliveryDays * DAY_MS;
  const preListing = listing.status === 'PreLaunch';
  return {
    symbol: listing.symbol,
    contractType: listing.contractType,
    status: listing.status,
    baseCoin: listing.baseCoin,
    quoteCoin: listing.quoteCoin,
    launchTime: String(startMs - listing.ageDays * DAY_MS),
    deliveryTime: String(delivery),
    deliveryFeeRate: '',
    priceScale: String(priceScale),
    leverageFilter: { minLeverage: '1', maxLeverage: listing.maxLeverage.toFixed(2), leverageStep: '0.01' },
    priceFilter: {
      minPrice: listing.tickSize,
      maxPrice: formatDecimal(TICK_MAX * tickScaled, priceScale),
      tickSize: listing.tickSize,
    },
    lotSizeFilter: {
      maxOrderQty: listing.maxOrderQty,
      minOrderQty: listing.qtyStep,
      qtyStep: listing.qtyStep,
      postOnlyMaxOrderQty: listing.maxOrderQty,
      maxMktOrderQty: listing.maxMktOrderQty,
      minNotionalValue: '5',
    },
    unifiedMarginTrade: true,
    fundingInterval: listing.contractType === 'LinearPerpetual' ? listing.fundingMinutes : 0,
    settleCoin: listing.quoteCoin,
    copyTrading: 'both',
    upperFundingRate: '0.005',
    lowerFundingRate: '-0.005',
    isPreListing: preListing,
    preListingInfo: preListing ? { curAuctionPhase: 'ContinuousTrading', phases: [] } : null,
    riskParameters: { priceLimitRatioX: listing.bandX, priceLimitRatioY: listing.bandY },
    displayName: '',
    symbolType: listing.symbolType,
    forbidUplWithdrawal: false,
    symbolId: listings.findIndex(({ symbol }) => symbol === listing.symbol) + 1,
  };
}
