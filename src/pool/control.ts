// Which books are dirty, who sleeps, who is at work on what? The words that main and one analyzer share.
//
// Per worker, Int32, each word that both sides touch on a cache line of its own:
//   WAKE       a counter: main adds 1 for every batch of dirty books, so that a worker about to sleep sees it move
//   SLEEPING   1 while the worker has announced that it is going to sleep, or sleeps
//   STOP       1: finish
//   IN_WORK    slot + 1 of the book under scan, 0 between two scans
//   DONE       scans finished, wrapping
//   queue      a ring of dirty slots, main to worker: each slot is in it at most once (see `dirty`)
//   FAULT_*    for the tests of supervision: what to do to the thread when it touches a slot
//
// Sleeping without missing a wake-up. Worker: raise SLEEPING, read WAKE, look at the queue once more, wait on that value.
// Main: put the slot into the queue, add 1 to WAKE, read SLEEPING, notify only if it is raised. All of them are sequentially
// consistent, so either the worker sees the slot, or its wait returns at once because WAKE has moved, or main sees SLEEPING.

export const WAKE = 0;
export const SLEEPING = 16;
export const STOP = 32;
export const IN_WORK = 48;
export const DONE = 64;
export const QUEUE_HEAD = 80; // written by main
export const QUEUE_TAIL = 96; // written by the worker
export const FAULT_SLOT = 112; // slot + 1
export const FAULT_KIND = 113;
export const AWAITED = 120; // 1 while main waits until everything is done
export const BEGUN = 121; // 1 once the thread has come to its loop
export const CONTROL_WORDS = 128;

// Numbers, written by the worker
export const SCAN_MS = 0; // of the mean scan, as it samples it
export const SCANS = 1; // finished ever, over all its threads: what wraps is no count

export const FAULT_THROW = 1;
export const FAULT_HANG = 2;
export const FAULT_EXIT = 3;
/** Dies while it tells an event: in the middle of a scan, with lives half written. */
export const FAULT_EXIT_TELLING = 4;

/** What one worker and main share besides the books. */
export interface Control {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly queue: Int32Array;
  /** SCAN_MS, SCANS */
  readonly numbers: Float64Array;
  readonly capacity: number;
}

export function createControl(slots: number): Control {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, slots)));
  return mapControl(new SharedArrayBuffer(CONTROL_WORDS * 4 + 64 + capacity * 4), slots);
}

export function mapControl(buffer: SharedArrayBuffer, slots: number): Control {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, slots)));
  return {
    buffer,
    words: new Int32Array(buffer, 0, CONTROL_WORDS),
    numbers: new Float64Array(buffer, CONTROL_WORDS * 4, 8),
    queue: new Int32Array(buffer, CONTROL_WORDS * 4 + 64, capacity),
    capacity,
  };
}

/** Main: queues a slot unless it is queued already. True when the worker has to be told. */
export function enqueue(control: Control, dirty: Int32Array, slot: number): boolean {
  if (Atomics.exchange(dirty, slot, 1) === 1) return false;
  const head = control.words[QUEUE_HEAD] as number;
  control.queue[head & (control.capacity - 1)] = slot;
  Atomics.store(control.words, QUEUE_HEAD, (head + 1) | 0);
  return true;
}

/**
 * Main, after the thread died at work on `slot` and before another begins: what was taken from the queue counts as done,
 * and the slot is not in it, though it may have changed again meanwhile.
 */
export function takeBack(control: Control, dirty: Int32Array, slot: number): void {
  const { words, queue, capacity } = control;
  const tail = words[QUEUE_TAIL] as number;
  const head = words[QUEUE_HEAD] as number;
  let end = tail;
  for (let at = tail; at !== head; at = (at + 1) | 0) {
    const queued = queue[at & (capacity - 1)] as number;
    if (queued === slot) continue;
    queue[end & (capacity - 1)] = queued;
    end = (end + 1) | 0;
  }
  Atomics.store(words, QUEUE_HEAD, end);
  Atomics.store(words, DONE, tail);
  Atomics.store(words, IN_WORK, 0);
  if (slot >= 0) Atomics.store(dirty, slot, 0);
}

/** Main: tells the worker of a batch. Costs a system call only where it sleeps. */
export function wake(control: Control): void {
  Atomics.add(control.words, WAKE, 1);
  if (Atomics.load(control.words, SLEEPING) === 1) Atomics.notify(control.words, WAKE);
}
