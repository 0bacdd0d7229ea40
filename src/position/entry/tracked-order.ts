// What do we know of one order of ours? Its state, its fills, and what is to be asked while nobody answers.
import type { Ms } from '../../lib/brand.ts';
import type { Money } from '../../market/money.ts';
import type { Answer } from '../../order/gateway.ts';
import { raiseFilled } from '../../order/fills.ts';
import { isOver, nextOrderState, type OrderEvent, type OrderState } from '../../order/state.ts';
import type { Doubt } from '../../order/unknown.ts';
import { isAmbiguous } from '../../order/answer.ts';
import type { OrderReport, OrderStatus, Role } from '../../order/words.ts';
import type { ApprovedEntry } from '../../risk/gate.ts';
import type { Offer } from '../../risk/situation.ts';
import type { Trade } from '../trade/trade.ts';

/** What an entry is to become; undefined for what only reduces. */
export interface Intention {
  readonly trade: Trade;
  readonly notional: Money;
  /** Undefined for one that a restart has found: it is never sent again. */
  readonly approval: { readonly entry: ApprovedEntry; readonly offer: Offer } | undefined;
}

export interface TrackedOrder {
  readonly linkId: string;
  readonly role: Role;
  /** +1 for what opens a long, −1 a short, 0 for what only reduces. */
  readonly sign: 1 | -1 | 0;
  /** Undefined: whatever the position's size is. */
  readonly lots: number | undefined;
  readonly intention: Intention | undefined;
  state: OrderState;
  orderId: string;
  /** Lots filled, by whatever was told; executions may be fewer for a while. */
  filled: number;
  doubt: Doubt | undefined;
  /** Of the newest report when it was sent: executions of before then were in the size it started from. */
  baselineSeq: number;
  /** Monotonic: of its last change. */
  changedAt: Ms;
  /** Repeated and late words. */
  repeats: number;
}

export function trackOrder(
  linkId: string,
  role: Role,
  sign: 1 | -1 | 0,
  lots: number | undefined,
  intention: Intention | undefined,
  now: Ms,
): TrackedOrder {
  const quiet = { orderId: '', filled: 0, doubt: undefined, baselineSeq: -1, repeats: 0 };
  return { linkId, role, sign, lots, intention, state: 'draft', changedAt: now, ...quiet };
}

const TOLD: Readonly<Record<OrderStatus, OrderEvent | undefined>> = {
  new: 'resting',
  'partly-filled': 'filled-some',
  filled: 'filled-all',
  cancelled: 'cancelled',
  deactivated: 'cancelled',
  rejected: 'rejected',
  untriggered: undefined,
  triggered: undefined,
  unknown: undefined,
};

export function eventOfReport(report: OrderReport): OrderEvent | undefined {
  return TOLD[report.status];
}

export function eventOfAnswer(answer: Answer): OrderEvent {
  switch (answer.outcome) {
    case 'accepted':
      return 'accepted';
    case 'not-sent':
      return 'not-sent';
    case 'unknown':
      return 'unanswered';
    case 'refused':
      return isAmbiguous(answer.class) ? 'unanswered' : 'refused';
  }
}

export type Advance = 'moved' | 'same' | 'illegal';

/** The order after one more word; `illegal` leaves it where it was. */
export function advance(order: TrackedOrder, event: OrderEvent, now: Ms): Advance {
  const next = nextOrderState(order.state, event);
  if (next === undefined) return 'illegal';
  if (next === order.state) {
    order.repeats++;
    return 'same';
  }
  order.state = next;
  order.changedAt = now;
  return 'moved';
}

/** False where more is filled than was ordered (I-12). */
export function noteFilled(order: TrackedOrder, lots: number): boolean {
  const filled = raiseFilled(order.filled, lots, order.lots);
  if (filled === undefined) return false;
  order.filled = filled;
  return true;
}

/** Lots of an entry whose executions have not come yet, or may still. */
export function comingLots(order: TrackedOrder, executed: number): number {
  if (order.lots === undefined || order.state === 'draft' || order.state === 'journaled') return 0;
  return Math.max(0, (isOver(order.state) ? order.filled : order.lots) - executed);
}
