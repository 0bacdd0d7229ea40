// Where nobody knows what the exchange does: which of the possible behaviours does the simulated one show?

export interface Variants {
  /** Does an order that fills at once say `New` first? */
  readonly newBeforeFill: boolean;
  /** What a stop says between waiting and its fill. */
  readonly triggered: 'Triggered' | 'Triggered and New' | 'nothing';
  /** Where the message of a new protective order comes. */
  readonly stopTold: 'after position' | 'before position';
  /** The word for a protective order that is switched off with its position. */
  readonly clearedStop: 'Deactivated' | 'Cancelled';
  /** The word for an order that the engine refuses after its ack. */
  readonly refusedAfterAck: 'Rejected' | 'Cancelled';
  /** How a removed stop says why. */
  readonly removedStop: 'CancelByUser' | 'CancelByTpSlTsClear';
  readonly liquidationPrice: 'mark-based' | 'entry-based';
  /** A market order that finds nothing inside of the band. */
  readonly emptyMarketOrder: 'cancelled' | '10001' | '110118';
  /** The price with which a market order's least value is checked. */
  readonly notionalPrice: 'last' | 'mark' | 'touch';
  readonly positionToldOnFunding: boolean;
}

export const DEFAULT_VARIANTS: Variants = {
  newBeforeFill: false,
  triggered: 'Triggered',
  stopTold: 'after position',
  clearedStop: 'Deactivated',
  refusedAfterAck: 'Rejected',
  removedStop: 'CancelByUser',
  liquidationPrice: 'mark-based',
  emptyMarketOrder: 'cancelled',
  notionalPrice: 'last',
  positionToldOnFunding: false,
};
