// Why can a recording not be read, or not be read further?

export type RecordFault =
  /** There is no such file, or it cannot be opened. */
  | 'missing'
  /** It holds nothing at all. */
  | 'empty'
  /** It holds something else than frames of Bybit's linear market. */
  | 'foreign'
  /** It was read up to a place and breaks off or makes no sense there. */
  | 'damaged'
  /** It could not be written. */
  | 'write';

/** Where it broke, as far as that is known. */
export interface FaultPlace {
  readonly line?: number;
  /** In the file itself for a broken archive, in the unpacked text for a broken line. */
  readonly byte?: number;
}

/** The one error of this edge. Reading again gives the same, so it is never worth a retry. */
export class RecordError extends Error {
  readonly code: RecordFault;
  readonly retry = false;
  readonly path: string;
  readonly place: FaultPlace;
  readonly reason: string;

  constructor(code: RecordFault, path: string, reason: string, place: FaultPlace = {}) {
    const line = place.line === undefined ? '' : `:${place.line}`;
    const byte = place.byte === undefined ? '' : ` (byte ${place.byte})`;
    super(`${path}${line}${byte}: ${reason}`);
    this.name = 'RecordError';
    this.code = code;
    this.path = path;
    this.place = place;
    this.reason = reason;
  }

  /** The same fault, now that it is known which line it hit. */
  atLine(line: number): RecordError {
    return new RecordError(this.code, this.path, this.reason, { ...this.place, line });
  }
}
