// What does the exchange say of the USDT of a unified account in isolated margin?
import type { Ms } from '../../lib/brand.ts';
import type { WalletReport } from '../../order/words.ts';
import { fieldsOf, listOf } from '../fields.ts';
import { moneyOf } from './row.ts';

/** Undefined where the row does not speak of USDT: the stream lists only coins that have changed. */
export function walletReportFrom(row: unknown, updatedMs: Ms): WalletReport | undefined {
  const coin = listOf(fieldsOf(row).coin)
    .map(fieldsOf)
    .find((fields) => fields.coin === 'USDT');
  const balance = moneyOf(coin?.walletBalance);
  if (coin === undefined || balance === undefined) return undefined;
  // Totals of the account mean nothing in isolated margin (bybit-v5, 6.3): what is free is reckoned from the coin's row.
  const bound = [coin.totalPositionIM, coin.totalOrderIM, coin.locked, coin.bonus];
  const free = bound.reduce<bigint>((left, part) => left - (moneyOf(part) ?? 0n), balance);
  return { balance, free, unrealised: moneyOf(coin.unrealisedPnl) ?? 0n, updatedMs };
}
