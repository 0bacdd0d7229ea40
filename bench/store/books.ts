// In which form is a stored book small, and is it still quick to write and to read?
import type pg from 'pg';
import { priceText, sizeText } from '../../src/market/instrument.ts';
import { packSide, type Levels } from '../../src/store/rows/packed-book.ts';
import { KEEP_DAYS } from '../../src/store/write/retention.ts';
import { median } from '../measure/processes.ts';
import { roomOf } from './insert.ts';
import { BOOK_DEPTH, BOOK_SYMBOLS, type Book } from './rows.ts';

/** Of the shipped configuration: `websocket.snapshot_interval`. [s] */
const INTERVAL_S = 300;
const DAY_S = 86_400;
export const BOOKS_A_DAY = (BOOK_SYMBOLS * DAY_S) / INTERVAL_S;
const KEPT_DAYS = KEEP_DAYS.orderbook_snapshots;

interface Format {
  readonly type: string;
  /** How a side is sent. */
  readonly encode: (levels: Levels, book: Book) => string;
  /** SQL that shows both sides of a row as `[["price", "size"], …]`. */
  readonly shown: string;
}

type Text = readonly [price: string, size: string];

const texts = (levels: Levels, { instrument }: Book): Text[] =>
  levels.map(([tick, lot]) => [priceText(tick, instrument), sizeText(lot, instrument)]);

const FORMATS: Readonly<Record<string, Format>> = {
  packed: {
    type: 'bytea',
    encode: (levels) => packSide(levels),
    shown: 'book_json(bids, price_step, size_step, false), book_json(asks, price_step, size_step, true)',
  },
  'jsonb of texts': {
    type: 'jsonb',
    encode: (levels, book) => JSON.stringify(texts(levels, book)),
    shown: 'bids, asks',
  },
  'jsonb of numbers': {
    type: 'jsonb',
    encode: (levels, book) => JSON.stringify(texts(levels, book).map((pair) => pair.map(Number))),
    shown: 'bids, asks',
  },
  'numeric array': {
    type: 'numeric[]',
    encode: (levels, book) =>
      `{${texts(levels, book)
        .map((pair) => `{${pair.join(',')}}`)
        .join(',')}}`,
    shown: 'to_jsonb(bids), to_jsonb(asks)',
  },
};

export interface BookRow extends Record<string, string | number> {
  readonly format: string;
  readonly 'bytes/row': number;
}

const BATCH = 40;

async function measureFormat(
  client: pg.Client,
  name: string,
  { type, encode, shown }: Format,
  books: readonly Book[],
  copies: number,
): Promise<BookRow> {
  const table = 'bench_books';
  await client.query(`CREATE TABLE ${table} (time timestamptz NOT NULL, session_id text NOT NULL, symbol text NOT NULL,
    bids ${type} NOT NULL, asks ${type} NOT NULL, price_step numeric, size_step numeric, total_bid_volume numeric,
    total_ask_volume numeric, mid_price numeric, update_id bigint, sequence bigint, PRIMARY KEY (symbol, time, session_id))`);
  let sent = 0;
  const started = performance.now();
  for (let copy = 0; copy < copies; copy++) {
    const batch = books.slice(0, BATCH);
    const sides = batch.map((book) => [encode(book.bids, book), encode(book.asks, book)] as const);
    sent += sides.reduce((sum, [bids, asks]) => sum + bids.length + asks.length, 0);
    await client.query(
      `INSERT INTO ${table} SELECT timestamptz '2026-11-25 12:00Z' + $1::int * interval '5 min', 'a-session', symbol,
         bids::${type}, asks::${type}, step, lot, 1029208.5, 880112.5, 29.3955, 9572605, 7961638724
       FROM unnest($2::text[], $3::text[], $4::text[], $5::numeric[], $6::numeric[]) AS of (symbol, bids, asks, step, lot)`,
      [
        copy,
        batch.map(({ instrument }) => instrument.symbol),
        sides.map(([bids]) => bids),
        sides.map(([, asks]) => asks),
        batch.map(({ instrument }) => priceText(1 as Parameters<typeof priceText>[0], instrument)),
        batch.map(({ instrument }) => sizeText(1 as Parameters<typeof sizeText>[0], instrument)),
      ],
    );
  }
  const count = copies * BATCH;
  const micros = ((performance.now() - started) * 1_000) / count;
  const room = await roomOf(client, table);
  const reads: number[] = [];
  for (const { instrument } of books.slice(0, BATCH)) {
    const asked = performance.now();
    await client.query(`SELECT ${shown} FROM ${table} WHERE symbol = $1 ORDER BY time DESC LIMIT 1`, [
      instrument.symbol,
    ]);
    reads.push(performance.now() - asked);
  }
  await client.query(`DROP TABLE ${table}`);
  const bytes = (room.tableBytes + room.indexBytes) / count;
  return {
    format: name,
    'bytes/row': Math.round(bytes),
    'MB/day': ((bytes * BOOKS_A_DAY) / 1e6).toFixed(1),
    [`GB/${KEPT_DAYS} days`]: ((bytes * BOOKS_A_DAY * KEPT_DAYS) / 1e9).toFixed(2),
    'sent bytes/row': Math.round(sent / count),
    'write µs/row': micros.toFixed(0),
    'read and show, ms': median(reads).toFixed(1),
  };
}

/** Forty books of 200 levels a side, `copies` times. */
export async function measureBooks(client: pg.Client, books: readonly Book[], copies: number): Promise<BookRow[]> {
  if (books.some(({ bids, asks }) => bids.length !== BOOK_DEPTH || asks.length !== BOOK_DEPTH))
    throw new Error(`a book has not ${BOOK_DEPTH} levels a side`);
  const found: BookRow[] = [];
  for (const [name, format] of Object.entries(FORMATS)) {
    found.push(await measureFormat(client, name, format, books, copies));
  }
  return found;
}
