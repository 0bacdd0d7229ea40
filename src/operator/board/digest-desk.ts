// How does the desk stand, in the decimals of the exchange and in wall time?
import type { Ms } from '../../lib/brand.ts';
import { priceText } from '../../market/instrument.ts';
import { moneyText, percentOf } from '../../market/money.ts';
import { SIDE_NAMES } from '../../market/side.ts';
import { exactSizeText } from '../../market/size.ts';
import type { Tick } from '../../market/units.ts';
import type { Moment } from '../../order/words.ts';
import { averagePrice } from '../../position/trade/average-price.ts';
import { heldSizes, type DeskAccount, type DeskStatus, type PositionStatus } from '../../position/desk-status.ts';
import type { PositionState } from '../../position/state.ts';
import type { AccountDigest, DeskDigest, PositionDigest } from '../port.ts';

const MINUTE_MS = 60_000;
/** In these no stop was read back, whatever is meant. */
const UNSEEN: ReadonlySet<PositionState> = new Set(['flat', 'opening', 'unprotected', 'foreign', 'quarantined']);

export interface DeskLimits {
  readonly positionsMax: number;
  readonly exposurePercentMax: number;
  readonly tooSmall: readonly string[];
}

export function deskDigest(status: DeskStatus, account: DeskAccount, limits: DeskLimits, now: Moment): DeskDigest {
  const wallOf = (mono: Ms): Ms => Math.round(now.wall - (now.mono - mono)) as Ms;
  const { mode, latch, isKilled, reconciledAt } = status;
  return {
    mode,
    latch,
    isKilled,
    blocks: [...account.blocks].map(([reason, { since, sticky }]) => ({ reason, sinceMs: wallOf(since), sticky })),
    reconciledMs: reconciledAt === undefined ? undefined : wallOf(reconciledAt),
    positions: status.positions.map((position) => positionDigest(position, wallOf, now)),
    unread: status.unread,
    positionsMax: limits.positionsMax,
    tooSmall: limits.tooSmall,
    account: accountDigest(status, account, limits),
    links: account.links,
    ordersSent: account.ordersSent,
    orderRefusals: account.orderRefusals,
    journalRecords: account.journalRecords,
  };
}

function accountDigest(
  { wallet }: DeskStatus,
  { dayProfit, exposure }: DeskAccount,
  { exposurePercentMax }: DeskLimits,
): AccountDigest | undefined {
  if (wallet === undefined) return undefined;
  const equity = wallet.balance + wallet.unrealised;
  return {
    equity: moneyText(equity),
    free: moneyText(wallet.free),
    dayProfit: moneyText(dayProfit),
    exposure: moneyText(exposure),
    exposureMax: moneyText(percentOf(equity, exposurePercentMax)),
  };
}

function positionDigest(position: PositionStatus, wallOf: (mono: Ms) => Ms, now: Moment): PositionDigest {
  const { symbol, state, ours, trade, entry, nakedSince, heldMs, instrument, average } = position;
  const sizes = heldSizes(position);
  const price = (tick: Tick): string => priceText(tick, instrument);
  const entryPrice = averagePrice(average, instrument);
  const openedMs = heldMs === undefined ? undefined : (Math.round(now.wall - heldMs) as Ms);
  const wall = trade?.wall;
  return {
    symbol,
    state,
    side: ours === 0 ? trade?.side : ours > 0 ? 'long' : 'short',
    size: exactSizeText(sizes.ours < 0n ? -sizes.ours : sizes.ours, instrument),
    foreignSize: exactSizeText(sizes.foreign, instrument),
    entryPrice: entryPrice === undefined ? undefined : moneyText(entryPrice),
    nakedSinceMs: nakedSince === undefined ? undefined : wallOf(nakedSince),
    entryOrder: entry,
    openedMs,
    stop: trade && { price: price(trade.stop.tick), by: trade.stop.by, isConfirmed: !UNSEEN.has(state) },
    isBreakeven: trade?.isBreakeven ?? false,
    strategy: trade?.strategy,
    tradeId: trade?.id,
    signalId: trade?.signalId === '' ? undefined : trade?.signalId,
    expiresMs:
      trade === undefined || openedMs === undefined
        ? undefined
        : ((openedMs + trade.rules.maxHoldingMinutes * MINUTE_MS) as Ms),
    leverage: trade?.leverage,
    wall: wall && {
      side: SIDE_NAMES[wall.side],
      low: price(wall.low),
      high: price(wall.high),
    },
    closing: trade?.closing,
  };
}
