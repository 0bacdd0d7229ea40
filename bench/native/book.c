// How fast can this machine turn a frame into an updated book? The same frames, the same updates, the same checks of sequence,
// grid and crossing as ours, in plain C: a mark to measure against, not a part of the engine.
//
//   book FRAMES CPU_MS    prints one line of JSON: ns a frame, frames, and every book at the end in ticks and lots
//
// FRAMES, little endian: symbols, then for each its name (32 bytes, zeros behind it), price scale, price units a tick, size
// scale, size units a lot; snapshots, deltas, the length of each frame; then all frames.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME_BYTES 32
#define WINDOW 32768 // ticks of a side; wider than any of these books moves
#define MASK (WINDOW - 1)
#define LEVELS_MAX 4096
#define ROUTES 4096

typedef struct {
  int64_t digits[2]; // price, size
  int decimals[2];
} Level;

typedef struct {
  double lots[WINDOW];
  uint64_t bits[WINDOW / 64];
  int64_t best, worst; // keys: tick of a bid, −tick of an ask
  int count;
  double total;
} Side;

typedef struct {
  char name[NAME_BYTES];
  int32_t length, price_scale, price_units, size_scale, size_units;
  int64_t update, sequence, exchange;
  Side side[2];
} Book;

typedef struct {
  Book *book;
  int is_snapshot, bids, levels;
  int64_t update, sequence, exchange, sent;
} Frame;

static Book *books;
static int32_t symbols;
static int16_t routes[ROUTES];
static Level staged[LEVELS_MAX];

