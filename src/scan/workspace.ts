// What does one scanning thread hold? Views of the shared memory, and arrays of its own that are made once.
import type { BookMemory } from '../book/layout.ts';
import { PLACES_MAX, type KeptBook } from '../book/kept.ts';
import { createBook, type Book } from '../book/read.ts';
import type { Ring } from '../lib/ring.ts';
import type { TapeMemory } from '../tape/layout.ts';
import { createDetection, type Detection } from './detect.ts';
import type { LifeMemory } from './layout.ts';
import { createSideMemory, type SideMemory } from './side-memory.ts';

/** Everything that scans read and write, shared between threads. */
export interface AnalysisMemory {
  readonly books: BookMemory;
  readonly tape: TapeMemory;
  readonly lives: LifeMemory;
}

export interface Workspace extends AnalysisMemory {
  /** Where this thread tells what it found. */
  readonly events: Ring;
  /** By slot: the books that this thread keeps. */
  readonly kept: (KeptBook | undefined)[];
  /** The one in hand. */
  view: Book;
  readonly sides: readonly [Detection, Detection];
  /** By slot and side: what the last scan remembers for the next. */
  readonly memories: readonly SideMemory[];
  /** Exchange ms of the message or the book in hand. Times travel in here: as arguments they would be garbage. */
  readonly time: Float64Array;
  /** Monotonic ms into `stamp[0]`, without garbage: the stamp of events. */
  readonly stampNow: (stamp: Float64Array) => void;
  readonly stamp: Float64Array;
}

export function createWorkspace(
  memory: AnalysisMemory,
  events: Ring,
  stampNow: (stamp: Float64Array) => void,
): Workspace {
  return {
    ...memory,
    events,
    kept: Array.from({ length: memory.books.slots }),
    view: createBook(0, 0),
    sides: [createDetection(PLACES_MAX), createDetection(PLACES_MAX)],
    memories: Array.from({ length: 2 * memory.books.slots }, createSideMemory),
    time: new Float64Array(1),
    stampNow,
    stamp: new Float64Array(1),
  };
}
