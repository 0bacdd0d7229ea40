// What does the engine say of its trading, once a second or when its operator asks?
import { systemClock } from '../../lib/clock.ts';
import { moneyText } from '../../market/money.ts';
import { viewOfDesk, viewOfPosition, viewOfUnread, type DeskView, type PositionView } from '../../ops/control-view.ts';
import type { Moment } from '../../order/words.ts';
import { averagePrice } from '../../position/trade/average-price.ts';
import type { Trading } from '../../engine/trading.ts';

export interface TradingView {
  readonly desk: DeskView;
  readonly positions: readonly PositionView[];
  /** USDT realised since 00:00 UTC, after fees and funding. */
  readonly dayProfit: string;
}

/** `killReason`: as it stands in the file KILL. */
export function viewOfTrading(trading: Trading, killReason: string): TradingView {
  const { trader } = trading;
  const now: Moment = { mono: systemClock.monotonic(), wall: systemClock.wall() };
  const status = trader.status();
  return {
    desk: viewOfDesk(status, now, killReason),
    positions: [
      ...status.positions.map((position) =>
        viewOfPosition(position, {
          instrument: position.instrument,
          entryPrice: averagePrice(position.average, position.instrument),
          markTick: trading.markOf(position.symbol),
          now,
        }),
      ),
      ...status.unread.map((symbol) => viewOfUnread(symbol)),
    ],
    dayProfit: moneyText(trader.account().dayProfit),
  };
}
