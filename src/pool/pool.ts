// How are books scanned by other threads, and what happens when one of them dies?
import { Piscina } from 'piscina';
import { readTenancy } from '../book/read.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Ms } from '../lib/brand.ts';
import { createRing, lostRecords, peek, release, type Ring } from '../lib/ring.ts';
import type { Slot } from '../market/units.ts';
import { EVENT_STRIDE, takeEvent } from '../scan/event.ts';
import type { AnalysisMemory } from '../scan/workspace.ts';
import type { Analysis, AnalysisStats, OnEvent, OnNotice, OnScan } from './analysis.ts';
import type { AnalyzerTask } from './analyzer-loop.ts';
import {
  AWAITED,
  BEGUN,
  createControl,
  DONE,
  enqueue,
  IN_WORK,
  QUEUE_HEAD,
  SCAN_MS,
  SCANS,
  STOP,
  takeBack,
  wake,
  WAKE,
  type Control,
} from './control.ts';
import { InlineAnalysis } from './inline.ts';
import { SCANS_MAX, SCAN_STRIDE } from './scan-log.ts';
import type { TimesOf } from './scan-times.ts';

const EVENTS_MAX = 4_096;
/** A thread that runs out of memory dies alone (A03); with a thousand books it takes a tenth of this. */
const HEAP = { maxOldGenerationSizeMb: 256 };
/** Slow is a figure, never a reason. */
export const HUNG_MS = 250 as Ms;
/** Looks within that time. Time during which main itself stood still brings no looks, so it blames nobody. */
const LOOKS = 5;
/** A new thread reads its program first, on a busy machine for seconds; then it hangs too. */
const STARTING_LOOKS = 200;
/** The book in work at so many deaths is taken out of analysis. */
export const DEATHS_MAX = 3;
/** What kills does so as soon as it is looked at again: deaths farther apart have other causes, of which weeks bring some. */
const DEATHS_APART_MS = 600_000;
const STOP_MS = 1_000 as Ms;
/** Of a quarter of a second: nobody waits longer for threads that are all dead. */
const LOOKS_DOWN = 40;
/** What keeps a thread from its loop, say a process that may open no more files, keeps the next one from it too. */
const BEGIN_AGAIN_MS = 1_000 as Ms;

interface Member {
  readonly control: Control;
  readonly events: Ring;
  /** Undefined: nobody asks. */
  readonly scans: Ring | undefined;
  told: boolean;
  abort: AbortController;
  running: Promise<void>;
  /** Settles when the thread that was ended, if any, has stopped. */
  stopped: Promise<void>;
  seenProgress: number;
  idleLooks: number;
}

/** Of one tenancy: whoever comes into the slot afterwards begins without a blemish. */
interface Suspect {
  readonly tenancy: number;
  deaths: number;
  /** Monotonic: of the last one. */
  diedAt: Ms;
}

export interface PoolOptions {
  readonly workers: number;
  readonly spin: boolean;
  readonly clock: Clock;
  readonly times?: TimesOf | undefined;
  /** A thread with work waiting that finishes no scan for this long hangs. */
  readonly hungMs?: Ms | undefined;
  readonly onScan?: OnScan | undefined;
}

export class PoolAnalysis implements Analysis {
  readonly #memory: AnalysisMemory;
  readonly #onEvent: OnEvent;
  readonly #onNotice: OnNotice;
  readonly #options: PoolOptions;
  readonly #pool: Piscina;
  readonly #members: Member[] = [];
  readonly #dirty: Int32Array;
  readonly #bell = new Int32Array(new SharedArrayBuffer(4));
  /** Books that were in work when a thread died. */
  readonly #suspects = new Map<Slot, Suspect>();
  readonly #watchdog: Timer;
  readonly #waiting = new Set<Timer>();
  /** Threads that died or were ended because they hung. */
  takeovers = 0;
  #closing = false;