static void die(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static uint32_t hash_name(const uint8_t *name, int length) {
  uint32_t hash = 2166136261u;
  for (int i = 0; i < length; i++) hash = (hash ^ name[i]) * 16777619u;
  return hash;
}

static void route_all(void) {
  memset(routes, 0xff, sizeof routes);
  for (int i = 0; i < symbols; i++) {
    books[i].length = (int32_t)strlen(books[i].name);
    uint32_t at = hash_name((uint8_t *)books[i].name, books[i].length) & (ROUTES - 1);
    while (routes[at] >= 0) at = (at + 1) & (ROUTES - 1);
    routes[at] = (int16_t)i;
  }
}

static Book *route(const uint8_t *name, int length) {
  for (uint32_t at = hash_name(name, length) & (ROUTES - 1); routes[at] >= 0; at = (at + 1) & (ROUTES - 1)) {
    Book *book = &books[routes[at]];
    if (book->length == length && memcmp(book->name, name, (size_t)length) == 0) return book;
  }
  return NULL;
}

static const uint8_t *integer(const uint8_t *p, int64_t *value) {
  int64_t read = 0;
  if (*p < '0' || *p > '9') return NULL;
  while (*p >= '0' && *p <= '9') read = read * 10 + (*p++ - '0');
  *value = read;
  return p;
}

/** From behind the opening quote to behind the closing one. */
static const uint8_t *decimal(const uint8_t *p, Level *level, int which) {
  int64_t read = 0;
  int decimals = 0;
  if (*p < '0' || *p > '9') return NULL;
  while (*p >= '0' && *p <= '9') read = read * 10 + (*p++ - '0');
  if (*p == '.') {
    const uint8_t *first = ++p;
    while (*p >= '0' && *p <= '9') read = read * 10 + (*p++ - '0');
    decimals = (int)(p - first);
  }
  if (*p != '"') return NULL;
  level->digits[which] = read;
  level->decimals[which] = decimals;
  return p + 1;
}

static const uint8_t *levels(const uint8_t *p, Frame *frame) {
  if (*p++ != '[') return NULL;
  if (*p == ']') return p + 1;
  for (;;) {
    if (frame->levels == LEVELS_MAX || p[0] != '[' || p[1] != '"') return NULL;
    Level *level = &staged[frame->levels];
    p = decimal(p + 2, level, 0);
    if (p == NULL || p[0] != ',' || p[1] != '"') return NULL;
    p = decimal(p + 2, level, 1);
    if (p == NULL || *p != ']') return NULL;
    frame->levels++;
    p += 2;
    if (p[-1] == ']') return p;
    if (p[-1] != ',') return NULL;
  }
}

#define IS(word) (memcmp(p, word, sizeof word - 1) == 0 && (p += sizeof word - 1))

/** Keys in any order; what it does not know is no frame of ours. */
static const uint8_t *data(const uint8_t *p, Frame *frame) {
  if (*p++ != '{') return NULL;
  for (;;) {
    if (IS("\"s\":\"")) {
      const uint8_t *name = p;
      while (*p != '"') p++;
      if (frame->book->length != p - name || memcmp(frame->book->name, name, (size_t)(p - name)) != 0) return NULL;
      p++;
    } else if (IS("\"b\":")) {
      p = levels(p, frame);
      frame->bids = frame->levels;
    } else if (IS("\"a\":")) p = levels(p, frame);
    else if (IS("\"u\":")) p = integer(p, &frame->update);
    else if (IS("\"seq\":")) p = integer(p, &frame->sequence);
    else return NULL;
    if (p == NULL) return NULL;
    if (*p == '}') return p + 1;
    if (*p++ != ',') return NULL;
  }
}

static int scan(const uint8_t *p, const uint8_t *end, Frame *frame) {
  memset(frame, 0, sizeof *frame);
  if (*p++ != '{') return 0;
  for (;;) {
    if (IS("\"topic\":\"orderbook.")) {
      int64_t depth;
      p = integer(p, &depth);
      if (p == NULL || *p++ != '.') return 0;
      const uint8_t *name = p;
      while (*p != '"') p++;
      frame->book = route(name, (int)(p - name));
      if (frame->book == NULL) return 0;
      p++;
    } else if (IS("\"type\":\"snapshot\"")) frame->is_snapshot = 1;
    else if (IS("\"type\":\"delta\"")) frame->is_snapshot = 0;
    else if (IS("\"ts\":")) p = integer(p, &frame->sent);
    else if (IS("\"cts\":")) p = integer(p, &frame->exchange);
    else if (IS("\"data\":")) p = frame->book == NULL ? NULL : data(p, frame);
    else return 0;
    if (p == NULL) return 0;
    if (*p == '}') return p + 1 == end;
    if (*p++ != ',') return 0;
  }
}

static int64_t next_below(const Side *side, int64_t key) {
  for (int steps = 0; steps <= WINDOW / 64; steps++) {
    int64_t index = key & MASK;
    uint64_t word = side->bits[index >> 6] << (63 - (index & 63));
    if (word != 0) return key - __builtin_clzll(word);
    key -= (index & 63) + 1;
  }
  return INT64_MIN;
}

static int64_t next_above(const Side *side, int64_t key) {
  for (int steps = 0; steps <= WINDOW / 64; steps++) {
    int64_t index = key & MASK;
    uint64_t word = side->bits[index >> 6] >> (index & 63);
    if (word != 0) return key + __builtin_ctzll(word);
    key += 64 - (index & 63);
  }
  return INT64_MIN;
}

/** Exact, or −1. */
static int64_t units(int64_t digits, int decimals, int scale, int64_t unit) {
  for (; decimals < scale; decimals++) digits *= 10;
  for (; decimals > scale; decimals--) {
    if (digits % 10 != 0) return -1;
    digits /= 10;
  }
  if (unit == 1) return digits;
  int64_t whole = digits / unit;
  return whole * unit == digits ? whole : -1;
}

static void apply_side(Book *book, int which, int from, int to) {
  Side *side = &book->side[which];
  for (int i = from; i < to; i++) {
    const Level *level = &staged[i];
    int64_t tick = units(level->digits[0], level->decimals[0], book->price_scale, book->price_units);
    int64_t lot = units(level->digits[1], level->decimals[1], book->size_scale, book->size_units);
    if (tick <= 0 || lot < 0) die("off the grid");
    int64_t key = which == 0 ? tick : -tick;
    int64_t index = key & MASK;
    double old = side->lots[index];
    if (old == (double)lot) continue;
    side->lots[index] = (double)lot;
    side->total += ((double)lot - old) * (double)tick;
    if (old == 0) {
      side->bits[index >> 6] |= 1ull << (index & 63);
      if (side->count == 0) side->best = side->worst = key;
      side->count++;
      if (key > side->best) side->best = key;
      if (key < side->worst) side->worst = key;
      if (side->best - side->worst >= WINDOW) die("a book is wider than the window");
    } else if (lot == 0) {
      side->bits[index >> 6] &= ~(1ull << (index & 63));
      if (--side->count == 0) continue;
      if (key == side->best) side->best = next_below(side, key - 1);
      if (key == side->worst) side->worst = next_above(side, key + 1);
    }
  }
}

static void apply(const uint8_t *bytes, size_t length) {
  Frame frame;
  if (!scan(bytes, bytes + length, &frame)) die("a frame that cannot be read");
  Book *book = frame.book;
  if (frame.is_snapshot) memset(book->side, 0, sizeof book->side);
  else if (frame.update != book->update + 1) die("a gap");
  apply_side(book, 0, 0, frame.bids);
  apply_side(book, 1, frame.bids, frame.levels);
  if (book->side[0].count > 0 && book->side[1].count > 0 && book->side[0].best >= -book->side[1].best) die("crossed");
  book->update = frame.update;
  book->sequence = frame.sequence;
  book->exchange = frame.exchange;
}

static double cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void print_side(const Side *side, int which) {
  int64_t key = side->best;
  for (int i = 0; i < side->count; i++) {
    printf("%s[%lld,%.0f]", i == 0 ? "" : ",", (long long)(which == 0 ? key : -key), side->lots[key & MASK]);
    key = next_below(side, key - 1);
  }
}

int main(int argc, char **argv) {
  if (argc != 3) die("book FRAMES CPU_MS");
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL) die("the frames cannot be opened");
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  uint8_t *all = malloc(size + 64); // read a little beyond the end: keys are compared whole
  if (all == NULL || fread(all, 1, size, file) != size) die("the frames cannot be read");
  memset(all + size, 0, 64);
  const uint8_t *p = all;
  memcpy(&symbols, p, 4), p += 4;
  books = calloc((size_t)symbols, sizeof *books);
  if (books == NULL) die("no memory");
  for (int i = 0; i < symbols; i++) {
    memcpy(books[i].name, p, NAME_BYTES), p += NAME_BYTES;
    memcpy(&books[i].price_scale, p, 16), p += 16;
  }
  route_all();
  int32_t counts[2];
  memcpy(counts, p, 8), p += 8;
  int frames = counts[0] + counts[1];
  const int32_t *lengths = (const int32_t *)p;
  const uint8_t **starts = malloc((size_t)frames * sizeof *starts);
  const uint8_t *at = p + 4 * (size_t)frames;
  for (int i = 0; i < frames; i++) starts[i] = at, at += lengths[i];

  double wanted = atof(argv[2]) * 1e6, spent = 0;
  long ops = 0;
  // The first pass brings everything into the caches and is not counted.
  for (int pass = 0; pass == 0 || spent < wanted; pass++) {
    for (int i = 0; i < counts[0]; i++) apply(starts[i], (size_t)lengths[i]);
    double begun = cpu_ns();
    for (int i = counts[0]; i < frames; i++) apply(starts[i], (size_t)lengths[i]);
    if (pass == 0) continue;
    spent += cpu_ns() - begun;
    ops += counts[1];
  }
  printf("{\"nsPerOp\":%.3f,\"ops\":%ld,\"books\":{", spent / (double)ops, ops);
  for (int i = 0; i < symbols; i++) {
    printf("%s\"%s\":[[", i == 0 ? "" : ",", books[i].name);
    print_side(&books[i].side[0], 0);
    printf("],[");
    print_side(&books[i].side[1], 1);
    printf("]]");
  }
  printf("}}\n");
  return 0;
}
