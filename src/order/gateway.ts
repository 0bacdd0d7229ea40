// What can be requested of an exchange, and what does it report? The port between the stations and the edges that send.
//
// Nothing is awaited: a request is handed over, and its outcome comes back as an event.
// Every request has a deadline of the gateway's own, after which it answers `unknown`: it never stays silent (I-17).
import type { Ms } from '../lib/brand.ts';
import type { Slot } from '../market/units.ts';
import type { Fill, OrderReport, OutboundOrder, Path, PositionReport, StopPrice, WalletReport } from './words.ts';

/** Classes of failure-modes 11. An answer of no known class is ambiguous: the request may have been executed. */
export const REFUSAL_CLASSES = [
  'ok-noop',
  'ambiguous',
  'duplicate',
  'clock',
  'auth',
  'account',
  'funds',
  'gone',
  'flat-hint',
  'symbol-block',
  'limits',
  'price',
  'param',
] as const;
export type RefusalClass = (typeof REFUSAL_CLASSES)[number];

export type Answer =
  | { readonly outcome: 'accepted'; readonly orderId: string }
  | { readonly outcome: 'refused'; readonly class: RefusalClass; readonly code: number; readonly text: string }
  /** It may have happened, and it may not. */
  | { readonly outcome: 'unknown'; readonly reason: string }
  /** Its bytes never left: the path was down, or its lane was empty. */
  | { readonly outcome: 'not-sent'; readonly reason: string };

export type GatewayRequest = { readonly requestId: number; readonly path: Path } & (
  | { readonly kind: 'create'; readonly order: OutboundOrder }
  /** Never with the effect of cancelling a position's stop (O22). */
  | { readonly kind: 'cancel'; readonly symbol: string; readonly linkId: string }
  /** Sets the one full stop of the position in place. */
  | { readonly kind: 'set-stop'; readonly slot: Slot; readonly symbol: string; readonly stop: StopPrice }
  /** Open, closed and historic orders and executions of one link id, to the last page. */
  | { readonly kind: 'look-up'; readonly symbol: string; readonly linkId: string }
  | { readonly kind: 'read-position'; readonly symbol: string }
  /** Positions and open orders of all filters, to the last page; `deep` also the wallet and executions since then. */
  | { readonly kind: 'read-account'; readonly depth: 'light' }
  | { readonly kind: 'read-account'; readonly depth: 'deep'; readonly sinceMs: Ms }
  /** In hundredths, as a position's report tells it. */
  | { readonly kind: 'set-leverage'; readonly symbol: string; readonly leverage: number }
);

/** Everything that was requested, or why it could not be read: half a reading counts as none. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  /** `isKeyRefused`: the exchange refuses the API key. */
  | { readonly ok: false; readonly reason: string; readonly isKeyRefused?: boolean };

export interface LookUp {
  readonly orders: readonly OrderReport[];
  readonly fills: readonly Fill[];
}

export interface AccountReading {
  readonly positions: readonly PositionReport[];
  readonly openOrders: readonly OrderReport[];
  /** Only of a deep reading. */
  readonly fills: readonly Fill[] | undefined;
  readonly wallet: WalletReport | undefined;
}

export type GatewayEvent =
  | { readonly kind: 'answer'; readonly requestId: number; readonly path: Path; readonly answer: Answer }
  | {
      readonly kind: 'looked-up';
      readonly requestId: number;
      readonly path: Path;
      readonly linkId: string;
      readonly reading: Reading<LookUp>;
    }
  | {
      readonly kind: 'position-read';
      readonly requestId: number;
      readonly path: Path;
      readonly symbol: string;
      readonly reading: Reading<PositionReport>;
    }
  | {
      readonly kind: 'account-read';
      readonly requestId: number;
      readonly path: Path;
      readonly depth: 'light' | 'deep';
      readonly reading: Reading<AccountReading>;
    }
  /** Of a reading of the account, a page of positions, before the rest of it has come, or is lost: each is evidence by itself. */
  | { readonly kind: 'positions-seen'; readonly positions: readonly PositionReport[] }
  // Reports, without a request
  | { readonly kind: 'order'; readonly report: OrderReport }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'position'; readonly report: PositionReport }
  | { readonly kind: 'wallet'; readonly report: WalletReport }
  /** A path has come up or gone down; `private` is the stream of one's own orders and positions. */
  | { readonly kind: 'link'; readonly link: Path | 'private'; readonly up: boolean; readonly reason: string }
  /** The private stream is alive: any valid message, pongs included. */
  | { readonly kind: 'private-alive' }
  /** Server time minus ours, and how uncertain that is. */
  | { readonly kind: 'clock'; readonly offsetMs: number; readonly errorMs: number };

export interface OrderGateway {
  /** Hands a request over. Events go to the listener that the gateway was created with, never from within this call. */
  send(request: GatewayRequest): void;
  close(): Promise<void>;
}

export type OnGatewayEvent = (event: GatewayEvent) => void;
