// What did we intend, and what happened? The records of the journal, their lines, and the state they add up to.
//
// The engine's own memory of what must outlive it is made by the same `applyRecord` that replays the journal: what was not
// written cannot be remembered. Prices and sizes in bodies are decimals: a grid may change between two runs.
import type { Ms } from '../lib/brand.ts';
import { crc32 } from '../lib/crc32.ts';
import { isOver, type OrderState } from './state.ts';
import { fenceOfAccepted } from './unknown.ts';
import type { Role } from './words.ts';

/** Records of earlier versions are read as intended then. A version must not continue a journal of a later one. */
export const JOURNAL_VERSION = 2;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** An order that we meant to send. */
export interface OrderBody {
  readonly linkId: string;
  readonly symbol: string;
  readonly role: Role;
  readonly side: 'buy' | 'sell';
  /** Decimal, `all` for whatever the position's size is. */
  readonly size: string;
  /** Notional in USDT that counts as exposure while its fate is open; 0 for what only reduces. */
  readonly notional: string;
  readonly recvWindowMs: number;
  /** Signed decimal size of the position when it was made, and the seq of the report that said so. */
  readonly baseline: string;
  readonly baselineSeq: number;
  /** What the position that it opens is to be; null for what only reduces. */
  readonly plan: JsonObject | null;
}

/** How a trade ended: wall time, and the seq up to which executions may belong to it. */
export interface Ended {
  readonly atMs: number;
  readonly seq: number;
}

/** The ledger of losses as it is with what the record says: of one record a power cut leaves all or nothing (R19). */
export interface Booking {
  readonly losses?: JsonObject;
}

export type RecordBody =
  | { readonly kind: 'INTENT'; readonly body: OrderBody }
  /** `fenceMs`: server time before which its absence proves nothing. */
  | { readonly kind: 'SENT'; readonly body: { readonly linkId: string; readonly fenceMs: number } }
  | { readonly kind: 'ACK'; readonly body: { readonly linkId: string; readonly orderId: string } }
  | {
      readonly kind: 'REJECT';
      readonly body: { readonly linkId: string; readonly state: OrderState; readonly why: string };
    }
  | { readonly kind: 'UNKNOWN'; readonly body: { readonly linkId: string; readonly why: string } }
  | {
      readonly kind: 'RESOLVED';
      /** `orderId`: where the exchange has told it, which a report does as well as an answer. */
      readonly body: {
        readonly linkId: string;
        readonly state: OrderState;
        readonly filled: string;
        readonly orderId?: string;
      };
    }
  /** `isLate`: of the trade that has ended in the symbol, not of what is there now. */
  | {
      readonly kind: 'EXEC';
      readonly body: {
        readonly symbol: string;
        readonly execId: string;
        readonly fill: JsonObject;
        readonly isLate: boolean;
      } & Booking;
    }
  /** A trade that no journal remembered was counted, by its executions alone. */
  | { readonly kind: 'PAST'; readonly body: { readonly symbol: string; readonly execIds: readonly string[] } & Booking }
  /** The trade that we hold in a symbol, whole; null: none, the one of before having ended at `endMs`, if it was one. */
  | {
      readonly kind: 'POSITION';
      readonly body: { readonly symbol: string; readonly trade: JsonObject | null; readonly ended?: Ended } & Booking;
    }
  | { readonly kind: 'CLOSE_INTENT'; readonly body: OrderBody & { readonly reason: string } }
  /** Both whole: the mode, and the sticky reasons for which nothing is entered. */
  | { readonly kind: 'MODE'; readonly body: JsonObject }
  | { readonly kind: 'BLOCK'; readonly body: JsonObject }
  /** `name` is the ledger: losses, rates, …, each the whole of its present state. */
  | { readonly kind: 'COUNTERS'; readonly body: { readonly name: string; readonly state: Json } }
  | { readonly kind: 'CHECKPOINT'; readonly body: JournalState };

export type JournalRecord = RecordBody & {
  readonly v: number;
  readonly seq: number;
  readonly tWall: Ms;
  readonly tMono: Ms;
};

export interface OrderMemory {
  readonly order: OrderBody;
  readonly state: OrderState;
  readonly orderId: string;
  /** Decimal. */
  readonly filled: string;
  readonly fenceMs: number;
  /** Wall time of its last record. */
  readonly at: number;
}

/** A closed trade: a late execution completes its row, after a restart too. */
export interface FinishedMemory extends Ended {
  readonly trade: JsonObject;
  readonly fills: Readonly<Record<string, JsonObject>>;
}

/** All that must outlive the process. */
export interface JournalState {
  seq: number;
  orders: Record<string, OrderMemory>;
  trades: Record<string, JsonObject>;
  /** Executions of each symbol since it was last flat. */
  fills: Record<string, Record<string, JsonObject>>;
  /** As risk wrote it: mode, sticky blocks, latches. */
  mode: JsonObject | null;
  /** The last trade of each symbol. */
  finished: Record<string, FinishedMemory>;
  /** Executions of trades that are over, with the wall time of their end: they may still come again. */
  applied: Record<string, number>;
  counters: Record<string, Json>;
}

/** Without a prototype: no name that comes from outside means anything to it (S10). */
function tableOf<Value>(entries?: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.assign(Object.create(null) as Record<string, Value>, entries);
}

export function emptyJournal(): JournalState {
  return {
    seq: 0,
    orders: tableOf(),
    trades: tableOf(),
    fills: tableOf(),
    mode: null,
    finished: tableOf(),
    applied: tableOf(),
    counters: tableOf(),
  };
}

export function replay(records: Iterable<JournalRecord>): JournalState {
  const state = emptyJournal();
  for (const record of records) applyRecord(state, record);
  return state;
}

