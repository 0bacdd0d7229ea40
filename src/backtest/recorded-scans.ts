// Where has the engine that recorded scanned each book? A scan of several messages at once sees other things than one after each.
import { getOrInsert } from '../lib/get-or-insert.ts';
import type { Entry, Scans } from '../record/entry.ts';

interface Ahead {
  /** Not come to yet. */
  readonly ahead: number[];
  readonly anew: Set<number>;
  /** The newest that was due. */
  done: number;
}

export class RecordedScans {
  readonly #symbols = new Map<string, Ahead>();
  #recorded = 0;
  #missed = 0;

  learn(symbol: string, { sequences, anew }: Scans): void {
    this.#recorded += sequences.length;
    const scans = getOrInsert(this.#symbols, symbol, (): Ahead => ({ ahead: [], anew: new Set(), done: -1 }));
    scans.ahead.push(...sequences);
    for (const sequence of anew) scans.anew.add(sequence);
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

  /** Did the scan that is due here begin anew? */
  beginsAnew(symbol: string, sequence: number): boolean {
    return this.#symbols.get(symbol)?.anew.delete(sequence) === true;
  }

  end(): { readonly recorded: number; readonly missed: number } {
    for (const scans of this.#symbols.values()) this.#passBefore(scans, Infinity);
    return { recorded: this.#recorded, missed: this.#missed };
  }

  /** Who looks a second time, and finds nothing new, has been there. */
  #passBefore({ ahead, done }: Ahead, sequence: number): void {
    for (let next = ahead[0]; next !== undefined && next < sequence; next = ahead[0]) {
      if (next !== done) this.#missed++;
      ahead.shift();
    }
  }
}

/** Scans are told within a second or two of their messages, unless a thread hung. */
const AHEAD_MS = 10_000;

/** Tells scans before the messages that they followed: those wait until every scan of theirs must have been told. */
export async function* scansFirst(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  // From `first` on; the others have been told.
  let waiting: Entry[] = [];
  let first = 0;
  let fault: Error | undefined;
  try {
    for await (const entry of entries) {
      if (entry.kind === 'scans') yield entry;
      else waiting.push(entry);
      if (entry.kind !== 'frame') continue;
      for (; first < waiting.length; first++) {
        const next = waiting[first] as Entry;
        if (next.kind === 'frame' && next.received > entry.received - AHEAD_MS) break;
        yield next;
      }
      // By halves: moving them up costs as much as it frees.
      if (first * 2 < waiting.length) continue;
      waiting = waiting.slice(first);
      first = 0;
    }
  } catch (error) {
    fault = error as Error;
  }
  yield* waiting.slice(first);
  if (fault !== undefined) throw fault;
}
