// How is a recording run through the core, frame by frame, as the live market is?
import { CHANGE_LOST, createBooks, GIVEN_UP, SLOT_WORDS as BOOK_WORDS } from '../book/layout.ts';
import { VIEW_LEVELS_MAX } from '../book/read.ts';
import { Ingest, type IngestCounts } from '../bybit/frames/ingest.ts';
import type { Depth, Outcome } from '../bybit/frames/ingest-port.ts';
import { NAME_BYTES_MAX } from '../book/kernel-places.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import type { Instrument } from '../market/instrument.ts';
import type { Slot } from '../market/units.ts';
import type { Analysis, OnNotice } from '../pool/analysis.ts';
import { InlineAnalysis } from '../pool/inline.ts';
import { PoolAnalysis } from '../pool/pool.ts';
import type { Candle, Entry } from '../record/entry.ts';
import { readHead, type FrameHead } from '../record/frame-head.ts';
import { Instruments, type GridSource, type InstrumentReport, type KnownInstrument } from '../record/instruments.ts';
import { readPrinted } from '../record/printed.ts';
import { RecordError } from '../record/record-error.ts';
import { Verifier, type Difference } from '../record/verify.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import { createLives, PARAMS_AT, SLOT_NUMBERS } from '../scan/layout.ts';
import { writeParams, type ScanParams } from '../scan/params.ts';
import type { AnalysisMemory } from '../scan/workspace.ts';
import { createTape } from '../tape/layout.ts';
import { setLookback, widenMinutes } from '../tape/write.ts';
import { EventTally, type Tally } from './event-tally.ts';
import { RecordedScans } from './recorded-scans.ts';
import { BookReader, type Left, type Replayed, type ReplayedBook } from './replayed-book.ts';

export interface ReplayerOptions {
  readonly params: ScanParams;
  readonly extremaMinutes: number;
  readonly mode: 'inline' | 'pool';
  /** Threads of the mode `pool`. */
  readonly workers: number;
  readonly clock: Clock;
  readonly verify: boolean;
  /** Scans where the engine that recorded did, instead of after every message: those must be told before their frames. */
  readonly asRecorded?: boolean;
  /** Grids for recordings that do not hold their own. */
  readonly instruments?: ReadonlyMap<string, KnownInstrument> | undefined;
  readonly onNotice: OnNotice;
  /** Who acts on what is seen. */
  readonly stage?: Stage;
}

/** What looks on while a recording is run; each is told when books, tape and analysis are whole. */
export interface Stage {
  attached(slot: Slot, instrument: Instrument, source: GridSource): void;
  detached(slot: Slot): void;
  /** A frame of this slot was taken, or could not be. */
  moved(slot: Slot, frame: Frame, outcome: Outcome): void;
  onEvent(event: AnalysisEvent): void;
}

export interface ReplayResult extends Tally {
  readonly frames: number;
  readonly deltas: number;
  readonly snapshots: number;
  readonly trades: number;
  readonly gaps: number;
  /** Snapshots that replaced a book of the same depth. */
  readonly resyncs: number;
  readonly fallbacks: number;
  readonly unreadable: number;
  readonly offGridTrades: number;
  readonly aheadTrades: number;
  readonly verify?: {
    readonly checked: number;
    readonly differences: number;
    readonly examples?: readonly Difference[];
  };
  /** As recorded only: scans of the engine that recorded, and those of them that no message here was found for. */
  readonly scans?: { readonly recorded: number; readonly missed: number };
  /** More than none means that the hash does not cover everything. */
  readonly eventsLost: number;
  readonly instruments: Readonly<Record<string, InstrumentReport>>;
  /** Books that broke and were not mended by the end: what is dumped of them is not to be trusted. */
  readonly untrusted: readonly string[];
  /** Symbols that were spoken of without a snapshot of their book. */
  readonly withoutBook: readonly string[];
  /** Topics of a book beside the one of its symbol that was replayed: it has one book, and the first topic counts. */
  readonly passedOver: readonly string[];
}

export type Frame = Extract<Entry, { kind: 'frame' }>;

/** More than the exchange lists. Memory that no symbol uses is never touched. */
const SLOTS = 1_024;
/** Frames of a symbol that wait for its book, the newest. */
const KEPT_MAX = 4_096;
/** Within it the exchange has left a topic or a connection that is wanted no more; live, what it still sends there is dropped. */
const LEAVE_MS = 10_000;
/** All that others have recorded counts as one connection: it goes on from file to file. */
const FOREIGN = 0;