export function applyRecord(state: JournalState, record: JournalRecord): void {
  state.seq = Math.max(state.seq, record.seq);
  const { tWall: at } = record;
  if ('losses' in record.body) state.counters['losses'] = record.body.losses;
  switch (record.kind) {
    case 'INTENT':
    case 'CLOSE_INTENT': {
      const order = record.body;
      // An order that only reduces does not wait for the disk: it is sent together with its record.
      const is = record.kind === 'INTENT' ? 'draft' : 'sent';
      state.orders[order.linkId] = { order, state: is, orderId: '', filled: '0', fenceMs: 0, at };
      return;
    }
    case 'SENT':
      return amend(state, record.body.linkId, { state: 'sent', fenceMs: record.body.fenceMs, at });
    case 'ACK':
      return amend(state, record.body.linkId, {
        ...({ state: 'acked', orderId: record.body.orderId, at } as const),
        fenceMs: fenceOfAccepted(at),
      });
    case 'REJECT':
      return amend(state, record.body.linkId, { state: record.body.state, at });
    case 'UNKNOWN':
      return amend(state, record.body.linkId, { state: 'unknown', at });
    case 'RESOLVED': {
      const { linkId, state: is, ...told } = record.body;
      return amend(state, linkId, { state: is, ...told, at, ...(isOver(is) ? {} : { fenceMs: fenceOfAccepted(at) }) });
    }
    case 'EXEC': {
      const { symbol, execId, fill, isLate } = record.body;
      const finished = state.finished[symbol];
      if (isLate) state.applied[execId] = at;
      if (!isLate) (state.fills[symbol] ??= tableOf())[execId] = fill;
      else if (finished !== undefined) {
        state.finished[symbol] = { ...finished, fills: { ...finished.fills, [execId]: fill } };
      }
      return;
    }
    case 'PAST':
      for (const execId of record.body.execIds) state.applied[execId] = at;
      return;
    case 'POSITION': {
      const { symbol, trade, ended } = record.body;
      if (trade === null) {
        const before = state.trades[symbol];
        if (ended !== undefined && before !== undefined) {
          state.finished[symbol] = { ...ended, trade: before, fills: state.fills[symbol] ?? {} };
        }
        for (const execId of Object.keys(state.fills[symbol] ?? {})) state.applied[execId] = at;
        delete state.trades[symbol];
        delete state.fills[symbol];
      } else state.trades[symbol] = trade;
      return;
    }
    case 'MODE':
    case 'BLOCK':
      state.mode = record.body;
      return;
    case 'COUNTERS':
      state.counters[record.body.name] = record.body.state;
      return;
    case 'CHECKPOINT':
      Object.assign(state, copyOf(record.body), { seq: record.seq });
  }
}

/** A copy that no later record changes. Bodies are never written to, so only the tables are copied. */
export function copyOf(state: JournalState): JournalState {
  const fills = tableOf<Record<string, JsonObject>>();
  for (const [symbol, of] of Object.entries(state.fills)) fills[symbol] = tableOf(of);
  return {
    ...state,
    orders: tableOf(state.orders),
    trades: tableOf(state.trades),
    fills,
    finished: tableOf(state.finished),
    applied: tableOf(state.applied),
    counters: tableOf(state.counters),
  };
}

/** What a checkpoint keeps: nothing that was over before `since`. */
export function pruned(state: JournalState, since: number): JournalState {
  const copy = copyOf(state);
  for (const [linkId, { state: is, at }] of Object.entries(copy.orders)) {
    if (isOver(is) && at < since) delete copy.orders[linkId];
  }
  for (const [symbol, { atMs }] of Object.entries(copy.finished)) if (atMs < since) delete copy.finished[symbol];
  for (const [execId, at] of Object.entries(copy.applied)) if (at < since) delete copy.applied[execId];
  return copy;
}

/** Two states that say the same have the same hash, in whatever order they came to say it. */
export function stateHash(state: JournalState): string {
  return hex(crc32(ascii(canonical(state as unknown as Json))));
}

export function encodeRecord(record: JournalRecord): string {
  const text = ascii(JSON.stringify(record));
  return `${hex(crc32(text))} ${text}`;
}

/** Is a line, without its line end, one that was written whole? */
export function checkLine(line: string): boolean {
  return line.length > 9 && line[8] === ' ' && line.slice(0, 8) === hex(crc32(line.slice(9)));
}

export type Decoded =
  | { readonly ok: true; readonly record: JournalRecord }
  | { readonly ok: false; readonly reason: 'broken' | 'newer-version' };

export function decodeRecord(line: string): Decoded {
  if (!checkLine(line)) return { ok: false, reason: 'broken' };
  const record = parsed(line.slice(9));
  if (record === undefined || !Number.isInteger(record.v) || record.v < 1) return { ok: false, reason: 'broken' };
  return record.v > JOURNAL_VERSION ? { ok: false, reason: 'newer-version' } : { ok: true, record };
}

/** A sum that is right does not make a record: a journal that somebody has edited must not keep us from our positions. */
function parsed(text: string): JournalRecord | undefined {
  try {
    return (JSON.parse(text) as JournalRecord | null) ?? undefined;
  } catch {
    return undefined;
  }
}

function amend(state: JournalState, linkId: string, change: Partial<OrderMemory>): void {
  const known = state.orders[linkId];
  if (known !== undefined) state.orders[linkId] = { ...known, ...change };
}

const hex = (crc: number): string => crc.toString(16).padStart(8, '0');

/** JSON with everything beyond ASCII escaped. */
function ascii(text: string): string {
  // oxlint-disable-next-line no-control-regex -- what is to be kept is exactly this range
  return text.replace(/[^\x00-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item as Json)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = value as JsonObject;
  const keys = Object.keys(fields).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(fields[key] as Json)}`).join(',')}}`;
}
