// What does an analyzer thread do all its life? Scan what is dirty, sleep when nothing is, until it is told to stop.
import { mapBooks, MESSAGE, RECEIVED, SLOT_NUMBERS, SLOT_WORDS, TRUST } from '../book/layout.ts';
import { VIEW_MESSAGE, VIEW_SEQUENCE } from '../book/read.ts';
import { LIVE } from '../book/trust.ts';
import { countLength } from '../lib/histogram.ts';
import { claim, commit, mapRing, recordAt, toldRecords, unreadRecords, type Ring } from '../lib/ring.ts';
import type { Slot } from '../market/units.ts';
import { E_KIND, EVENT_STRIDE, SIGNAL } from '../scan/event.ts';
import { mapLives, restartsOf } from '../scan/layout.ts';
import { createWorkspace, type Workspace } from '../scan/workspace.ts';
import { scanInstrument } from '../signal/scan-instrument.ts';
import { mapTape } from '../tape/layout.ts';
import {
  AWAITED,
  BEGUN,
  DONE,
  FAULT_EXIT,
  FAULT_EXIT_TELLING,
  FAULT_HANG,
  FAULT_KIND,
  FAULT_SLOT,
  FAULT_THROW,
  IN_WORK,
  mapControl,
  QUEUE_HEAD,
  QUEUE_TAIL,
  SCAN_MS,
  SCANS,
  SLEEPING,
  STOP,
  WAKE,
  type Control,
} from './control.ts';
import { SCANS_MAX, SCAN_STRIDE } from './scan-log.ts';
import type { ScanTimes } from './scan-times.ts';

/** A sleeper looks around at least this often, so that a lost notification would be a delay and no standstill. */
const SLEEP_MS_MAX = 100;
/** Main reads what was told whenever it has frames; if it has none for so long it is rung. A signal waits for nothing. */
const NEWS_MS_MAX = 10;
/** One scan in so many is timed. */
const SAMPLE = 16;

/** What an analyzer is handed when its task begins; buffers are shared, nothing is copied. */
export interface AnalyzerTask {
  readonly slots: number;
  readonly books: SharedArrayBuffer;
  readonly tape: SharedArrayBuffer;
  readonly lives: SharedArrayBuffer;
  readonly dirty: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly events: SharedArrayBuffer;
  readonly eventCapacity: number;
  /** Main is woken through this counter when something was told or finished. */
  readonly bell: SharedArrayBuffer;
  readonly spin: boolean;
  /** `performance.timeOrigin` of main: stamps are in its time. */
  readonly timeOrigin: number;
  /** Undefined: nobody asks. */
  readonly times: ScanTimes | undefined;
  /** Which books were scanned, and when; undefined: nobody asks. */
  readonly scans: SharedArrayBuffer | undefined;
}

