// How does the build answer that everybody would write first? `JSON.parse`, books of objects, and Piscina with a copy of the book.
//
// In its strongest form: books in sorted arrays with binary search; the copy is the one that posting makes, at the moment of
// posting, so a task that has waited scans the newest book; Piscina with its linked queue and without its own statistics.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FixedQueue, Piscina } from 'piscina';
import type { ConventionalAnswer, ConventionalTask } from './conventional-worker.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import { clusterRangeDefault, ObjectBooks } from '../peers-own/object-books.ts';
import type { PathEngine } from './engine.ts';
import type { CoinParameters, OrderBook } from '../peers-own/original-scan.ts';
import { APPLIED, BOOK_SCANNED, EMITTED, FRAME_SCANNED, WOKEN } from './probe.ts';
import type { Probe } from './probe.ts';
import type { Frame } from '../frames/reference-book.ts';

const WORKER = fileURLToPath(new URL('./conventional-worker.ts', import.meta.url));
/** One in work, and one that is already copied behind it. */
const TASKS_PER_WORKER = 2;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A task for every message, or (`newest`) no more tasks than the threads can take: a book that changes while it waits is scanned once. */
export function createConventional(set: FrameSet, probe: Probe, newest: boolean): PathEngine {
  const kept = new ObjectBooks(set.grids, clusterRangeDefault);
  const workers = Math.max(1, availableParallelism() - 1);
  const piscina = new Piscina<ConventionalTask, ConventionalAnswer>({
    filename: WORKER,
    name: 'findDensities',
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: Infinity,
    concurrentTasksPerWorker: TASKS_PER_WORKER,
    taskQueue: new FixedQueue(),
    recordTiming: false,
  });
  const tasksMax = newest ? workers * TASKS_PER_WORKER : Infinity;
  /** Books that wait for a task, in order, and the frames that wait for each book. */
  const dirty = new Set<number>();
  const waiting = set.grids.map((): number[] => []);
  let tasks = 0;
  let scans = 0;
  /** Tasks that have not been done by then are refused, and their frames are lost. */
  let isClosing = false;

  async function run(symbol: number, places: readonly number[]): Promise<void> {
    tasks++;
    const book = kept.books[symbol] as OrderBook;
    const parameters = kept.parameters[symbol] as CoinParameters;
    const answer = await piscina.run({ book, parameters }).catch((error: unknown) => {
      if (!isClosing) throw error;
    });
    if (answer === undefined) return;
    const { begun, ended } = answer;
    tasks--;
    scans++;
    for (const place of places) {
      probe.pass(WOKEN, place, begun);
      probe.pass(BOOK_SCANNED, place, ended);
      probe.pass(EMITTED, place);
    }
    if (newest) handOut();
  }

  function handOut(): void {
    for (const symbol of dirty) {
      if (tasks >= tasksMax) return;
      dirty.delete(symbol);
      const places = waiting[symbol] as number[];
      waiting[symbol] = [];
      void run(symbol, places);
    }
  }

  return {
    frame(bytes, place) {
      const frame = JSON.parse(bytes.toString()) as Frame;
      probe.pass(FRAME_SCANNED, place);
      const symbol = kept.apply(frame);
      probe.pass(APPLIED, place);
      if (!newest) {
        void run(symbol, place === undefined ? [] : [place]);
        return;
      }
      if (place !== undefined) waiting[symbol]?.push(place);
      dirty.add(symbol);
      handOut();
    },
    turn() {},
    async settled() {
      while (tasks > 0 || dirty.size > 0) await nextTurn();
    },
    begin() {
      scans = 0;
    },
    scans: () => scans,
    levels: (symbol) => kept.levels(symbol),
    note: () => 'its clusters reach over 0.05 % of the price: a larger task than ours',
    close() {
      isClosing = true;
      return piscina.destroy();
    },
  };
}
