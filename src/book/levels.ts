// What is one side of a book to those who read it? Its levels from the touch outward, in the places [from, end) of arrays.

export interface Levels {
  /** Most levels that a copy takes over. */
  readonly max: number;
  readonly ticks: Int32Array;
  /** Notional units: tick × lots. */
  readonly units: Float64Array;
  /** Left out where nobody asks. */
  readonly lots?: Float64Array;
  /** Place of the touch. */
  from: number;
  /** Place behind the farthest level. */
  end: number;
}

export function createLevels(max: number): Required<Levels> {
  return {
    max,
    ticks: new Int32Array(max),
    units: new Float64Array(max),
    lots: new Float64Array(max),
    from: 0,
    end: 0,
  };
}
