// Why may this account not be traded? (failure-modes 8, boot 2; S02, O14, W17)
import type { Setup } from './setup.ts';

const UNIFIED: ReadonlySet<number> = new Set([5, 6]);

/** Each with its remedy; empty where nothing speaks against it. */
export function unfitReasons({ key, marginMode, accountStatus, cancelsOnDisconnect }: Setup): readonly string[] {
  const reasons: string[] = [];
  const say = (isSo: boolean, reason: string): unknown => isSo && reasons.push(reason);
  say(key.mayWithdraw, 'the API key may move money out: make one without wallet and fiat permissions');
  say(key.isReadOnly, 'the API key is read-only: make one that may trade');
  say(!key.mayOrder || !key.maySetPositions, 'the API key may not trade contracts: give it orders and positions');
  say(!key.isUnified || !UNIFIED.has(accountStatus), 'the account is not a unified one: upgrade it');
  say(marginMode !== 'isolated', `margin mode is ${marginMode}: set the account to isolated margin`);
  say(cancelsOnDisconnect, 'disconnect protection is on and would cancel stops with the connection: switch it off');
  return reasons;
}
