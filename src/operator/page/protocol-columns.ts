// How do columns of the heat map lie in a binary message? Both ends read and write them here. Little-endian:
//
//   message  u8 MESSAGE_COLUMNS · u8 0 · u16 columns · u32 stream · u16 rows · u16 0
//   column   f64 wall ms · u32 number · i32 base row · i32 best bid · i32 best ask · i32 lowest · i32 highest visible tick
//            · u8 trust · u8 0 · u16 trades · u16 × rows cells · 8 bytes × trades
//   trade    i32 tick · u16 size · u8 side of the taker (0 buy, 1 sell) · u8 0
//
// A cell is the notional that rests in a row's ticks on a logarithmic scale: 0 is nothing, else usdtOf(cell). Row r of the
// whole price axis is cell r − base row. Numbers of columns follow each other unless time was lost.

export const MESSAGE_COLUMNS = 1;
export const MESSAGE_BYTES = 12;
export const COLUMN_BYTES = 36;
export const TRADE_BYTES = 8;
export const ROWS = 200;
export const COLUMNS_KEPT = 900;
export const COLUMN_MS = 100;
/** More in one column are added up with their neighbours. */
export const TRADES_MAX = 32;

/** Steps of a cell for each doubling: 0.07 % apart. */
const STEPS = 1_024;
const CELL_MAX = 0xffff;

/** From notional to cell. */
export function cellOf(usdt: number): number {
  return usdt <= 0 ? 0 : Math.min(CELL_MAX, Math.max(1, Math.round(Math.log2(1 + usdt) * STEPS)));
}

export function usdtOf(cell: number): number {
  return 2 ** (cell / STEPS) - 1;
}

export interface ColumnTrade {
  readonly tick: number;
  readonly usdt: number;
  readonly side: 'buy' | 'sell';
}

export interface Column {
  readonly atMs: number;
  readonly number: number;
  readonly baseRow: number;
  /** Ticks; 0 where the side is empty. */
  readonly bid: number;
  readonly ask: number;
  /** The lowest and highest tick that the topic shows: a cell beyond them is not empty but unknown. */
  readonly lowest: number;
  readonly highest: number;
  /** Index into the trust states: 2 is live. */
  readonly trust: number;
  /** A view of the message, from the lowest price up. */
  readonly cells: Uint16Array;
  readonly trades: readonly ColumnTrade[];
}

export interface ColumnMessage {
  readonly stream: number;
  readonly rows: number;
  readonly columns: readonly Column[];
}

export function columnBytes(rows: number, trades: number): number {
  return COLUMN_BYTES + rows * 2 + trades * TRADE_BYTES;
}

/** Writes the head of a message; its columns follow. */
export function writeHead(view: DataView, columns: number, stream: number, rows: number): void {
  view.setUint8(0, MESSAGE_COLUMNS);
  view.setUint8(1, 0);
  view.setUint16(2, columns, true);
  view.setUint32(4, stream, true);
  view.setUint16(8, rows, true);
  view.setUint16(10, 0, true);
}

/** Undefined for a message that is no columns, or torn. */
export function readColumns(message: ArrayBuffer): ColumnMessage | undefined {
  const view = new DataView(message);
  if (message.byteLength < MESSAGE_BYTES || view.getUint8(0) !== MESSAGE_COLUMNS) return undefined;
  const count = view.getUint16(2, true);
  const rows = view.getUint16(8, true);
  const columns: Column[] = [];
  let at = MESSAGE_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + columnBytes(rows, 0) > message.byteLength) return undefined;
    const trades = view.getUint16(at + 34, true);
    const end = at + columnBytes(rows, trades);
    if (end > message.byteLength) return undefined;
    columns.push(readColumn(view, at, rows, trades));
    at = end;
  }
  return { stream: view.getUint32(4, true), rows, columns };
}

function readColumn(view: DataView, at: number, rows: number, trades: number): Column {
  const cells = new Uint16Array(view.buffer, at + COLUMN_BYTES, rows);
  const first = at + COLUMN_BYTES + rows * 2;
  return {
    atMs: view.getFloat64(at, true),
    number: view.getUint32(at + 8, true),
    baseRow: view.getInt32(at + 12, true),
    bid: view.getInt32(at + 16, true),
    ask: view.getInt32(at + 20, true),
    lowest: view.getInt32(at + 24, true),
    highest: view.getInt32(at + 28, true),
    trust: view.getUint8(at + 32),
    cells,
    trades: Array.from({ length: trades }, (_, i) => ({
      tick: view.getInt32(first + i * TRADE_BYTES, true),
      usdt: usdtOf(view.getUint16(first + i * TRADE_BYTES + 4, true)),
      side: view.getUint8(first + i * TRADE_BYTES + 6) === 0 ? 'buy' : 'sell',
    })),
  };
}
