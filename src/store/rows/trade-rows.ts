// How do a trade and an execution of the desk stand in their tables?
import type { Ms } from '../../lib/brand.ts';
import type { ExecutionRow as Execution, TradeRow as Trade } from '../../position/trade/result.ts';
import type { ExecutionRow, TradeRow } from './rows.ts';

/** Whose rows they are. `account` is stable: the environment, and within it the account. */
export interface Owner {
  readonly account: string;
  readonly sessionId: string;
}

const given = <Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });

/** `revision`: of two rows of one trade the higher one counts. `expectedPrice`: the mid of its signal, where it is known. */
export function tradeRowOf(
  trade: Trade,
  owner: Owner,
  revision: number,
  updatedAt: Ms,
  expectedPrice: string | undefined,
): TradeRow {
  const { signalType } = trade;
  return {
    table: 'trades',
    ...owner,
    tradeId: trade.id,
    revision,
    symbol: trade.symbol,
    side: trade.side,
    signalType: signalType === 'breakout' || signalType === 'bounce' ? signalType : 'unknown',
    ...(trade.signalId === '' ? {} : { signalId: trade.signalId }),
    entryTime: trade.entryMs,
    ...given('exitTime', trade.exitMs),
    entryPrice: trade.entryPrice,
    ...given('expectedPrice', expectedPrice),
    ...given('exitPrice', trade.exitPrice),
    positionSize: trade.size,
    notional: trade.notional,
    leverage: trade.leverage,
    stopLossPrice: trade.stopLossPrice,
    stopLossTriggered: trade.stopLossTriggered,
    ...given('exitReason', trade.exitReason),
    ...given('grossProfit', trade.grossProfit),
    fees: trade.fees,
    funding: trade.funding,
    ...given('profitLoss', trade.profitLoss),
    ...given('profitLossPercent', trade.profitLossPercent === undefined ? undefined : Number(trade.profitLossPercent)),
    configHash: trade.configHash,
    parametersSnapshot: trade.parameters,
    details: { isComplete: trade.isComplete },
    updatedAt,
  };
}

export function executionRowOf(execution: Execution, owner: Owner): ExecutionRow {
  const { tradeId, timeMs, seq, feeRate, ...rest } = execution;
  return {
    table: 'executions',
    ...owner,
    ...rest,
    ...given('tradeId', tradeId),
    ...(feeRate === '' ? {} : { feeRate }),
    time: timeMs,
    sequence: seq,
  };
}
