// What do the records of a journal add up to? For each thing that is remembered the records are looked through for the last
// word about it: slow, and obvious. Keys are kept in Maps, so that no name is special.
import type { JournalRecord, JournalState, Json, JsonObject, OrderMemory } from '../../src/order/journal.ts';
import { isOver, type OrderState } from '../../src/order/state.ts';

type Of<Kind extends JournalRecord['kind']> = Extract<JournalRecord, { kind: Kind }>;

const ABOUT_ORDERS = ['INTENT', 'CLOSE_INTENT', 'SENT', 'ACK', 'REJECT', 'UNKNOWN', 'RESOLVED'] as const;
type AboutOrder = Of<(typeof ABOUT_ORDERS)[number]>;

function isAboutOrder(record: JournalRecord): record is AboutOrder {
  return (ABOUT_ORDERS as readonly string[]).includes(record.kind);
}

function isKind<Kind extends JournalRecord['kind']>(record: JournalRecord, kind: Kind): record is Of<Kind> {
  return record.kind === kind;
}

function stateAfter(record: AboutOrder): OrderState {
  switch (record.kind) {
    case 'INTENT':
      return 'draft';
    case 'CLOSE_INTENT':
    case 'SENT':
      return 'sent';
    case 'ACK':
      return 'acked';
    case 'UNKNOWN':
      return 'unknown';
    case 'REJECT':
    case 'RESOLVED':
      return record.body.state;
  }
}

/** Ten minutes from a word that it is there. */
function fenceBy(word: AboutOrder): number | undefined {
  if (word.kind === 'SENT') return word.body.fenceMs;
  const isThere = word.kind === 'ACK' || (word.kind === 'RESOLVED' && !isOver(word.body.state));
  return isThere ? word.tWall + 600_000 : undefined;
}

const idBy = (word: AboutOrder): string | undefined =>
  word.kind === 'ACK' || word.kind === 'RESOLVED' ? word.body.orderId : undefined;

function orderOf(linkId: string, records: readonly JournalRecord[]): OrderMemory | undefined {
  const words = records.filter((record) => isAboutOrder(record)).filter(({ body }) => body.linkId === linkId);
  const from = words.findLastIndex(({ kind }) => kind === 'INTENT' || kind === 'CLOSE_INTENT');
  const [intent, ...later] = from < 0 ? [] : words.slice(from);
  if (intent?.kind !== 'INTENT' && intent?.kind !== 'CLOSE_INTENT') return undefined;
  const last = later.at(-1) ?? intent;
  return {
    order: intent.body,
    state: stateAfter(last),
    at: last.tWall,
    orderId: later.map(idBy).findLast((orderId) => orderId !== undefined) ?? '',
    filled: later.findLast((word) => isKind(word, 'RESOLVED'))?.body.filled ?? '0',
    fenceMs: later.map(fenceBy).findLast((fenceMs) => fenceMs !== undefined) ?? 0,
  };
}

/** A symbol's records, cut where a trade of it was over: the last piece is what is there now. */
function pieces(symbol: string, records: readonly JournalRecord[]): JournalRecord[][] {
  const all: JournalRecord[][] = [[]];
  for (const record of records) {
    if (!('symbol' in record.body) || record.body.symbol !== symbol || isAboutOrder(record)) continue;
    (all.at(-1) as JournalRecord[]).push(record);
    if (isKind(record, 'POSITION') && record.body.trade === null) all.push([]);
  }
  return all;
}

function tradeOf(piece: readonly JournalRecord[]): JsonObject | undefined {
  return (
    piece.filter((record) => isKind(record, 'POSITION')).findLast(({ body }) => body.trade !== null)?.body.trade ??
    undefined
  );
}

function fillsOf(piece: readonly JournalRecord[], isLate: boolean): Map<string, JsonObject> {
  const fills = piece.filter((record) => isKind(record, 'EXEC')).filter(({ body }) => body.isLate === isLate);
  return new Map(fills.map(({ body }) => [body.execId, body.fill]));
}

function finishedOf(all: readonly (readonly JournalRecord[])[]): JournalState['finished'][string] | undefined {
  const last = all.findLastIndex((piece) => {
    const end = piece.at(-1);
    return (
      end?.kind === 'POSITION' &&
      end.body.trade === null &&
      end.body.ended !== undefined &&
      tradeOf(piece.slice(0, -1)) !== undefined
    );
  });
  const piece = all[last];
  const end = piece?.at(-1);
  if (piece === undefined || end?.kind !== 'POSITION' || end.body.ended === undefined) return undefined;
  const late = all.slice(last + 1).flatMap((later) => [...fillsOf(later, true)]);
  const fills = Object.fromEntries([...fillsOf(piece, false), ...late]);
  return { ...end.body.ended, trade: tradeOf(piece.slice(0, -1)) as JsonObject, fills };
}

/** Executions that may come again: told late, of a trade that was over, or of one that nobody remembered. */
function appliedOf(records: readonly JournalRecord[], symbols: readonly string[]): Map<string, number> {
  const found: { readonly execId: string; readonly seq: number; readonly at: number }[] = [];
  for (const record of records) {
    if (isKind(record, 'EXEC') && record.body.isLate)
      found.push({ execId: record.body.execId, seq: record.seq, at: record.tWall });
    if (!isKind(record, 'PAST')) continue;
    for (const execId of record.body.execIds) found.push({ execId, seq: record.seq, at: record.tWall });
  }
  for (const piece of symbols.flatMap((symbol) => pieces(symbol, records).slice(0, -1))) {
    const { seq, tWall: at } = piece.at(-1) as JournalRecord;
    for (const execId of fillsOf(piece, false).keys()) found.push({ execId, seq, at });
  }
  return new Map(found.toSorted((a, b) => a.seq - b.seq).map(({ execId, at }) => [execId, at]));
}

const table = <Value>(entries: Iterable<readonly [string, Value | undefined]>): Record<string, Value> =>
  Object.fromEntries([...entries].filter(([, value]) => value !== undefined)) as Record<string, Value>;

/** Of records without a checkpoint. */
export function plainReplay(records: readonly JournalRecord[]): JournalState {
  const symbols = [...new Set(records.flatMap(({ body }) => ('symbol' in body ? [body.symbol as string] : [])))];
  const linkIds = [...new Set(records.filter((record) => isAboutOrder(record)).map(({ body }) => body.linkId))];
  // An execution or the end of a trade says in its own record what it has brought.
  const counters = records.flatMap((record): [string, Json][] => {
    if (isKind(record, 'COUNTERS')) return [[record.body.name, record.body.state]];
    return 'losses' in record.body ? [['losses', record.body.losses]] : [];
  });
  const current = symbols.map((symbol) => [symbol, pieces(symbol, records).at(-1) as JournalRecord[]] as const);
  const held = current.map(([symbol, piece]) => [symbol, fillsOf(piece, false)] as const);
  return {
    seq: records.at(-1)?.seq ?? 0,
    orders: table(linkIds.map((linkId) => [linkId, orderOf(linkId, records)])),
    trades: table(current.map(([symbol, piece]) => [symbol, tradeOf(piece)])),
    fills: table(held.map(([symbol, fills]) => [symbol, fills.size === 0 ? undefined : table(fills)])),
    mode: (records.findLast((record) => isKind(record, 'MODE') || isKind(record, 'BLOCK'))?.body as JsonObject) ?? null,
    finished: table(symbols.map((symbol) => [symbol, finishedOf(pieces(symbol, records))])),
    applied: table(appliedOf(records, symbols)),
    counters: table(counters),
  };
}
