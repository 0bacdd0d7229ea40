// Which rows of the failure catalogue can be made to happen, and how is it known that they did?
import { ACCOUNT_ROWS } from './rows-account.ts';
import { BOOK_ROWS } from './rows-book.ts';
import { ENGINE_ROWS } from './rows-engine.ts';
import { ORDER_ROWS } from './rows-order.ts';
import { POSITION_ROWS } from './rows-position.ts';
import type { RowOf } from './row.ts';

export const ROWS: Readonly<Record<string, RowOf>> = {
  ...BOOK_ROWS,
  ...ORDER_ROWS,
  ...POSITION_ROWS,
  ...ENGINE_ROWS,
  ...ACCOUNT_ROWS,
};
export const ROW_IDS: readonly string[] = Object.keys(ROWS);
