// wasm: see delta.as.ts, whose variables it uses: the two are compiled as one text.
// How does a delta that was read to its end become part of its book? As book/write.ts does it, which is its oracle.

// The message being applied.
let head: i32 = 0;
let limit: i32 = 0;
let origin: i32 = 0;

function apply(): i32 {
  atomic.add<i32>(words + GENERATION * 4, 1);
  head = load<i32>(words + CHANGE_HEAD * 4);
  const tail = atomic.load<i32>(words + CHANGE_TAIL * 4);
  if (tail === head) store<i32>(words + CHANGE_ORIGIN * 4, head);
  origin = load<i32>(words + CHANGE_ORIGIN * 4);
  const free = CHANGE_CAPACITY - 3 - (head - tail);
  limit = free > 0 && atomic.load<i32>(words + CHANGE_LOST * 4) === 0 ? head + free : head;
  const fine = applySide(0, 0, bids) && applySide(1, bids, staged);
  const bid = load<i32>(words + BEST_KEY * 4);
  const ask = load<i32>(words + BEST_KEY * 4 + 4);
  const depth = load<i32>(words + DEPTH * 4);
  const bidCount = load<i32>(words + LEVEL_COUNT * 4);
  const askCount = load<i32>(words + LEVEL_COUNT * 4 + 4);
  const crossed = bid !== EMPTY_KEY && ask !== EMPTY_KEY && bid >= -ask;
  if (!fine || crossed || head === limit || bidCount > depth || askCount > depth) {
    store<i32>(stateAt, head);
    store<i32>(stateAt, limit, 4);
    store<i32>(stateAt, fine ? 1 : 0, 8);
    return slot + FINISH;
  }
  const message = load<f64>(numbers + MESSAGE * 8) + 1;
  const update = stamp(STAMP_UPDATE);
  const exchange = stamp(STAMP_EXCHANGE);
  store<f64>(numbers + UPDATE_ID * 8, update);
  store<f64>(numbers + SEQUENCE * 8, stamp(STAMP_SEQUENCE));
  store<f64>(numbers + EXCHANGE_TIME * 8, exchange);
  store<f64>(numbers + RECEIVED * 8, stamp(STAMP_RECEIVED));
  store<f64>(numbers + MESSAGE * 8, message);
  change(head, CHANGE_CLOSE, update, exchange, message);
  change(head + 1, CHANGE_TOUCH, bid === EMPTY_KEY ? 0 : <f64>bid, ask === EMPTY_KEY ? 0 : <f64>-ask, 0);
  change(
    head + 2,
    CHANGE_EDGE,
    bid === EMPTY_KEY ? 0 : <f64>load<i32>(words + WORST_KEY * 4),
    ask === EMPTY_KEY ? 0 : <f64>-load<i32>(words + WORST_KEY * 4 + 4),
    <f64>((bidCount === depth ? 1 : 0) | (askCount === depth ? 2 : 0)),
  );
  atomic.store<i32>(words + CHANGE_HEAD * 4, head + 3);
  atomic.store<i32>(words + TRUST * 4, LIVE);
  atomic.add<i32>(words + GENERATION * 4, 1);
  return slot;
}

function change(at: i32, kind: f64, a: f64, b: f64, c: f64): void {
  const entry = numbers + CHANGES_AT * 8 + <usize>(((at - origin) & CHANGE_MASK) * (CHANGE_STRIDE * 8));
  store<f64>(entry, kind);
  store<f64>(entry, a, 8);
  store<f64>(entry, b, 16);
  store<f64>(entry, c, 24);
}

function applySide(side: i32, from: i32, to: i32): bool {
  const header = words + (side << 2);
  const ladder = numbers + LADDER_AT * 8 + side * (WINDOW_TICKS * 8);
  const bitmap = words + BITMAP_AT * 4 + side * (BITMAP_WORDS * 4);
  const totals = numbers + TOTAL * 8 + (side << 3);
  const base = load<i32>(header + BASE_KEY * 4);
  let best = load<i32>(header + BEST_KEY * 4);
  let worst = load<i32>(header + WORST_KEY * 4);
  let count = load<i32>(header + LEVEL_COUNT * 4);
  let total = load<f64>(totals);
  let fine = true;
  for (let i = from; i < to; i++) {
    const key = load<i32>(keysAt + ((<usize>i) << 2));
    const lot = load<f64>(lotsAt + ((<usize>i) << 3));
    const index = key & WINDOW_MASK;
    const cell = ladder + ((<usize>index) << 3);
    const old = load<f64>(cell);
    if (old === lot) continue;
    store<f64>(cell, lot);
    if (old === 0) {
      const word = bitmap + ((index >>> 5) << 2);
      store<i32>(word, load<i32>(word) | (1 << (index & 31)));
      count++;
      if (key > best) best = key;
      if (key < worst) worst = key;
    } else if (lot === 0) {
      const word = bitmap + ((index >>> 5) << 2);
      store<i32>(word, load<i32>(word) & ~(1 << (index & 31)));
      count--;
      if (key === best) best = nextKey(bitmap, key - 1);
      if (key === worst) worst = worstKey(header, bitmap, base, best, key);
    }
    const tick = side === 0 ? key : -key;
    total += (lot - old) * <f64>tick;
    if (head !== limit) {
      change(head, <f64>side, <f64>tick, old, lot);
      head++;
    }
    if (total > MAX_SAFE) {
      fine = false;
      break;
    }
  }
  store<i32>(header + BEST_KEY * 4, best);
  store<i32>(header + WORST_KEY * 4, worst);
  store<i32>(header + LEVEL_COUNT * 4, count);
  store<f64>(totals, total);
  return fine;
}

/** The highest occupied key at or below `from`; there is one: `levels` has seen to it. */
function nextKey(bitmap: usize, from: i32): i32 {
  let key = from;
  while (true) {
    const index = key & WINDOW_MASK;
    const bits = load<i32>(bitmap + ((index >>> 5) << 2)) & (-1 >>> (31 - (index & 31)));
    if (bits !== 0) return key - (index & 31) + (31 - clz(bits));
    key -= (index & 31) + 1;
  }
}

function worstKey(header: usize, bitmap: usize, base: i32, best: i32, from: i32): i32 {
  const overflow = load<i32>(header + OVERFLOW_COUNT * 4);
  if (overflow > 0) {
    const side = <i32>(header - words) >> 2;
    return <i32>load<f64>(numbers + OVERFLOW_KEYS_AT * 8 + side * (OVERFLOW_LEVELS * 8) + ((overflow - 1) << 3));
  }
  let key = from > base ? from : base;
  while (key <= best) {
    const index = key & WINDOW_MASK;
    const bits = load<i32>(bitmap + ((index >>> 5) << 2)) & (-1 << (index & 31));
    if (bits !== 0) return key - (index & 31) + ctz(bits);
    key += 32 - (index & 31);
  }
  return EMPTY_WORST;
}
