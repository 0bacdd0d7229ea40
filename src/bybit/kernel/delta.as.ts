// wasm: once per delta on main; compiled by `npm run kernel`, which also brings the constants of book/layout.ts; allocates nothing.
// How is a delta read when nothing about it is unusual? How it then becomes part of its book: apply.as.ts, one program with this.
//
// AssemblyScript: TypeScript's words, machine integers, pointers. It does what bybit/frames/scanner.ts and book/write.ts do, and they
// are its oracle. It looks at everything before it writes anything: a frame with any surprise is theirs, untouched.
//
// Why no reader checks for the end of the frame: as in bytes.ts. What stands behind the frame is an older one or zeros; a
// place that has run into it never comes back to the last byte of this one, which is asked for in the end.

/** The frame is for the whole implementation. */
const NOT_MINE: i32 = -1;
/** Added to the slot: its levels are in, the rest is for the whole implementation; the book is still being written. */
const FINISH: i32 = 0x10000;

const MAX_SAFE: f64 = 9007199254740991;
const DIGITS_MAX: usize = 15;
const NAME_BYTES_MAX: usize = 32;

// Bytes as numbers, in the order of memory.
const EIGHT_BYTES_TOPIC: u64 = 0x3a226369706f7422; // "topic":
const SEVEN_BYTES: u64 = 0x00ffffffffffffff;
const KEY_TYPE: u64 = 0x003a226570797422; // "type":
const KEY_DATA: u64 = 0x003a226174616422; // "data":
const DELTA: u64 = 0x002261746c656422; // "delta"
const SIX_BYTES: u64 = 0x0000ffffffffffff;
const KEY_EXCHANGE: u64 = 0x00003a2273746322; // "cts":
const KEY_SEQUENCE: u64 = 0x00003a2271657322; // "seq":
const FIVE_BYTES: u64 = 0x000000ffffffffff;
const KEY_SENT: u64 = 0x0000003a22737422; // "ts":
const KEY_SYMBOL: u32 = 0x3a227322; // "s":
const KEY_BIDS: u32 = 0x3a226222; // "b":
const KEY_ASKS: u32 = 0x3a226122; // "a":
const KEY_UPDATE: u32 = 0x3a227522; // "u":
const ORDERBOO: u64 = 0x6f6f62726564726f;
const K_POINT: u16 = 0x2e6b;

const SEEN_TOPIC: i32 = 1;
const SEEN_TYPE: i32 = 2;
const SEEN_SENT: i32 = 4;
const SEEN_EXCHANGE: i32 = 8;
const SEEN_DATA: i32 = 16;
const SEEN_SYMBOL: i32 = 32;
const SEEN_BIDS: i32 = 64;
const SEEN_ASKS: i32 = 128;
const SEEN_UPDATE: i32 = 256;
const SEEN_SEQUENCE: i32 = 512;
const ALL_SEEN: i32 = 1023;

// Where things are: told once, see memory.ts.
let frameAt: usize = 0;
let keysAt: usize = 0;
let lotsAt: usize = 0;
let stampsAt: usize = 0;
let stateAt: usize = 0;
let gridsAt: usize = 0;
let connectionsAt: usize = 0;
let depthsAt: usize = 0;
let hashesAt: usize = 0;
let lengthsAt: usize = 0;
let namesAt: usize = 0;
let slotsAt: usize = 0;
let routesMask: i32 = 0;
let numbersAt: usize = 0;

export function lay(
  frame: usize,
  keys: usize,
  lots: usize,
  stamps: usize,
  state: usize,
  grids: usize,
  connections: usize,
  depths: usize,
  hashes: usize,
  lengths: usize,
  names: usize,
  slots: usize,
  routes: i32,
  numbers: usize,
): void {
  frameAt = frame;
  keysAt = keys;
  lotsAt = lots;
  stampsAt = stamps;
  stateAt = state;
  gridsAt = grids;
  connectionsAt = connections;
  depthsAt = depths;
  hashesAt = hashes;
  lengthsAt = lengths;
  namesAt = names;
  slotsAt = slots;
  routesMask = routes - 1;
  numbersAt = numbers;
}

