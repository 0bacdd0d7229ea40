// What becomes of the position in one symbol? Every event in every state has its place in the table (failure-modes 6).

export const POSITION_STATES = [
  'flat',
  'opening',
  'unprotected',
  'protected',
  'amending',
  'closing',
  'emergency-closing',
  'exchange-closing',
  'foreign',
  'quarantined',
] as const;
export type PositionState = (typeof POSITION_STATES)[number];

export const POSITION_EVENTS = [
  'entry-sent',
  /** The entry is over and nothing of it was filled, by evidence. */
  'entry-over',
  /** Ours, and the required stop is missing. */
  'seen-naked',
  /** Ours, and its stop was read back. */
  'seen-protected',
  'tighten',
  /** The new stop was read back, or the old one is kept after three tries. */
  'amended',
  'exit',
  /** Breached, not protected in time, stuck, lost, killed. */
  'emergency',
  /** The exchange says that it liquidates or deleverages. */
  'taken',
  /** Size 0 on evidence, and no entry of ours under way: while one is, a size of 0 proves nothing. */
  'flat',
  /** Nothing of what stands there is ours, and nothing of ours is under way. */
  'foreign',
  'contradiction',
  // Two clean reconciliations after a contradiction
  'proven-flat',
  'proven-naked',
  'proven-protected',
  'proven-foreign',
] as const;
export type PositionEvent = (typeof POSITION_EVENTS)[number];

type Row = Partial<Record<PositionEvent, PositionState>>;

/** Events that are possible at any time. */
const ALWAYS: Row = { flat: 'flat', foreign: 'foreign', contradiction: 'quarantined' };
const proofs = (state: PositionState): Row => ({
  'proven-flat': state,
  'proven-naked': state,
  'proven-protected': state,
  'proven-foreign': state,
});

export const POSITION_TABLE: Readonly<Record<PositionState, Row>> = {
  flat: {
    ...ALWAYS,
    ...proofs('flat'),
    'entry-sent': 'opening',
    'entry-over': 'flat',
    // Found at start, or a zombie.
    'seen-naked': 'unprotected',
    'seen-protected': 'protected',
    taken: 'flat',
  },
  opening: {
    ...ALWAYS,
    ...proofs('opening'),
    'entry-over': 'flat',
    'seen-naked': 'unprotected',
    'seen-protected': 'protected',
    emergency: 'emergency-closing',
    taken: 'exchange-closing',
  },
  unprotected: {
    ...ALWAYS,
    ...proofs('unprotected'),
    'entry-over': 'unprotected',
    'seen-naked': 'unprotected',
    'seen-protected': 'protected',
    exit: 'closing',
    emergency: 'emergency-closing',
    taken: 'exchange-closing',
  },
  protected: {
    ...ALWAYS,
    ...proofs('protected'),
    'entry-over': 'protected',
    'seen-naked': 'unprotected',
    'seen-protected': 'protected',
    tighten: 'amending',
    // Read back after its amendment was given up, or cut short.
    amended: 'protected',
    exit: 'closing',
    emergency: 'emergency-closing',
    taken: 'exchange-closing',
  },
  amending: {
    ...ALWAYS,
    ...proofs('amending'),
    'entry-over': 'amending',
    'seen-naked': 'unprotected',
    // The old stop still stands: that is not yet the new one.
    'seen-protected': 'amending',
    amended: 'protected',
    exit: 'closing',
    emergency: 'emergency-closing',
    taken: 'exchange-closing',
  },
  closing: {
    ...ALWAYS,
    ...proofs('closing'),
    // What only reduces risk is not stopped by it (P1).
    contradiction: 'closing',
    'entry-over': 'closing',
    'seen-naked': 'closing',
    'seen-protected': 'closing',
    amended: 'closing',
    exit: 'closing',
    emergency: 'emergency-closing',
    taken: 'exchange-closing',
  },
  'emergency-closing': {
    ...ALWAYS,
    ...proofs('emergency-closing'),
    contradiction: 'emergency-closing',
    'entry-over': 'emergency-closing',
    'seen-naked': 'emergency-closing',
    'seen-protected': 'emergency-closing',
    amended: 'emergency-closing',
    exit: 'emergency-closing',
    emergency: 'emergency-closing',
    taken: 'emergency-closing',
  },
  'exchange-closing': {
    ...ALWAYS,
    ...proofs('exchange-closing'),
    'entry-over': 'exchange-closing',
    'seen-naked': 'unprotected',
    'seen-protected': 'protected',
    amended: 'exchange-closing',
    emergency: 'emergency-closing',
    taken: 'exchange-closing',
  },
  foreign: {
    ...ALWAYS,
    ...proofs('foreign'),
    'entry-over': 'foreign',
    // A late fill of an order of ours beside a stranger's.
    'seen-naked': 'unprotected',
    'seen-protected': 'protected',
    taken: 'foreign',
  },
  quarantined: {
    flat: 'quarantined',
    foreign: 'quarantined',
    contradiction: 'quarantined',
    'entry-over': 'quarantined',
    'seen-naked': 'quarantined',
    'seen-protected': 'quarantined',
    amended: 'quarantined',
    // What only reduces risk is never refused (P1).
    emergency: 'emergency-closing',
    taken: 'quarantined',
    'proven-flat': 'flat',
    'proven-naked': 'unprotected',
    'proven-protected': 'protected',
    'proven-foreign': 'foreign',
  },
};

/** Undefined: `position.illegal_transition`. */
export function nextPositionState(state: PositionState, event: PositionEvent): PositionState | undefined {
  return POSITION_TABLE[state][event];
}

/** The position is being closed: nothing else is done with it. */
export function isLeaving(state: PositionState): boolean {
  return state === 'closing' || state === 'emergency-closing';
}
