// Where nobody knows what the exchange does: which of the possible behaviours does the simulated one show?

export interface Variants {
  /** Does an order that fills at once show `New` first? */
  readonly newBeforeFill: boolean;
  /** Which statuses a stop shows between waiting and its fill. */
  readonly triggered: 'Triggered' | 'Triggered and New' | 'nothing';
  /** Where the message of a new protective order comes. */
  readonly stopTold: 'after position' | 'before position';
  /** Status of a protective order that is switched off with its position. */
  readonly clearedStop: 'Deactivated' | 'Cancelled';
  /** Status of an order that the engine refuses after its ack. */
  readonly refusedAfterAck: 'Rejected' | 'Cancelled';
  /** Cancel type of a stop that its owner removes. */
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