// The frame in hand.
let connectionNow: i32 = 0;
let seen: i32 = 0;
let slot: i32 = 0;
let nameFrom: usize = 0;
let nameLength: usize = 0;
let staged: i32 = 0;
let bids: i32 = 0;
let words: usize = 0; // of its book
let numbers: usize = 0;
let priceScale: i32 = 0;
let lotScale: i32 = 0;
let tickScaled: f64 = 0;
let lotScaled: f64 = 0;
let perTick: f64 = 0;
let perLot: f64 = 0;
// What `decimal` has read.
let digits: f64 = 0;
let decimals: i32 = 0;

/**
 * Applies the delta of `length` bytes that lies in the frame's place. Answers the slot of its book, with FINISH added where
 * that is not all, or NOT_MINE.
 */
export function delta(from: i32, length: i32, connection: i32, received: f64): i32 {
  connectionNow = connection;
  seen = 0;
  staged = 0;
  bids = 0;
  let p = frameAt + from;
  const last = p + length - 1;
  if (load<u8>(p) !== 0x7b || load<u8>(last) !== 0x7d) return NOT_MINE;
  p++;
  while (true) {
    const key = load<u64>(p);
    if (key === EIGHT_BYTES_TOPIC) {
      p = mark(SEEN_TOPIC) ? topic(p + 8) : 0;
    } else if ((key & SEVEN_BYTES) === KEY_TYPE) {
      p = mark(SEEN_TYPE) && (load<u64>(p, 7) & SEVEN_BYTES) === DELTA ? p + 14 : 0;
    } else if ((key & FIVE_BYTES) === KEY_SENT) {
      p = mark(SEEN_SENT) ? integer(p + 5, STAMP_SENT) : 0;
    } else if ((key & SEVEN_BYTES) === KEY_DATA) {
      p = (seen & SEEN_TOPIC) !== 0 && mark(SEEN_DATA) ? data(p + 7) : 0;
    } else if ((key & SIX_BYTES) === KEY_EXCHANGE) {
      p = mark(SEEN_EXCHANGE) ? integer(p + 6, STAMP_EXCHANGE) : 0;
    } else return NOT_MINE;
    if (p === 0) return NOT_MINE;
    const next = load<u8>(p);
    if (next === 0x7d) break;
    if (next !== 0x2c) return NOT_MINE;
    p++;
  }
  if (p !== last || seen !== ALL_SEEN) return NOT_MINE;
  if (stamp(STAMP_UPDATE) !== load<f64>(numbers + UPDATE_ID * 8) + 1) return NOT_MINE;
  if (stamp(STAMP_SEQUENCE) < load<f64>(numbers + SEQUENCE * 8)) return NOT_MINE;
  // A time that may be wrong is weighed by matchedAt.
  const exchange = stamp(STAMP_EXCHANGE);
  if (exchange > stamp(STAMP_SENT) + <f64>AHEAD_MS_MAX) return NOT_MINE;
  if (exchange < load<f64>(numbers + EXCHANGE_TIME * 8) - <f64>OLDER_MS_MAX) return NOT_MINE;
  store<f64>(stampsAt + STAMP_RECEIVED * 8, received);
  return apply();
}

/** A key that comes twice is a surprise: JSON lets the last one win. */
function mark(bit: i32): bool {
  const fresh = (seen & bit) === 0;
  seen |= bit;
  return fresh;
}

function stamp(which: usize): f64 {
  return load<f64>(stampsAt + which * 8);
}

