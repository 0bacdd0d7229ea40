// Which messages do main and the storage thread exchange?
import type pg from 'pg';
import type { Ms } from '../../lib/brand.ts';
import type { CoinParameters } from '../read/coin-parameters.ts';
import type { StoreErrorCode } from '../error.ts';
import type { LogLevel } from '../../lib/log.ts';
import type { Row } from '../rows/rows.ts';
import type { StoreSettings } from '../settings.ts';

/** So long is waited to hear whether the database is there: one whose tables are changed first may take hours. */
export const OPEN_MS_MAX = 3_000 as Ms;

export interface ThreadOptions {
  readonly connection: pg.ClientConfig;
  /** Spool and refused rows. */
  readonly spoolDir: string;
  readonly settings: StoreSettings;
  readonly seed: number;
  readonly counters: SharedArrayBuffer;
}

export type ToThread =
  /** One at a time; the next follows its `settled`. */
  | { readonly kind: 'batch'; readonly rows: readonly Row[] }
  /** Time is up: what is left goes to the spool. */
  | { readonly kind: 'hurry' }
  /** No batch follows: empty the spool if there is time, and end. */
  | { readonly kind: 'end' };

export type FromThread =
  /** After the first attempt at the database; with what only a person can mend. */
  | { readonly kind: 'opened'; readonly refusal?: { readonly code: StoreErrorCode; readonly message: string } }
  | { readonly kind: 'settled' }
  | { readonly kind: 'coin-parameters'; readonly parameters: ReadonlyMap<string, CoinParameters> }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly fields: object; readonly event: string }
  | { readonly kind: 'ended' };
