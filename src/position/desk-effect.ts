// What does the desk want done? Values, in the order in which the edges must perform them.
import type { GatewayRequest } from '../order/gateway.ts';
import type { JournalRecord } from '../order/journal.ts';
import type { ExecutionRow, TradeRow } from './trade/result.ts';

export type Level = 'info' | 'warning' | 'error' | 'critical';

export type DeskEffect =
  | { readonly kind: 'request'; readonly request: GatewayRequest }
  /** `sync`: must be on disk before anything else, and is reported by `synced`. Others follow within 50 ms. */
  | { readonly kind: 'record'; readonly record: JournalRecord; readonly sync: boolean }
  /** What became of an offered signal: `undefined` where it became an order, else the gate's name or the reason. */
  | {
      readonly kind: 'verdict';
      readonly symbol: string;
      readonly signalId: string;
      readonly refusal: string | undefined;
      readonly detail: string;
    }
  /** Emitted when the trade opens, and again with its result. Of two rows of one `id`, the higher revision counts. */
  | { readonly kind: 'trade'; readonly row: TradeRow; readonly revision: number }
  | { readonly kind: 'execution'; readonly row: ExecutionRow }
  /** For log, `system_events` and, from `error` on, the alert hook. `name` is constant. */
  | {
      readonly kind: 'told';
      readonly level: Level;
      readonly name: string;
      readonly symbol: string | undefined;
      readonly fields: Readonly<Record<string, string | number | boolean>>;
    }
  | {
      readonly kind: 'command-answer';
      readonly id: string;
      readonly accepted: boolean;
      readonly text: string;
      /** Answered before: nothing follows from it a second time. */
      readonly isRepeat: boolean;
    }
  /** The exchange refused what its list of contracts allows: the list should be read again. */
  | { readonly kind: 'list-doubted' }
  /** The kill latch on disk: over restarts. */
  | { readonly kind: 'latch'; readonly killed: boolean }
  /** The drain is over: in-flight orders are resolved and every stop is confirmed, or what is left is named. */
  | { readonly kind: 'drained'; readonly left: readonly string[] };
