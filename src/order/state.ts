// What becomes of one order? Every event in every state has its place in the table; what has none is a contradiction.
//
// Executions are not lost by any of it: they are applied to the position whatever the order's state is (failure-modes 5).

export const ORDER_STATES = [
  'draft',
  'journaled',
  'sent',
  'acked',
  'unknown',
  'open',
  'partial',
  'denied',
  'aborted',
  'rejected',
  'filled',
  'cancelled',
  'absent',
  'zombie',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export const ORDER_EVENTS = [
  /** A gate refused it. */
  'denied',
  /** Its record is on disk. */
  'synced',
  /** Too old, or the price has moved on, at the last look before it leaves. */
  'expired',
  /** Its bytes were handed to the gateway. */
  'handed-over',
  /** Its bytes never left the gateway. */
  'not-sent',
  'accepted',
  /** Answered with a definite no. */
  'refused',
  /** Timeout, disconnect, an ambiguous or unreadable answer, or a duplicate of its own id. */
  'unanswered',
  // Reports of the exchange, by the stream or by a look-up
  'resting',
  'filled-some',
  'filled-all',
  'cancelled',
  'rejected',
  /** Fence passed, three complete negative look-ups, size as before. */
  'proven-absent',
  /** We were restarted while its fate was open. */
  'restarted',
] as const;
export type OrderEvent = (typeof ORDER_EVENTS)[number];

type Row = Partial<Record<OrderEvent, OrderState>>;

/** What the exchange says moves an order on from any state in which it may live there. */
const TOLD: Row = {
  resting: 'open',
  'filled-some': 'partial',
  'filled-all': 'filled',
  cancelled: 'cancelled',
  rejected: 'rejected',
};

/** A repeated or late report about a finished order changes nothing. */
function over(state: OrderState): Row {
  return {
    'not-sent': state,
    accepted: state,
    refused: state,
    unanswered: state,
    resting: state,
    'filled-some': state,
    'filled-all': state,
    cancelled: state,
    rejected: state,
    'proven-absent': state,
    restarted: state,
  };
}

/** A stale entry that lives after all: only its end is of interest, and its fills. */
const ZOMBIE: Row = { ...over('zombie'), cancelled: 'cancelled', rejected: 'rejected', 'filled-all': 'filled' };

export const ORDER_TABLE: Readonly<Record<OrderState, Row>> = {
  draft: { denied: 'denied', synced: 'journaled', expired: 'aborted', restarted: 'unknown' },
  journaled: { 'handed-over': 'sent', expired: 'aborted', restarted: 'unknown' },
  sent: {
    ...TOLD,
    'not-sent': 'aborted',
    accepted: 'acked',
    refused: 'rejected',
    unanswered: 'unknown',
    restarted: 'unknown',
  },
  // An order that is known to have been accepted is not unknown because a second answer is bad.
  acked: {
    ...TOLD,
    accepted: 'acked',
    refused: 'acked',
    unanswered: 'acked',
    'proven-absent': 'absent',
    restarted: 'unknown',
  },
  unknown: {
    ...TOLD,
    'not-sent': 'aborted',
    accepted: 'acked',
    refused: 'rejected',
    unanswered: 'unknown',
    'proven-absent': 'absent',
    restarted: 'unknown',
  },
  open: { ...TOLD, accepted: 'open', refused: 'open', unanswered: 'open', restarted: 'unknown' },
  partial: {
    ...TOLD,
    // A report of before the fill that came after it.
    resting: 'partial',
    accepted: 'partial',
    refused: 'partial',
    unanswered: 'partial',
    restarted: 'unknown',
  },
  denied: over('denied'),
  aborted: over('aborted'),
  rejected: over('rejected'),
  filled: over('filled'),
  cancelled: over('cancelled'),
  absent: {
    ...over('absent'),
    accepted: 'zombie',
    resting: 'zombie',
    'filled-some': 'zombie',
    'filled-all': 'zombie',
    // It may have been filled in part before.
    cancelled: 'zombie',
    rejected: 'rejected',
  },
  zombie: ZOMBIE,
};

/** Undefined: `order.illegal_transition`, the symbol is quarantined. */
export function nextOrderState(state: OrderState, event: OrderEvent): OrderState | undefined {
  return ORDER_TABLE[state][event];
}

/** Nothing more will happen by it, except fills that are still under way to us; until then its notional counts as exposure. */
export function isOver(state: OrderState): boolean {
  return (
    state === 'denied' ||
    state === 'aborted' ||
    state === 'rejected' ||
    state === 'filled' ||
    state === 'cancelled' ||
    state === 'absent'
  );
}