  constructor(memory: AnalysisMemory, options: PoolOptions, onEvent: OnEvent, onNotice: OnNotice) {
    this.#memory = memory;
    this.#onEvent = onEvent;
    this.#onNotice = onNotice;
    this.#options = options;
    this.#dirty = new Int32Array(new SharedArrayBuffer(memory.books.slots * 4));
    this.#pool = new Piscina({
      filename: new URL('../../workers/analyzer.ts', import.meta.url).href,
      name: 'runAnalyzer',
      minThreads: options.workers,
      maxThreads: options.workers,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
      resourceLimits: HEAP,
    });
    // Of a thread that could not even begin, when no task was its own yet: whoever waits for it is begun anew by the watch.
    this.#pool.on('error', () => undefined);
    for (let i = 0; i < options.workers; i++) this.#members.push(this.#createMember());
    for (const member of this.#members) this.#begin(member);
    this.#watchdog = options.clock.every(((options.hungMs ?? HUNG_MS) / LOOKS) as Ms, () => this.#watch());
    void this.#listen();
  }

  scan(slot: Slot): void {
    if (this.#suspects.size > 0 && this.#isExcluded(slot)) return;
    const member = this.#owner(slot);
    if (!enqueue(member.control, this.#dirty, slot)) return;
    member.told = false;
  }

  flush(): void {
    for (const member of this.#members) {
      if (member.told) continue;
      member.told = true;
      wake(member.control);
    }
    this.#deliver();
  }

  async settled(): Promise<void> {
    for (const { control } of this.#members) Atomics.store(control.words, AWAITED, 1);
    this.flush();
    for (let looksDown = 0; looksDown < LOOKS_DOWN;) {
      const rung = Atomics.load(this.#bell, 0);
      if (this.isIdle()) break;
      looksDown = this.stats().isDown ? looksDown + 1 : 0;
      const wait = Atomics.waitAsync(this.#bell, 0, rung, HUNG_MS);
      if (wait.async) await wait.value;
    }
    for (const { control } of this.#members) Atomics.store(control.words, AWAITED, 0);
    this.#deliver();
  }

  async close(): Promise<void> {
    await this.stop();
    // The threads are gone: what still lives is ended from here.
    const last = new InlineAnalysis(this.#memory, this.#onEvent);
    last.end();
  }

  /** Ends the threads and delivers what they told. */
  async stop(): Promise<void> {
    this.#closing = true;
    this.#watchdog.cancel();
    for (const timer of this.#waiting) timer.cancel();
    for (const member of this.#members) {
      Atomics.store(member.control.words, STOP, 1);
      Atomics.add(member.control.words, WAKE, 1);
      Atomics.notify(member.control.words, WAKE);
    }
    const { promise: overdue, resolve: lose } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(STOP_MS, lose);
    await Promise.race([Promise.all(this.#members.map((member) => member.running)), overdue]);
    timer.cancel();
    await this.#pool.destroy();
    Atomics.add(this.#bell, 0, 1);
    Atomics.notify(this.#bell, 0);
    this.#deliver();
    const lost = this.#members.reduce((sum, { scans }) => sum + (scans === undefined ? 0 : lostRecords(scans)), 0);
    if (lost > 0) this.#onNotice({ event: 'record.scans_lost', severity: 'warning', details: { lost } });
  }

  stats(): AnalysisStats {
    let scans = 0;
    let scanMs = 0;
    let eventsLost = 0;
    for (const { control, events } of this.#members) {
      scans += control.numbers[SCANS] as number;
      scanMs += (control.numbers[SCAN_MS] as number) / this.#members.length;
      eventsLost += lostRecords(events);
    }
    const excluded = [...this.#suspects.keys()].filter((slot) => this.#isExcluded(slot));
    // Threads that only start for the first time are not dead.
    const isDown = this.takeovers > 0 && this.#members.every(({ control }) => Atomics.load(control.words, BEGUN) === 0);
    return { mode: 'pool', scans, scanMs, eventsLost, takeovers: this.takeovers, isDown, excluded };
  }

  /** Nothing handed over waits or is under scan. */
  isIdle(): boolean {
    return this.#members.every((member) => this.#isDone(member));
  }

  /** The shared words of the thread that owns a slot: for tests that make it suffer. */
  controlOf(slot: Slot): Control {
    return this.#owner(slot).control;
  }

  #owner(slot: Slot): Member {
    return this.#members[slot % this.#members.length] as Member;
  }

  #createMember(): Member {
    return {
      control: createControl(this.#memory.books.slots),
      events: createRing(EVENTS_MAX, EVENT_STRIDE),
      scans: this.#options.onScan === undefined ? undefined : createRing(SCANS_MAX, SCAN_STRIDE),
      told: true,
      abort: new AbortController(),
      running: Promise.resolve(),
      stopped: Promise.resolve(),
      seenProgress: 0,
      idleLooks: 0,
    };
  }

  #begin(member: Member): void {
    const { books, tape, lives } = this.#memory;
    const task: AnalyzerTask = {
      slots: books.slots,
      books: books.buffer,
      tape: tape.buffer,
      lives: lives.buffer,
      dirty: this.#dirty.buffer as SharedArrayBuffer,
      control: member.control.buffer,
      events: member.events.buffer,
      eventCapacity: member.events.capacity,
      bell: this.#bell.buffer as SharedArrayBuffer,
      spin: this.#options.spin,
      timeOrigin: performance.timeOrigin,
      times: this.#options.times?.(this.#members.indexOf(member) + 1),
      scans: member.scans?.buffer,
    };
    member.abort = new AbortController();
    member.idleLooks = 0;
    member.running = this.#pool.run(task, { signal: member.abort.signal }).then(
      () => undefined,
      (error: unknown) => member.stopped.then(() => this.#takeOver(member, error)),
    );
  }

  /** Piscina gives its task up at once, while the thread may write on until it has stopped. */
  #end(member: Member): void {
    const before = this.#pool.threads;
    member.abort.abort();
    const thread = before.find((one) => !this.#pool.threads.includes(one));
    if (thread !== undefined) member.stopped = new Promise((stop) => thread.once('exit', () => stop()));
  }

  /** A thread is dead and writes no more: another one takes its books over from shared memory. */
  #takeOver(member: Member, error: unknown): void {
    if (this.#closing) return;
    this.takeovers++;
    const hadBegun = Atomics.exchange(member.control.words, BEGUN, 0) === 1;
    this.#deliver(); // what it told before it died
    const inWork = Atomics.load(member.control.words, IN_WORK) - 1;
    takeBack(member.control, this.#dirty, inWork);
    const details = { error: String(error), slot: inWork };
    this.#onNotice({ event: 'analysis.takeover', severity: 'warning', details });
    if (inWork >= 0 && this.#suspect(inWork as Slot)) {
      new InlineAnalysis(this.#memory, this.#onEvent).abandon(inWork as Slot);
      this.#onNotice({ event: 'analysis.excluded', severity: 'error', details });
    } else if (inWork >= 0) this.scan(inWork as Slot);
    if (hadBegun) return this.#begin(member);
    const timer = this.#options.clock.after(BEGIN_AGAIN_MS, () => {
      this.#waiting.delete(timer);
      this.#begin(member);
    });
    this.#waiting.add(timer);
  }

  /** One more death with this book in work; true when it is the last that is allowed. */
  #suspect(slot: Slot): boolean {
    const tenancy = readTenancy(this.#memory.books, slot);
    const known = this.#suspects.get(slot);
    const now = this.#options.clock.monotonic();
    const isAgain = known?.tenancy === tenancy && now - known.diedAt < DEATHS_APART_MS;
    const suspect = isAgain ? known : { tenancy, deaths: 0, diedAt: now };
    suspect.deaths++;
    suspect.diedAt = now;
    this.#suspects.set(slot, suspect);
    return suspect.deaths === DEATHS_MAX;
  }

  #isExcluded(slot: Slot): boolean {
    const suspect = this.#suspects.get(slot);
    if (suspect === undefined || suspect.deaths < DEATHS_MAX) return false;
    return suspect.tenancy === readTenancy(this.#memory.books, slot);
  }

  #watch(): void {
    for (const member of this.#members) {
      const { words } = member.control;
      // Coming to its loop is progress as well: a new thread is not blamed for the time that took.
      const progress = Atomics.load(words, DONE) + Atomics.load(words, BEGUN);
      const looks = Atomics.load(words, BEGUN) === 1 ? LOOKS : STARTING_LOOKS;
      if (this.#isDone(member) || progress !== member.seenProgress) {
        member.seenProgress = progress;
        member.idleLooks = 0;
      } else if (++member.idleLooks > looks) this.#end(member);
    }
  }

  #isDone(member: Member): boolean {
    return Atomics.load(member.control.words, DONE) === Atomics.load(member.control.words, QUEUE_HEAD);
  }

  async #listen(): Promise<void> {
    while (!this.#closing) {
      const rung = Atomics.load(this.#bell, 0);
      this.#deliver();
      const wait = Atomics.waitAsync(this.#bell, 0, rung);
      if (wait.async) await wait.value;
    }
  }

  #tellScans(scans: Ring): void {
    const { numbers } = scans;
    for (let at = peek(scans); at >= 0; at = peek(scans)) {
      const n = (field: number): number => numbers[at + field] as number;
      this.#options.onScan?.(n(0), n(1), n(2), n(3));
      release(scans);
    }
  }

  #deliver(): void {
    for (const { events, scans } of this.#members) {
      if (scans !== undefined) this.#tellScans(scans);
      for (let event = takeEvent(events); event !== undefined; event = takeEvent(events)) this.#onEvent(event);
    }
  }
}
