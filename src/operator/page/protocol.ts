// What do the page and the server say to each other? Of this folder the page imports only the files protocol*.ts.
//
// GET /, /page.js, /page.css, /icon.svg: src/web/page.html, page.ts and page.css (bundled with all they import), icon.svg. They
// hold no data and need no token.
//
// HTTP, same origin, JSON:
//   POST /api/login    {token} → SessionAnswer and a cookie. The token comes in the address's fragment (`/#token=…`),
//                      which no server and no log ever sees; the page takes it out of the address bar.
//   GET  /api/session  → SessionAnswer, or 401: the page asks for the token
//   POST /api/logout   needs every proof
//   POST /api/command  CommandRequest → CommandReply; needs every proof: cookie, Origin and the header PROOF_HEADER
// WebSocket /socket, subprotocol SUBPROTOCOL: it only shows, nothing can be changed over it.
//   JSON texts ToServer and ToPage; binary messages are columns of the heat map (protocol-columns.ts).

import type { Happened } from './protocol-events.ts';
import type { MarketView, NotWatched, SymbolsView, Watching, Zoom } from './protocol-market.ts';
import type { LatenciesView, SessionView, StatusView } from './protocol-status.ts';

export const PROTOCOL = 1;
export const SUBPROTOCOL = 'plotnost.1';
export const PROOF_HEADER = 'x-plotnost-proof';

export interface SessionAnswer {
  /** Goes into PROOF_HEADER. */
  readonly proof: string;
  /** False: the surface is read-only, buttons that change something are not shown. */
  readonly control: boolean;
}

export const COMMAND_KINDS = ['pause', 'resume', 'close', 'flatten', 'kill'] as const;

/** Judged by main, each id once. */
export interface CommandRequest {
  /** Made by the page, so that a repeated click is not done twice. */
  readonly id: string;
  readonly kind: (typeof COMMAND_KINDS)[number];
  /** Of `close` only. */
  readonly symbol?: string;
}

export interface CommandReply {
  readonly accepted: boolean;
  readonly text: string;
}

/** Any answer that is no success. */
export interface ErrorReply {
  readonly error: string;
}

// Page → server

export type ToServer =
  /** Heat map, ladder and densities of this symbol from now on, instead of the former one. */
  { readonly kind: 'watch'; readonly symbol: string; readonly zoom: Zoom } | { readonly kind: 'unwatch' };

// Server → page

/** First message of every socket. */
export interface Hello {
  readonly kind: 'hello';
  readonly protocol: number;
  readonly serverMs: number;
  readonly control: boolean;
  /** Undefined until main has spoken. */
  readonly session: SessionView | undefined;
}

export type ToPage = Hello | Watching | NotWatched | MarketView | SymbolsView | StatusView | LatenciesView | Happened;