/** From the value of the topic on; 0 for all that is not a live book of this connection. */
function topic(from: usize): usize {
  let p = from;
  if (load<u8>(p) !== 0x22 || load<u64>(p, 1) !== ORDERBOO || load<u16>(p, 9) !== K_POINT) return 0;
  p += 11;
  let depth: i32 = 0;
  while (true) {
    const digit = <u32>load<u8>(p) - 48;
    if (digit > 9 || depth > 100000) break;
    depth = depth * 10 + digit;
    p++;
  }
  if (load<u8>(p) !== 0x2e || depth < 2) return 0;
  p++;
  nameFrom = p;
  let hash: i32 = 0x811c9dc5;
  while (true) {
    const byte = load<u8>(p);
    if (byte === 0x22) break;
    if (p - nameFrom >= NAME_BYTES_MAX) return 0;
    hash = (hash ^ byte) * 0x01000193;
    p++;
  }
  nameLength = p - nameFrom;
  slot = route(hash);
  if (slot < 0) return 0;
  if (load<i32>(connectionsAt + (slot << 2)) !== connectionNow || load<i32>(depthsAt + (slot << 2)) !== depth) return 0;
  words = slot * (SLOT_WORDS * 4);
  numbers = numbersAt + <usize>slot * (SLOT_NUMBERS * 8);
  const trust = load<i32>(words + TRUST * 4);
  if (trust !== LIVE && trust !== STALE) return 0;
  const grid = gridsAt + (slot << 6);
  priceScale = load<i32>(grid);
  lotScale = load<i32>(grid, 4);
  tickScaled = load<f64>(grid, 8);
  lotScaled = load<f64>(grid, 16);
  perTick = load<f64>(grid, 24);
  perLot = load<f64>(grid, 32);
  return p + 1;
}

function route(hash: i32): i32 {
  let place = <usize>(hash & routesMask);
  while (true) {
    const length = <usize>load<u8>(lengthsAt + place);
    if (length === 0) return -1;
    if (length === nameLength && load<i32>(hashesAt + (place << 2)) === hash) {
      const name = namesAt + place * NAME_BYTES_MAX;
      let i: usize = 0;
      while (i < length && load<u8>(name + i) === load<u8>(nameFrom + i)) i++;
      if (i === length) return load<i32>(slotsAt + (place << 2));
    }
    place = (place + 1) & <usize>routesMask;
  }
}

/** One more digit: shifts and sums, for a product takes longer than the next digit does to come. */
// @inline
function append(value: i64, digit: u32): i64 {
  return (((value << 2) + value) << 1) + <i64>digit;
}

function integer(from: usize, which: usize): usize {
  let p = from;
  let value: i64 = 0;
  let digit = <u32>load<u8>(p) - 48;
  if (digit > 9) return 0;
  do {
    value = append(value, digit);
    digit = <u32>load<u8>(++p) - 48;
  } while (digit <= 9);
  const length = p - from;
  if (length > DIGITS_MAX || (length > 1 && load<u8>(from) === 0x30)) return 0;
  store<f64>(stampsAt + which * 8, <f64>value);
  return p;
}

function data(from: usize): usize {
  let p = from;
  if (load<u8>(p) !== 0x7b) return 0;
  p++;
  while (true) {
    const key = load<u32>(p);
    if (key === KEY_BIDS) {
      // Asks before bids would lie where the bids belong.
      p = (seen & SEEN_ASKS) === 0 && mark(SEEN_BIDS) ? levels(p + 4, 0) : 0;
      bids = staged;
    } else if (key === KEY_ASKS) {
      p = (seen & SEEN_BIDS) !== 0 && mark(SEEN_ASKS) ? levels(p + 4, 1) : 0;
    } else if (key === KEY_UPDATE) {
      p = mark(SEEN_UPDATE) ? integer(p + 4, STAMP_UPDATE) : 0;
    } else if (key === KEY_SYMBOL) {
      p = mark(SEEN_SYMBOL) ? symbol(p + 4) : 0;
    } else if ((load<u64>(p) & SIX_BYTES) === KEY_SEQUENCE) {
      p = mark(SEEN_SEQUENCE) ? integer(p + 6, STAMP_SEQUENCE) : 0;
    } else return 0;
    if (p === 0) return 0;
    const next = load<u8>(p);
    if (next === 0x7d) return p + 1;
    if (next !== 0x2c) return 0;
    p++;
  }
}

