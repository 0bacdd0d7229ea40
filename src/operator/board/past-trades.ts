// What was traded before this run? Read once from the database; while it is away it is asked again, and nothing waits for it.
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import { optional } from './happened.ts';
import type { TradeView } from '../page/protocol-events.ts';

/** As the table `trades` holds one that is finished. */
export interface PastTrade {
  readonly tradeId: string;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly signalType: string;
  readonly signalId?: string;
  readonly entryTime: Ms;
  readonly exitTime?: Ms;
  readonly entryPrice: string;
  readonly exitPrice?: string;
  readonly positionSize: string;
  readonly stopLossPrice?: string;
  readonly exitReason?: string;
  readonly fees: string;
  readonly funding: string;
  readonly profitLoss?: string;
  readonly profitLossPercent?: number | string;
}

export type ReadPast = () => Promise<readonly PastTrade[]>;

const AGAIN = 30_000 as Ms;

export function pastTradeView(trade: PastTrade): TradeView {
  return {
    id: trade.tradeId,
    symbol: trade.symbol,
    side: trade.side,
    strategy: trade.signalType,
    signalId: trade.signalId ?? '',
    entryMs: trade.entryTime,
    entryPrice: Number(trade.entryPrice),
    size: trade.positionSize,
    stop: optional(trade.stopLossPrice) ?? null,
    exitMs: trade.exitTime,
    exitPrice: optional(trade.exitPrice),
    fees: Number(trade.fees) + Number(trade.funding),
    profit: optional(trade.profitLoss),
    profitPercent: optional(trade.profitLossPercent),
    exitReason: trade.exitReason,
  };
}

/** `onFailed` is told once, however often it fails. Answers how to end it. */
export function keepReading(
  read: ReadPast,
  clock: Clock,
  onRead: (trades: readonly TradeView[]) => void,
  onFailed: (reason: string) => void,
): () => void {
  let isOver = false;
  let hasFailed = false;
  const attempt = (): void => {
    read().then(
      (trades) => {
        if (!isOver) onRead(trades.map(pastTradeView));
      },
      (error: unknown) => {
        if (isOver) return;
        if (!hasFailed) onFailed(messageOf(error));
        hasFailed = true;
        clock.after(AGAIN, attempt);
      },
    );
  };
  attempt();
  return () => {
    isOver = true;
  };
}
