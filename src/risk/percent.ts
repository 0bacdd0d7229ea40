// Is a part within a percentage of a whole? Decided in integers: a limit that is met exactly is met on every machine.
import type { Tick } from '../market/units.ts';

/** Percentages are taken to the millionth part of one percent, fractions to 10^-8. */
const PARTS = 1_000_000;
const WHOLE = 100_000_000n;

export function percentParts(percent: number): bigint {
  return BigInt(Math.round(percent * PARTS));
}

/** A fraction in units of 10^-8. */
export function fractionParts(fraction: number): bigint {
  return BigInt(Math.round(fraction * Number(WHOLE)));
}

export function isWithinPercent(part: bigint, percent: number, whole: bigint): boolean {
  return part * WHOLE <= percentParts(percent) * whole;
}

export function isBelowPercent(part: bigint, percent: number, whole: bigint): boolean {
  return part * WHOLE < percentParts(percent) * whole;
}

/** A percentage of a price in whole ticks, rounded up. */
export function ticksAtLeast(percent: number, of: Tick): number {
  return Number((percentParts(percent) * BigInt(of) + WHOLE - 1n) / WHOLE);
}

/** The same, rounded down. */
export function ticksAtMost(percent: number, of: Tick): number {
  return Number((percentParts(percent) * BigInt(of)) / WHOLE);
}
