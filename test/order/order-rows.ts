// What must become of an order, for every state and event? Written from the table of orders in the list of failure modes (5),
// not from the code. Row by row, with no spread: what is not written here is not known.
import type { OrderEvent, OrderState } from '../../src/order/state.ts';

export type Outcome =
  /** It moves on, and the record of that kind is written; none where the one before it has said so already. */
  | {
      readonly kind: 'moves';
      readonly next: OrderState;
      readonly record: 'ACK' | 'REJECT' | 'UNKNOWN' | 'RESOLVED' | undefined;
    }
  /** Nothing changes but a counter. */
  | { readonly kind: 'counted' }
  /** `order.illegal_transition`: it stays where it is and its symbol is quarantined. */
  | { readonly kind: 'violation' };

type Row = Readonly<Record<OrderEvent, Outcome>>;

const COUNTED: Outcome = { kind: 'counted' };
const VIOLATION: Outcome = { kind: 'violation' };
const to = (next: OrderState, record?: 'ACK' | 'REJECT' | 'UNKNOWN' | 'RESOLVED'): Outcome => ({
  kind: 'moves',
  next,
  record,
});

/** Terminal: a late or repeated report is counted and changes nothing. */
const OVER: Row = {
  denied: VIOLATION,
  synced: VIOLATION,
  expired: VIOLATION,
  'handed-over': VIOLATION,
  'not-sent': COUNTED,
  accepted: COUNTED,
  refused: COUNTED,
  unanswered: COUNTED,
  resting: COUNTED,
  'filled-some': COUNTED,
  'filled-all': COUNTED,
  cancelled: COUNTED,
  rejected: COUNTED,
  'proven-absent': COUNTED,
  restarted: COUNTED,
};

