// Where has the engine that recorded scanned each book? A scan of several messages at once sees other things than one after each.
import type { Ms } from '../lib/brand.ts';
import type { Entry } from '../record/entry.ts';
import type { Reader } from './files.ts';

interface Scans {
  /** Not come to yet. */
  readonly ahead: number[];
  /** The newest that was due. */
  done: number;
}

export class RecordedScans {
  readonly #symbols = new Map<string, Scans>();
  #recorded = 0;
  #missed = 0;

  learn(symbol: string, sequences: readonly number[]): void {
    this.#recorded += sequences.length;
    const scans = this.#symbols.get(symbol);
    if (scans === undefined) this.#symbols.set(symbol, { ahead: [...sequences], done: -1 });
    else scans.ahead.push(...sequences);
  }

  /** Was the book of a symbol scanned as it stands after the message `sequence`? */
  isDue(symbol: string, sequence: number): boolean {
    const scans = this.#symbols.get(symbol);
    if (scans === undefined) return false;
    this.#passBefore(scans, sequence);
    if (scans.ahead[0] !== sequence) return false;
    scans.ahead.shift();
    scans.done = sequence;
    return true;
  }

  end(): { readonly recorded: number; readonly missed: number } {
    for (const scans of this.#symbols.values()) this.#passBefore(scans, Infinity);
    return { recorded: this.#recorded, missed: this.#missed };
  }

  /** Who looks a second time, and finds nothing new, has been there. */
  #passBefore({ ahead, done }: Scans, sequence: number): void {
    for (let next = ahead[0]; next !== undefined && next < sequence; next = ahead[0]) {
      if (next !== done) this.#missed++;
      ahead.shift();
    }
  }
}

/** Scans are told within a second or two of their messages, unless a thread hung. */
const AHEAD_MS = 10_000;

/** Reads so far ahead that the scans of a message are known before it is taken. */
export class LookAhead implements Reader {
  frames = 0;
  readonly #reader: Reader;
  /** From `#first` on; the others have been taken. */
  #waiting: (Entry | 'next file')[] = [];
  #first = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  get unreadable(): number {
    return this.#reader.unreadable;
  }

  nextFile(): void {
    this.#waiting.push('next file');
  }

  async take(entry: Entry): Promise<void> {
    if (entry.kind === 'scans') return this.#reader.take(entry);
    this.#waiting.push(entry);
    if (entry.kind !== 'frame') return;
    this.frames++;
    await this.#pass((entry.received - AHEAD_MS) as Ms);
  }

  /** Nothing more will be told. */
  async end(): Promise<void> {
    await this.#pass(Infinity as Ms);
  }

  async #pass(until: Ms): Promise<void> {
    for (; this.#first < this.#waiting.length; this.#first++) {
      const entry = this.#waiting[this.#first] as Entry | 'next file';
      if (entry === 'next file') this.#reader.nextFile();
      else if (entry.kind === 'frame' && entry.received > until) break;
      else await this.#reader.take(entry);
    }
    // By halves: moving them up costs as much as it frees.
    if (this.#first * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}
