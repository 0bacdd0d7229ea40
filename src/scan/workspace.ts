// What does one scanning thread hold? Views of the shared memory, and arrays of its own that are made once.
import type { BookMemory } from '../book/layout.ts';
import type { Book } from '../book/read.ts';
import type { Ring } from '../lib/ring.ts';
import type { TapeMemory } from '../tape/layout.ts';
import { createKept } from './kept.ts';
import { ScanKernel, type Side } from './kernel/kernel.ts';
import type { LifeMemory } from './layout.ts';

/** Everything that scans read and write, shared between threads. */
export interface AnalysisMemory {
  readonly books: BookMemory;
  readonly tape: TapeMemory;
  readonly lives: LifeMemory;
}

export interface Workspace extends AnalysisMemory {
  /** Where this thread tells what it found. */
  readonly events: Ring;
  /** What keeps this thread's own books and looks for densities in them. */
  readonly kernel: ScanKernel;
  /** By slot: the books that this thread keeps. */
  readonly kept: Float64Array;
  /** The one in hand. */
  readonly view: Book<Side>;
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
  const kernel = new ScanKernel();
  return {
    ...memory,
    events,
    kernel,
    kept: createKept(memory.books.slots),
    view: kernel.createBook(0),
    time: new Float64Array(1),
    stampNow,
    stamp: new Float64Array(1),
  };
}