export class Replayer {
  readonly memory: AnalysisMemory = { books: createBooks(SLOTS), tape: createTape(SLOTS), lives: createLives(SLOTS) };
  readonly #options: ReplayerOptions;
  readonly #ingest: Ingest;
  readonly #analysis: Analysis;
  readonly #instruments: Instruments;
  readonly #verifier: Verifier | undefined;
  readonly #reader = new BookReader(this.memory.books);
  readonly #tally = new EventTally();
  readonly #symbols = new Map<string, Replayed>();
  readonly #slots: Replayed[] = [];
  readonly #connections = new Map<string, number>();
  readonly #kept = new Map<string, { readonly connection: number; readonly frames: Frame[] }>();
  readonly #candles = new Map<string, readonly Candle[]>();
  readonly #scans: RecordedScans | undefined;
  readonly #passedOver = new Set<string>();
  #file = 0;
  #frames = 0;
  #resyncs = 0;

  constructor(options: ReplayerOptions) {
    const { mode, workers, clock, verify, instruments, onNotice } = options;
    this.#options = options;
    this.#scans = options.asRecorded === true ? new RecordedScans() : undefined;
    this.#ingest = new Ingest(this.memory.books, this.memory.tape);
    this.#instruments = new Instruments(instruments);
    this.#verifier = verify ? new Verifier() : undefined;
    const onEvent = (event: AnalysisEvent): void => {
      this.#tally.add(event);
      options.stage?.onEvent(event);
    };
    this.#analysis =
      mode === 'inline'
        ? new InlineAnalysis(this.memory, onEvent)
        : new PoolAnalysis(this.memory, { workers, spin: false, clock }, onEvent, onNotice);
  }

  get frames(): number {
    return this.#frames;
  }

  get unreadable(): number {
    return this.#ingest.counts.unreadable;
  }