/** Runs until STOP is set; returns the number of scans. Blocks its thread, which therefore serves no timers or messages. */
export function runAnalyzer(task: AnalyzerTask): number {
  const control = mapControl(task.control, task.slots);
  const dirty = new Int32Array(task.dirty);
  const bell = new Int32Array(task.bell);
  const shift = performance.timeOrigin - task.timeOrigin;
  const work = createWorkspace(
    {
      books: mapBooks(task.books, task.slots),
      tape: mapTape(task.tape),
      lives: mapLives(task.lives, task.slots),
    },
    mapRing(task.events, task.eventCapacity, EVENT_STRIDE),
    (stamp) => {
      stamp[0] = performance.now() + shift;
      if (control.words[FAULT_KIND] === FAULT_EXIT_TELLING && isStruck(control)) process.exit(1);
    },
  );
  const log = task.scans === undefined ? undefined : mapRing(task.scans, SCANS_MAX, SCAN_STRIDE);
  const { times } = task;
  const lengths = times === undefined ? undefined : new Float64Array(times.buffer);
  const { numbers, words } = work.books;
  /** By slot: the newest message that this thread has judged. */
  const judged = new Float64Array(task.slots).fill(-1);
  Atomics.store(control.words, BEGUN, 1);
  let scans = 0;
  let told = toldRecords(work.events);

  /** A message may be seen before it is handed over. Main judges it once, and so do threads: another look moves lives on. */
  function isToJudge(slot: number): boolean {
    return numbers[slot * SLOT_NUMBERS + MESSAGE] !== judged[slot] || words[slot * SLOT_WORDS + TRUST] !== LIVE;
  }

  function look(slot: number): void {
    const timed = scans % SAMPLE === 0;
    const begun = timed ? performance.now() : 0;
    const received = timed ? (numbers[slot * SLOT_NUMBERS + RECEIVED] as number) : 0;
    // Main wrote during every attempt: there is a newer message, and with it a new place in the queue will come; but if this
    // was the last one nobody would look again, so it is tried until it is read.
    while (!scanInstrument(work, slot as Slot) && Atomics.load(control.words, STOP) === 0);
    if (timed) {
      const ended = performance.now();
      control.numbers[SCAN_MS] = (control.numbers[SCAN_MS] as number) * 0.9 + (ended - begun) * 0.1;
      // Nothing was received for a slot that was just emptied.
      if (times !== undefined && lengths !== undefined && received > 0) {
        countLength(lengths, times.wakeAt, begun + shift - received);
        countLength(lengths, times.scanAt, ended + shift - received);
      }
    }
    scans++;
    control.numbers[SCANS] = (control.numbers[SCANS] as number) + 1;
    if (work.view.trust !== LIVE) return;
    judged[slot] = work.view.stamps[VIEW_MESSAGE] as number;
    if (log !== undefined) noteScan(log, slot, work);
  }

  while (Atomics.load(control.words, STOP) === 0) {
    const slot = next(control);
    if (slot < 0) {
      const isNews = unreadRecords(work.events) > 0;
      const isOver = task.spin || sleep(control, isNews ? NEWS_MS_MAX : SLEEP_MS_MAX);
      if (isNews && isOver && unreadRecords(work.events) > 0) ring(bell);
      continue;
    }
    Atomics.store(control.words, IN_WORK, slot + 1);
    Atomics.store(control.words, QUEUE_TAIL, ((control.words[QUEUE_TAIL] as number) + 1) | 0);
    Atomics.store(dirty, slot, 0);
    if (isStruck(control)) suffer(control);
    if (isToJudge(slot)) look(slot);
    Atomics.store(control.words, IN_WORK, 0);
    Atomics.store(control.words, DONE, ((control.words[DONE] as number) + 1) | 0);
    const before = told;
    told = toldRecords(work.events);
    // Ringing wakes main's loop, so it is not done for every scan; but it is when main waits until all is done.
    if (tellsSignal(work.events, before, told) || Atomics.load(control.words, AWAITED) === 1) ring(bell);
  }
  return scans;
}

function noteScan(log: Ring, slot: number, { view, lives }: Workspace): void {
  const at = claim(log);
  if (at < 0) return;
  log.numbers[at] = slot;
  log.numbers[at + 1] = view.tenancy;
  log.numbers[at + 2] = view.stamps[VIEW_SEQUENCE] as number;
  log.numbers[at + 3] = restartsOf(lives, slot);
  commit(log);
}

function ring(bell: Int32Array): void {
  Atomics.add(bell, 0, 1);
  Atomics.notify(bell, 0);
}

/** Is there a signal among the records from `first` up to `end`? */
function tellsSignal(events: Ring, first: number, end: number): boolean {
  for (let i = first; i !== end; i = (i + 1) | 0)
    if (events.numbers[recordAt(events, i) + E_KIND] === SIGNAL) return true;
  return false;
}

function next(control: Control): number {
  const tail = control.words[QUEUE_TAIL] as number;
  if (Atomics.load(control.words, QUEUE_HEAD) === tail) return -1;
  return control.queue[tail & (control.capacity - 1)] as number;
}

/** True where nobody had work for so long. */
function sleep(control: Control, msMax: number): boolean {
  Atomics.store(control.words, SLEEPING, 1);
  const seen = Atomics.load(control.words, WAKE);
  const isIdle = next(control) < 0 && Atomics.load(control.words, STOP) === 0;
  const isOver = isIdle && Atomics.wait(control.words, WAKE, seen, msMax) === 'timed-out';
  Atomics.store(control.words, SLEEPING, 0);
  return isOver;
}

/** The tests of supervision ask for it; nothing else sets FAULT_SLOT. */
function isStruck({ words }: Control): boolean {
  return words[FAULT_SLOT] !== 0 && words[FAULT_SLOT] === words[IN_WORK];
}

function suffer(control: Control): void {
  const kind = control.words[FAULT_KIND] as number;
  if (kind === FAULT_HANG) Atomics.wait(control.words, FAULT_KIND, FAULT_HANG);
  else if (kind === FAULT_EXIT) process.exit(1);
  else if (kind === FAULT_THROW) throw new Error('a fault that a test asked for');
}