/** The quoted name of the topic. */
function symbol(from: usize): usize {
  if (load<u8>(from) !== 0x22) return 0;
  for (let i: usize = 0; i < nameLength; i++) if (load<u8>(from + 1 + i) !== load<u8>(nameFrom + i)) return 0;
  const p = from + 1 + nameLength;
  return load<u8>(p) === 0x22 ? p + 1 : 0;
}

/** Stages the keys and lots of one side: all of them on the grid and within the window, and never the last of its levels gone. */
function levels(from: usize, side: i32): usize {
  if (load<u8>(from) !== 0x5b) return 0;
  if (load<u8>(from, 1) === 0x5d) return from + 2;
  const header = words + (side << 2);
  const base = load<i32>(header + BASE_KEY * 4);
  // None, where the side is empty: its first level is for the whole implementation.
  const within = load<i32>(header + LEVEL_COUNT * 4) - load<i32>(header + OVERFLOW_COUNT * 4);
  let gone = 0;
  let i = staged;
  let p = from + 1;
  while (true) {
    if (load<u16>(p) !== 0x225b || i === STAGED_MAX) return 0; // ["
    p = decimal(p + 2);
    if (p === 0 || load<u16>(p) !== 0x222c) return 0; // ,"
    if (decimals !== priceScale && !rescale(priceScale)) return 0;
    const guess = digits * perTick + 0.5;
    if (guess >= <f64>TICK_MAX + 1) return 0;
    const tick = <i32>guess;
    if (tick <= 0 || <f64>tick * tickScaled !== digits) return 0;
    p = decimal(p + 2);
    if (p === 0 || load<u8>(p) !== 0x5d) return 0;
    let lot = digits;
    if (lot === 0) gone++;
    else {
      if (decimals !== lotScale && !rescale(lotScale)) return 0;
      lot = digits;
      if (lotScaled !== 1) {
        lot = floor<f64>(lot * perLot + 0.5);
        if (lot * lotScaled !== digits) return 0;
      }
    }
    const key = side === 0 ? tick : -tick;
    if (<u32>(key - base) > <u32>WINDOW_MASK) return 0;
    store<i32>(keysAt + ((<usize>i) << 2), key);
    store<f64>(lotsAt + ((<usize>i) << 3), lot);
    i++;
    const next = load<u8>(p, 1);
    p += 2;
    if (next === 0x2c) continue;
    if (next !== 0x5d || gone >= within) return 0;
    staged = i;
    return p;
  }
}

/** From behind the opening quote to behind the closing one, as `readDecimal`. Calling it would take longer than half a price. */
// @inline
function decimal(from: usize): usize {
  let p = from;
  let value: i64 = 0;
  let digit = <u32>load<u8>(p) - 48;
  while (digit <= 9) {
    value = append(value, digit);
    digit = <u32>load<u8>(++p) - 48;
  }
  const whole = p - from;
  if (whole === 0 || (whole > 1 && load<u8>(from) === 0x30)) return 0;
  let fraction: usize = 0;
  if (digit === <u32>(0x2e - 48)) {
    const point = ++p;
    digit = <u32>load<u8>(p) - 48;
    while (digit <= 9) {
      value = append(value, digit);
      digit = <u32>load<u8>(++p) - 48;
    }
    fraction = p - point;
    if (fraction === 0) return 0;
  }
  if (digit !== <u32>(0x22 - 48) || whole + fraction > DIGITS_MAX) return 0;
  digits = <f64>value;
  decimals = <i32>fraction;
  return p + 1;
}

/** Brings `digits` to so many decimals. False where that is no whole number, or none that is exact. */
function rescale(scale: i32): bool {
  for (; decimals < scale; decimals++) digits *= 10;
  if (digits > MAX_SAFE) return false;
  for (; decimals > scale; decimals--) {
    const tenth = floor<f64>(digits / 10);
    if (tenth * 10 !== digits) return false;
    digits = tenth;
  }
  return true;
}
