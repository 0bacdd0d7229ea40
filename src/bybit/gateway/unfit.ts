// Why may this account not be traded? (failure-modes 8, boot 2; S02, O14, O25, W17)
import type { Ms } from '../../lib/brand.ts';
import type { KeyFacts, Setup } from './setup.ts';

const UNIFIED: ReadonlySet<number> = new Set([5, 6]);
const DAY_MS = 86_400_000;
/** What is entered with a key that has less left may outlive it, and only its stop would be there to close it (O25). */
const KEY_DAYS_MIN = 2;
/** With less left a new key should be made. */
export const KEY_DAYS_WISHED = 14;

/** Infinite for a key without an end. */
export function keyDaysLeft({ expiresMs }: KeyFacts, now: Ms): number {
  return expiresMs === undefined ? Infinity : (expiresMs - now) / DAY_MS;
}

/** Each with its remedy; empty where nothing speaks against it. `now`: of the exchange. */
export function unfitReasons(setup: Setup, now: Ms): readonly string[] {
  const { key, marginMode, accountStatus, cancelsOnDisconnect } = setup;
  const reasons: string[] = [];
  const say = (isSo: boolean, reason: string): unknown => isSo && reasons.push(reason);
  say(key.mayWithdraw, 'the API key may move money out: make one without wallet and fiat permissions');
  say(key.isReadOnly, 'the API key is read-only: make one that may trade');
  say(!key.mayOrder || !key.maySetPositions, 'the API key may not trade contracts: give it orders and positions');
  say(keyDaysLeft(key, now) <= KEY_DAYS_MIN, 'the API key ends within two days, or has ended: make a new one');
  say(!key.isUnified || !UNIFIED.has(accountStatus), 'the account is not a unified one: upgrade it');
  say(marginMode !== 'isolated', `margin mode is ${marginMode}: set the account to isolated margin`);
  say(cancelsOnDisconnect, 'disconnect protection is on and would cancel stops with the connection: switch it off');
  return reasons;
}
