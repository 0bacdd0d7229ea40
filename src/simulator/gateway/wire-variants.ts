// In which ways may the exchange's wire behave where nobody has settled how it does? The first of each is usual here.

export interface WireVariants {
  /** Account-wide wallet fields of an isolated account. */
  readonly isolatedTotals: '' | '0';
  /** Whether single orders over REST and over the trade socket draw on one bucket. */
  readonly orderBuckets: 'shared' | 'separate';
  /** Where a `reqId` must not come twice. */
  readonly reqIdScope: 'connection' | 'account';
  /** What becomes of a connection whose login was refused. */
  readonly refusedLogin: 'stays' | 'closes';
  /** How a request with an unknown key is refused: by code in HTTP 200, or by HTTP 401. */
  readonly unknownKey: 'code' | 'status';
  /** Whether the last page of orders, fills or positions hands out a cursor, behind which there is an empty page. */
  readonly lastPage: 'cursor' | 'no cursor';
  /** What is said of an order that is asked for by an id that is not known, or not yet. */
  readonly unknownOrder: 'no rows' | 'code';
  /** Whether private messages come in the order of recordings, or each as late as it likes, acknowledgements too. */
  readonly delivery: 'recorded' | 'shuffled';
}

export const WIRE_DEFAULTS: WireVariants = {
  isolatedTotals: '',
  orderBuckets: 'shared',
  reqIdScope: 'connection',
  refusedLogin: 'stays',
  unknownKey: 'code',
  lastPage: 'cursor',
  unknownOrder: 'no rows',
  delivery: 'recorded',
};
