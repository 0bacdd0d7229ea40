// What does it cost to read what nobody has read for a while? The floor of every look at a book between two of its messages.
import { createRng } from '../../src/lib/rng.ts';
import { limitRow } from './limit.ts';
import type { Table } from '../report/report.ts';
import { nowMicros } from '../measure/schedule.ts';

const BOOKS = 40;
const LINES = 100;
/** Int32 words of a cache line. */
const LINE_WORDS = 16;
/** Lines over which those of a book are scattered: as much memory as one of ours has. */
const BOOK_LINES = 5_120;
/** So long a book rests at 2,000 messages a second over all of them. */
const REST_MS = 20;

interface Memory {
  readonly words: Int32Array;
  /** By book: its lines in the order in which they are asked for; each holds where the next one lies. */
  readonly lines: readonly Int32Array[];
}

function layOut(seed: number): Memory {
  const rng = createRng(seed).fork('rested memory');
  const words = new Int32Array(BOOKS * BOOK_LINES * LINE_WORDS);
  const lines = Array.from({ length: BOOKS }, (_, book) => {
    const chosen = new Set<number>();
    while (chosen.size < LINES) chosen.add((book * BOOK_LINES + rng.below(BOOK_LINES)) * LINE_WORDS);
    return Int32Array.from(chosen);
  });
  for (const own of lines) own.forEach((at, i) => (words[at] = own[(i + 1) % LINES] as number));
  return { words, lines };
}

/** Each line says where the next one is, as in a list or a tree. */
function follow({ words }: Memory, own: Int32Array): number {
  let at = own[0] as number;
  for (let i = 0; i < LINES; i++) at = words[at] as number;
  return at;
}

/** All of them are known beforehand: the processor asks for many at a time. */
function gather({ words }: Memory, own: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < LINES; i++) sum += words[own[i] as number] as number;
  return sum;
}

function measure(memory: Memory, read: typeof follow, gapMicros: number, times: number): Float64Array {
  const taken = new Float64Array(times);
  let sum = 0;
  let due = nowMicros();
  // The first rounds are for the compiler.
  for (let i = -times; i < times; i++) {
    if (i >= 0) due += gapMicros;
    while (i >= 0 && nowMicros() < due);
    const begun = nowMicros();
    sum += read(memory, memory.lines[(i + times) % BOOKS] as Int32Array);
    if (i >= 0) taken[i] = nowMicros() - begun;
    else due = nowMicros();
  }
  if (!Number.isFinite(sum)) throw new Error('nothing was read');
  return taken;
}

/** Wall time in µs of reading 100 cache lines of a book, of 40 in turn. */
export function measureRested(times: number, seed: number): Table['rows'] {
  const memory = layOut(seed);
  return [follow, gather].flatMap((read) =>
    [0, (REST_MS * 1_000) / BOOKS].map((gapMicros) => {
      const how = read === follow ? 'each names the next' : 'all known at once';
      const rest = gapMicros === 0 ? 'one book after the other' : `after ${REST_MS} ms of rest`;
      return limitRow(`100 cache lines of a book, ${how}, ${rest}`, measure(memory, read, gapMicros, times));
    }),
  );
}
