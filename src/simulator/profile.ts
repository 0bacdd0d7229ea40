// What kind of market does one contract have: how deep, how busy, how far can a subscriber see?
import type { Rng } from '../lib/rng.ts';
import type { Side } from '../market/side.ts';
import type { Listing } from './listing.ts';

export const DEPTHS = [50, 200, 1000] as const;
export type BookDepth = (typeof DEPTHS)[number];

/** Half a percent of price on each side is what a subscriber is expected to want to see. */
const COVERED_PERCENT = 0.5;

export interface Profile {
  /** Opening price in ticks. */
  readonly openTick: number;
  /** Notional of a typical level, in USDT. */
  readonly typicalUsdt: number;
  /** Share of prices that hold a level. */
  readonly occupancy: number;
  /** The smallest depth that covers half a percent of price; the largest where none does. */
  readonly homeDepth: BookDepth;
  /** Distance from the touch, in ticks, within which walls are surely visible at the home depth. */
  readonly reach: number;
  /** Ticks of which 42 make the reach: distances scale with it. */
  readonly stride: number;
  /** Mean time between bursts of orders. */
  readonly burstGapMs: number;
  /** Size factor of each side: depth leans a little with the day's trend. */
  readonly lean: readonly [number, number];
  /** The day's change as a fraction, and the side whose walls break when it goes on. */
  readonly change24h: number;
  readonly trendSide: Side;
  readonly turnover24h: number;
}

function visible(openTick: number, occupancy: number): { homeDepth: BookDepth; windowTicks: number } {
  for (const homeDepth of DEPTHS) {
    const windowTicks = homeDepth / occupancy;
    if ((windowTicks / openTick) * 100 >= COVERED_PERCENT) return { homeDepth, windowTicks };
  }
  return { homeDepth: 1000, windowTicks: 1000 / occupancy };
}

const isMajor = (openTick: number): boolean => openTick > 100_000;
const isCoarse = (openTick: number): boolean => openTick < 10_000;

/** What the grid decides: how many prices lie in a window, and how far it reaches. */
function geometry(openTick: number): Pick<Profile, 'openTick' | 'occupancy' | 'homeDepth' | 'reach' | 'stride'> {
  const occupancy = isMajor(openTick) ? 0.6 : isCoarse(openTick) ? 0.97 : 0.8;
  const { homeDepth, windowTicks } = visible(openTick, occupancy);
  const reach = Math.floor(Math.min(windowTicks * 0.83, openTick * 0.006));
  return { openTick, occupancy, homeDepth, reach, stride: reach / 42 };
}

/** The same market on another grid: its participants and its day stay what they are. */
export function regridProfile(profile: Profile, openTick: number): Profile {
  return { ...profile, ...geometry(openTick) };
}

export function createProfile(listing: Listing, index: number, rng: Rng): Profile {
  const { instrument, price } = listing;
  const openTick = Math.round((price * 10 ** instrument.priceScale) / instrument.tickScaled);
  const major = isMajor(openTick);
  const coarse = isCoarse(openTick);
  const gains = rng.next() < 0.55;
  const change24h = (gains ? 1 : -1) * (0.032 + Math.abs(rng.normal()) * 0.05) * (rng.next() < 0.15 ? 0.2 : 1);
  const thin = index >= 8 && rng.next() < 0.1;
  return {
    ...geometry(openTick),
    typicalUsdt: major ? 1_200 : coarse ? 250 + rng.below(900) : 200 + rng.below(350),
    burstGapMs: major ? 35 : 45 + rng.below(60),
    lean: gains ? [1.1, 0.92] : [0.92, 1.1],
    change24h: Math.max(-0.35, Math.min(0.6, change24h)),
    trendSide: gains ? 1 : 0,
    turnover24h: thin
      ? 100_000 + rng.below(800_000)
      : Math.round(1_200_000 * Math.exp(Math.abs(rng.normal()) * 2)) * (major ? 400 : 1),
  };
}
