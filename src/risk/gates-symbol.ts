// May this symbol be entered? (G07, G08, G13, G22, G24, G30, G31)
import { CONTRACT_AGE_MS_MAX, DELISTING_MS_MIN, REJECTS_SYMBOL_MAX, REJECTS_TOTAL_MAX } from './limits.ts';
import { isSound } from './sound.ts';
import { isWithinPercent } from './percent.ts';
import type { Judged } from './plan.ts';
import type { Situation } from './situation.ts';

export function symbolStatus({ contract, symbol, exchangeMs }: Situation): string | undefined {
  if (contract === undefined) return 'contract unknown';
  if (!contract.isTrading) return 'not trading';
  if (contract.isPreListing) return 'before its listing';
  if (symbol.isReduceOnly !== false) return symbol.isReduceOnly ? 'reduce-only' : 'not known whether reduce-only';
  if (contract.deliveryMs === 0) return undefined;
  if (exchangeMs === undefined) return 'exchange time unknown';
  const left = contract.deliveryMs - exchangeMs;
  return left > DELISTING_MS_MIN ? undefined : `delisting in ${left} ms`;
}

export function contractAge({ contract, now }: Situation): string | undefined {
  if (contract === undefined) return 'contract unknown';
  if (!isSound(contract)) return 'contract makes no sense';
  const age = now - contract.readAt;
  return age < CONTRACT_AGE_MS_MAX ? undefined : `contract read ${age} ms ago`;
}

export function intent({ symbol }: Situation): string | undefined {
  if (symbol.intent !== 'none')
    return symbol.intent === undefined ? 'intents unknown' : `an intent is ${symbol.intent}`;
  if (symbol.signalUsed === false) return undefined;
  return symbol.signalUsed === undefined ? 'not known whether the signal was used' : 'the signal was used';
}

export function cooldown({ account, symbol, exchangeMs, limits }: Judged): string | undefined {
  if (account.lossesInRow === undefined) return 'losses in a row unknown';
  if (!(account.lossesInRow < limits.lossesInRowMax)) return `${account.lossesInRow} losses in a row`;
  if (symbol.cooldownUntil === undefined || exchangeMs === undefined) return 'cooldown unknown';
  const left = symbol.cooldownUntil - exchangeMs;
  return left <= 0 ? undefined : `the symbol rests for ${left} ms`;
}

export function rejects({ symbol }: Situation): string | undefined {
  if (symbol.rejects === undefined) return 'rejects unknown';
  const { symbol: own, total } = symbol.rejects;
  if (own < REJECTS_SYMBOL_MAX && total < REJECTS_TOTAL_MAX) return undefined;
  return `${own} rejects in a row, ${total} over all symbols`;
}

export function accountSetting({ symbol, contract, settings }: Situation): string | undefined {
  if (contract === undefined) return 'contract unknown';
  if (symbol.isIsolated !== true) return 'margin is not isolated';
  if (symbol.isOneWay !== true) return 'not in one-way mode';
  if (symbol.isMarginFixed !== true) return 'the exchange adds margin by itself';
  const wanted = settings.leverage * 100;
  if (symbol.leverage !== wanted) return `leverage is ${leverageText(symbol.leverage)}, not ${settings.leverage}`;
  return wanted <= contract.leverageMax ? undefined : `leverage above ${leverageText(contract.leverageMax)}`;
}

export function symbolEnabled({ symbol, offer, rules, plan }: Judged): string | undefined {
  if (symbol.isEnabled !== true) return 'the symbol is not enabled';
  const kind = offer.signal.signal;
  if (kind === 'none') return 'not a signal';
  const isAllowed = kind === 'breakout' ? symbol.breakoutAllowed : symbol.bounceAllowed;
  if (isAllowed !== true) return `${kind} is not allowed`;
  if (plan === undefined) return 'no plan';
  const isFine = isWithinPercent(1n, rules.maxTickPercent, BigInt(plan.size.entryTick));
  return isFine ? undefined : 'a tick is too large a part of the price';
}

function leverageText(hundredths: number | undefined): string {
  return hundredths === undefined ? 'unknown' : String(hundredths / 100);
}