/** A state or an event more does not compile without its rows. */
export const ORDER_ROWS: Readonly<Record<OrderState, Row>> = {
  // Not on the disk: nothing of it can have left, so nothing can be heard of it (P4).
  draft: {
    denied: to('denied', 'RESOLVED'),
    synced: to('journaled'),
    expired: to('aborted', 'REJECT'),
    'handed-over': VIOLATION,
    'not-sent': VIOLATION,
    accepted: VIOLATION,
    refused: VIOLATION,
    unanswered: VIOLATION,
    resting: VIOLATION,
    'filled-some': VIOLATION,
    'filled-all': VIOLATION,
    cancelled: VIOLATION,
    rejected: VIOLATION,
    'proven-absent': VIOLATION,
    restarted: to('unknown', 'UNKNOWN'),
  },
  // On the disk, not yet handed over.
  journaled: {
    denied: VIOLATION,
    synced: VIOLATION,
    expired: to('aborted', 'REJECT'),
    'handed-over': to('sent'),
    'not-sent': VIOLATION,
    accepted: VIOLATION,
    refused: VIOLATION,
    unanswered: VIOLATION,
    resting: VIOLATION,
    'filled-some': VIOLATION,
    'filled-all': VIOLATION,
    cancelled: VIOLATION,
    rejected: VIOLATION,
    'proven-absent': VIOLATION,
    restarted: to('unknown', 'UNKNOWN'),
  },
  // On its way.
  sent: {
    denied: VIOLATION,
    synced: VIOLATION,
    expired: VIOLATION,
    'handed-over': VIOLATION,
    'not-sent': to('aborted', 'REJECT'),
    accepted: to('acked', 'ACK'),
    refused: to('rejected', 'REJECT'),
    unanswered: to('unknown', 'UNKNOWN'),
    resting: to('open', 'RESOLVED'),
    'filled-some': to('partial', 'RESOLVED'),
    'filled-all': to('filled', 'RESOLVED'),
    cancelled: to('cancelled', 'RESOLVED'),
    rejected: to('rejected', 'REJECT'),
    'proven-absent': VIOLATION,
    restarted: to('unknown', 'UNKNOWN'),
  },
  // Accepted for processing; nothing further is known.
  acked: {
    denied: VIOLATION,
    synced: VIOLATION,
    expired: VIOLATION,
    'handed-over': VIOLATION,
    'not-sent': VIOLATION,
    accepted: COUNTED,
    refused: COUNTED,
    unanswered: COUNTED,
    resting: to('open', 'RESOLVED'),
    'filled-some': to('partial', 'RESOLVED'),
    'filled-all': to('filled', 'RESOLVED'),
    cancelled: to('cancelled', 'RESOLVED'),
    rejected: to('rejected', 'REJECT'),
    'proven-absent': to('absent', 'RESOLVED'),
    restarted: to('unknown', 'UNKNOWN'),
  },
  // Any evidence ends it; only proof after the fence makes it absent.
  unknown: {
    denied: VIOLATION,
    synced: VIOLATION,
    expired: VIOLATION,
    'handed-over': VIOLATION,
    'not-sent': to('aborted', 'REJECT'),
    accepted: to('acked', 'ACK'),
    refused: to('rejected', 'REJECT'),
    unanswered: COUNTED,
    resting: to('open', 'RESOLVED'),
    'filled-some': to('partial', 'RESOLVED'),
    'filled-all': to('filled', 'RESOLVED'),
    cancelled: to('cancelled', 'RESOLVED'),
    rejected: to('rejected', 'REJECT'),
    'proven-absent': to('absent', 'RESOLVED'),
    restarted: COUNTED,
  },
  // It rests there: a bad second answer does not make it unknown, and it cannot be proven absent.
  open: {
    denied: VIOLATION,
    synced: VIOLATION,
    expired: VIOLATION,
    'handed-over': VIOLATION,
    'not-sent': VIOLATION,
    accepted: COUNTED,
    refused: COUNTED,
    unanswered: COUNTED,
    resting: COUNTED,
    'filled-some': to('partial', 'RESOLVED'),
    'filled-all': to('filled', 'RESOLVED'),
    cancelled: to('cancelled', 'RESOLVED'),
    rejected: to('rejected', 'REJECT'),
    'proven-absent': VIOLATION,
    restarted: to('unknown', 'UNKNOWN'),
  },
  // A report of before the fill that comes after it takes nothing back.
  partial: {
    denied: VIOLATION,
    synced: VIOLATION,
    expired: VIOLATION,
    'handed-over': VIOLATION,
    'not-sent': VIOLATION,
    accepted: COUNTED,
    refused: COUNTED,
    unanswered: COUNTED,
    resting: COUNTED,
    'filled-some': COUNTED,
    'filled-all': to('filled', 'RESOLVED'),
    cancelled: to('cancelled', 'RESOLVED'),
    rejected: to('rejected', 'REJECT'),
    'proven-absent': VIOLATION,
    restarted: to('unknown', 'UNKNOWN'),
  },
  denied: OVER,
  // What it may have filled after all is applied, what rests after all is cancelled by reconciliation.
  aborted: OVER,
  rejected: OVER,
  filled: OVER,
  // With whatever was filled.
  cancelled: OVER,
  // Watched for a day: a sign that it lived makes it a zombie, also that it was cancelled: it may have been filled before.
  absent: {
    denied: VIOLATION,
    synced: VIOLATION,
    expired: VIOLATION,
    'handed-over': VIOLATION,
    'not-sent': COUNTED,
    accepted: to('zombie', 'RESOLVED'),
    refused: COUNTED,
    unanswered: COUNTED,
    resting: to('zombie', 'RESOLVED'),
    'filled-some': to('zombie', 'RESOLVED'),
    'filled-all': to('zombie', 'RESOLVED'),
    cancelled: to('zombie', 'RESOLVED'),
    rejected: to('rejected', 'REJECT'),
    'proven-absent': COUNTED,
    restarted: COUNTED,
  },
  // A stale entry that lives after all: only its end is still of interest.
  zombie: {
    denied: VIOLATION,
    synced: VIOLATION,
    expired: VIOLATION,
    'handed-over': VIOLATION,
    'not-sent': COUNTED,
    accepted: COUNTED,
    refused: COUNTED,
    unanswered: COUNTED,
    resting: COUNTED,
    'filled-some': COUNTED,
    'filled-all': to('filled', 'RESOLVED'),
    cancelled: to('cancelled', 'RESOLVED'),
    rejected: to('rejected', 'REJECT'),
    'proven-absent': COUNTED,
    restarted: COUNTED,
  },
};
