// hot: for the few levels that pass the cheaper tests; allocates nothing.
// What is typical around a level, and is its price round?

/** Levels on each side that a level or a run is compared with. */
export const NEIGHBOURS = 5;

const sorted = new Float64Array(2 * NEIGHBOURS);

/** Sorts the notionals of up to 5 levels before `a` and 5 behind `b` into `sorted`; returns how many there are. */
function gather(prefix: Float64Array, count: number, a: number, b: number): number {
  let size = 0;
  const from = a < NEIGHBOURS ? 0 : a - NEIGHBOURS;
  const to = b + NEIGHBOURS < count ? b + NEIGHBOURS : count - 1;
  for (let i = from; i <= to; i++) {
    if (i === a) {
      i = b;
      continue;
    }
    size = insert(size, (prefix[i + 1] as number) - (prefix[i] as number));
  }
  return size;
}

function insert(size: number, value: number): number {
  let place = size;
  while (place > 0 && (sorted[place - 1] as number) > value) {
    sorted[place] = sorted[place - 1] as number;
    place--;
  }
  sorted[place] = value;
  return size + 1;
}

/** Median notional of the levels around [a..b] (the mean of the middle two where they are even), −1 below two of them. */
export function typicalAround(prefix: Float64Array, count: number, a: number, b: number): number {
  const size = gather(prefix, count, a, b);
  if (size < 2) return -1;
  const half = size >> 1;
  return size & 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

/**
 * Can the typical level around [a..b] be at most `bound`? Counting is a third of the price of sorting and settles most
 * runs: the lower middle neighbour must be at most the bound.
 */
export function mayBeTypical(prefix: Float64Array, count: number, a: number, b: number, bound: number): boolean {
  let size = 0;
  let below = 0;
  const from = a < NEIGHBOURS ? 0 : a - NEIGHBOURS;
  for (let i = from; i < a; i++) {
    size++;
    if ((prefix[i + 1] as number) - (prefix[i] as number) <= bound) below++;
  }
  const to = b + NEIGHBOURS < count ? b + NEIGHBOURS : count - 1;
  for (let i = b + 1; i <= to; i++) {
    size++;
    if ((prefix[i + 1] as number) - (prefix[i] as number) <= bound) below++;
  }
  return below * 2 >= size;
}

/** Has the price at least two more trailing zeros than the median of its neighbours' prices? */
export function isRound(ticks: Int32Array, count: number, i: number): boolean {
  const own = trailingZeros(ticks[i] as number);
  if (own < 2) return false;
  let size = 0;
  const from = i < NEIGHBOURS ? 0 : i - NEIGHBOURS;
  const to = i + NEIGHBOURS < count ? i + NEIGHBOURS : count - 1;
  for (let j = from; j <= to; j++) if (j !== i) size = insert(size, trailingZeros(ticks[j] as number));
  if (size === 0) return false;
  const half = size >> 1;
  const median = size & 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
  return own >= 2 + median;
}

function trailingZeros(tick: number): number {
  let zeros = 0;
  for (let rest = tick; rest > 0 && rest % 10 === 0; rest /= 10) zeros++;
  return zeros;
}
