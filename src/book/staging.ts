// What does one parsed book frame look like before it touches a book? Plain numbers in arrays that are made once.

/** More level changes than this in one frame are refused: twice the deepest topic's two sides. */
export const STAGED_LEVELS_MAX = 4_096;

/** One frame's level changes, bids first. Prices and sizes as printed: digits and how many of them stand behind the point. */
export interface Staging {
  readonly priceDigits: Float64Array;
  readonly priceDecimals: Uint8Array;
  readonly sizeDigits: Float64Array;
  readonly sizeDecimals: Uint8Array;
  /** [bids, bids + asks] */
  readonly ends: Int32Array;
  /** u, seq, cts, ts, received */
  readonly stamps: Float64Array;
}

export const STAMP_UPDATE = 0;
export const STAMP_SEQUENCE = 1;
export const STAMP_EXCHANGE = 2;
export const STAMP_SENT = 3;
export const STAMP_RECEIVED = 4;

export function createStaging(): Staging {
  return {
    priceDigits: new Float64Array(STAGED_LEVELS_MAX),
    priceDecimals: new Uint8Array(STAGED_LEVELS_MAX),
    sizeDigits: new Float64Array(STAGED_LEVELS_MAX),
    sizeDecimals: new Uint8Array(STAGED_LEVELS_MAX),
    ends: new Int32Array(2),
    stamps: new Float64Array(5),
  };
}