  /** Those with a book, in the order of their first snapshots. */
  get symbols(): readonly string[] {
    return [...this.#symbols.keys()];
  }

  slotOf(symbol: string): Slot | undefined {
    return this.#symbols.get(symbol)?.slot;
  }

  /** When the recording last told the book of a slot, or proved it. */
  bookHeardAt(slot: Slot): Ms {
    return this.#ingest.bookHeardAt(slot);
  }

  book(symbol: string): ReplayedBook | undefined {
    const replayed = this.#symbols.get(symbol);
    return replayed === undefined ? undefined : this.#reader.read(replayed);
  }

  /** What follows comes from another file: its connections are others under the same numbers. */
  nextFile(): void {
    this.#file++;
  }

  /** Resolves when what the entry changed has been scanned. */
  async take(entry: Entry): Promise<void> {
    if (entry.kind === 'instrument') return this.#learn(entry.instrument);
    if (entry.kind === 'candles') return this.#seed(entry.symbol, entry.candles);
    if (entry.kind === 'scans') return this.#scans?.learn(entry.symbol, entry);
    this.#frames++;
    const before = { ...this.#ingest.counts };
    const connection = this.#connectionOf(entry);
    const outcome = this.#ingest.frame(entry.bytes, connection, entry.received);
    if (outcome !== 'dropped') return this.#settle(entry, connection, outcome, before);
    const due = this.#whatIsDue(entry, connection);
    if (due === undefined) return;
    Object.assign(this.#ingest.counts, before); // it was not its turn
    for (const frame of due) await this.#apply(frame, connection);
  }

  /** Ends the analysis; what still stands is labelled `held`. */
  async end(): Promise<ReplayResult> {
    await this.#analysis.close();
    const { deltas, snapshots, trades, gaps, fallbacks, unreadable, offGridTrades, aheadTrades } = this.#ingest.counts;
    const isTrusted = ({ slot }: Replayed): boolean => this.#ingest.trust(slot) === 'live';
    return {
      frames: this.#frames,
      deltas,
      snapshots,
      trades,
      gaps,
      resyncs: this.#resyncs,
      fallbacks,
      unreadable,
      offGridTrades,
      aheadTrades,
      ...(this.#verifier === undefined ? {} : { verify: verdictOf(this.#verifier) }),
      ...this.#tally.end(),
      ...(this.#scans === undefined ? {} : { scans: this.#scans.end() }),
      eventsLost: this.#analysis.stats().eventsLost,
      instruments: this.#instruments.report(),
      untrusted: this.#slots.filter((one) => !isTrusted(one)).map(({ instrument }) => instrument.symbol),
      withoutBook: [...this.#kept.keys()].filter((symbol) => !this.#symbols.has(symbol)),
      passedOver: [...this.#passedOver],
    };
  }

  #learn(instrument: Instrument): void {
    const replayed = this.#symbols.get(instrument.symbol);
    if (this.#instruments.learn(instrument) && replayed !== undefined) this.#regrid(replayed, instrument);
  }

  /** Candles from before the first frame, now or when the symbol's book is there. */
  #seed(symbol: string, candles: readonly Candle[]): void {
    const slot = this.slotOf(symbol);
    if (slot === undefined) this.#candles.set(symbol, candles);
    else widenMinutes(this.memory.tape, slot, candles);
  }

  async #apply(frame: Frame, connection: number): Promise<void> {
    const before = { ...this.#ingest.counts };
    const outcome = this.#ingest.frame(frame.bytes, connection, frame.received);
    await this.#settle(frame, connection, outcome, before);
  }

  async #settle(frame: Frame, connection: number, outcome: Outcome, before: IngestCounts): Promise<void> {
    const replayed = this.#slots[this.#ingest.slot];
    if (replayed === undefined) return;
    const isOffGrid = outcome === 'grid' || this.#ingest.counts.offGridTrades > before.offGridTrades;
    if (isOffGrid && this.#refine(replayed, frame, outcome, before)) return this.#apply(frame, connection);
    if (outcome === 'snapshot' || outcome === 'delta') await this.#scan(replayed, frame, outcome);
    this.#options.stage?.moved(replayed.slot, frame, outcome);
  }

  async #scan(replayed: Replayed, frame: Frame, outcome: 'snapshot' | 'delta'): Promise<void> {
    if (outcome === 'snapshot') {
      if (replayed.booked === replayed.depth) this.#resyncs++;
      replayed.booked = replayed.depth;
    }
    replayed.file = this.#file;
    const { seq } = this.#ingest.sequence(replayed.slot);
    const { slot, instrument } = replayed;
    if (this.#scans?.isDue(instrument.symbol, seq) !== false) {
      if (this.#scans !== undefined) this.#repeatLoss(this.#scans, replayed, seq);
      this.#analysis.scan(slot);
    }
    const settled = this.#analysis.settled();
    if (this.#verifier !== undefined) {
      const { bids, asks } = this.#reader.read(replayed);
      this.#verifier.check(frame.bytes.toString('utf8'), bids, asks);
    }
    await settled;
  }

  /** Whoever recorded has judged its book here: that a trade behind it was lost, as a live scan must fear, is not so. */
  #repeatLoss(scans: RecordedScans, { slot, instrument }: Replayed, seq: number): void {
    const { words } = this.memory.books;
    const at = slot * BOOK_WORDS + CHANGE_LOST;
    if (scans.beginsAnew(instrument.symbol, seq) || Atomics.load(words, at) !== 0) Atomics.store(words, at, GIVEN_UP);
  }

  /**
   * A dropped frame of a symbol whose book is not there yet, or is on another connection or of another depth, waits for
   * the snapshot. That snapshot brings back all that has waited for it. Undefined: dropped for good.
   */
  #whatIsDue(frame: Frame, connection: number): readonly Frame[] | undefined {
    const text = frame.bytes.toString('utf8');
    const head = readHead(text);
    if (head === undefined) return undefined;
    const replayed = this.#symbols.get(head.symbol);
    const isBook = head.isSnapshot && head.depth > 1;
    if (replayed?.connection === connection) {
      if (!isBook || replayed.depth === head.depth) return undefined;
      // Of two topics that others have recorded side by side the first counts; the next file may hold another.
      const isOther = frame.ours ? !isJustLeft(replayed.leftDepth, head.depth, frame) : replayed.file !== this.#file;
      if (!isOther || head.depth > VIEW_LEVELS_MAX) {
        if (!frame.ours) this.#passedOver.add(`orderbook.${head.depth}.${head.symbol}`);
        return undefined;
      }
      this.#expectDepth(replayed, head.depth, frame.received);
      return [frame];
    }
    if (frame.ours && isJustLeft(replayed?.leftConnection, connection, frame)) return undefined;
    const kept = this.#kept.get(head.symbol);
    const waiting = kept?.connection === connection ? kept.frames : [];
    if (
      !isBook ||
      !(replayed === undefined
        ? this.#open(head, text, connection)
        : this.#move(replayed, head, connection, frame.received))
    ) {
      waiting.push(frame);
      if (waiting.length > KEPT_MAX) waiting.shift();
      this.#kept.set(head.symbol, { connection, frames: waiting });
      return [];
    }
    this.#kept.delete(head.symbol);
    return [...waiting, frame];
  }

  /** The first snapshot of a symbol. False where nobody can tell its grid, or no book could hold it. */
  #open({ symbol, depth }: FrameHead, text: string, connection: number): boolean {
    if (depth > VIEW_LEVELS_MAX || Buffer.byteLength(symbol) > NAME_BYTES_MAX) return false;
    const known = this.#instruments.resolve(symbol, text);
    if (known === undefined) return false;
    if (this.#slots.length === SLOTS) {
      throw new RecordError(
        'damaged',
        symbol,
        `more than ${SLOTS} symbols in one replay: replay fewer files at a time`,
      );
    }
    const { instrument } = known;
    const slot = this.#slots.length as Slot;
    const replayed: Replayed = {
      slot,
      instrument,
      depth,
      leftDepth: undefined,
      booked: 0,
      file: this.#file,
      connection,
      leftConnection: undefined,
    };
    this.#symbols.set(symbol, replayed);
    this.#slots.push(replayed);
    this.#attach(replayed);
    this.#seed(symbol, this.#candles.get(symbol) ?? []);
    return true;
  }

  /** The symbol is on this connection from here on. */
  #move(replayed: Replayed, { depth }: FrameHead, connection: number, received: Ms): boolean {
    if (depth > VIEW_LEVELS_MAX) return false;
    this.#ingest.distrust(replayed.slot, 'syncing');
    this.#ingest.bind(replayed.slot, connection);
    replayed.leftConnection = { number: replayed.connection, at: received };
    replayed.connection = connection;
    this.#expectDepth(replayed, depth, received);
    return true;
  }

  #expectDepth(replayed: Replayed, depth: number, received: Ms): void {
    if (depth !== replayed.depth) replayed.leftDepth = { number: replayed.depth, at: received };
    this.#ingest.expectDepth(replayed.slot, depth as Depth);
    replayed.depth = depth;
  }

  #attach({ slot, instrument, depth, connection }: Replayed): void {
    this.#ingest.attach(slot, instrument, depth as Depth);
    this.#ingest.bind(slot, connection);
    writeParams(this.memory.lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, this.#options.params, instrument);
    setLookback(this.memory.tape, slot, this.#options.extremaMinutes);
    this.#options.stage?.attached(slot, instrument, this.#instruments.sourceOf(instrument.symbol));
  }

  /** The old ticks mean nothing on the new grid: an empty book that waits for its snapshot. */
  #regrid(replayed: Replayed, instrument: Instrument): void {
    replayed.instrument = instrument;
    this.#options.stage?.detached(replayed.slot);
    this.#ingest.detach(replayed.slot);
    this.#attach(replayed);
  }

  /** A grid that was guessed proves too coarse: the book moves to a finer one, and the frame may come again. */
  #refine(replayed: Replayed, frame: Frame, outcome: Outcome, before: IngestCounts): boolean {
    const { slot, instrument, connection } = replayed;
    const text = frame.bytes.toString('utf8');
    const finer = this.#instruments.refine(instrument.symbol, text);
    if (finer === undefined) return false;
    const isWhole = outcome === 'grid' ? readHead(text)?.isSnapshot !== true : this.#ingest.trust(slot) === 'live';
    const printed = outcome === 'grid' ? readPrinted(text) : undefined;
    const book = isWhole ? this.#reader.asSnapshot(replayed, printed) : undefined;
    this.#regrid(replayed, finer.instrument);
    if (book !== undefined) this.#ingest.frame(Buffer.from(book), connection, frame.received);
    Object.assign(this.#ingest.counts, before);
    return true;
  }

  #connectionOf({ ours, connection }: Frame): number {
    if (!ours) return FOREIGN;
    const key = `${this.#file} ${connection}`;
    const number = this.#connections.get(key) ?? this.#connections.size + 1;
    this.#connections.set(key, number);
    return number;
  }
}

const isJustLeft = (left: Left | undefined, number: number, { received }: Frame): boolean =>
  left?.number === number && received - left.at < LEAVE_MS;

function verdictOf({ checked, differences, examples }: Verifier): NonNullable<ReplayResult['verify']> {
  return { checked, differences, ...(differences === 0 ? {} : { examples }) };
}
